"""Sessions and lines as money: billed, verified, promised, priced, paid, appealed."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from chart_rows import DAY
from money_rows import Claim, Line, Payment
from rule_case_kit import Case, Chart, at, billed, hit, near, unknown

AS_OF = date(2026, 6, 1)


def unbilled(chart: Chart, days_ago: int = 8, status: str = "completed") -> None:
    """A session of a covered patient some days before the run."""
    chart.coverage()
    chart.session("56", AS_OF - timedelta(days=days_ago), status=status)


def sold(chart: Chart, kind: str, **given: Any) -> None:
    """An unbilled session, and a movement of a package."""
    unbilled(chart)
    sale = {"sale_id": chart.case_id, "patient_id": chart.case_id, "kind": kind, "sold_on": date(2026, 5, 1)}
    chart.add("cash_sale", {**sale, **given})


def billed_session(chart: Chart, **given: Any) -> None:
    chart.session("56", AS_OF - timedelta(days=8))
    chart.bill(billed("J0013", "56", dos_from=AS_OF - timedelta(days=8), **given))


def unbilled_beside_billed(chart: Chart) -> None:
    """Two billed sessions of 900 and 1100, and one nobody billed."""
    for number, charge in enumerate(("900.00", "1100.00")):
        day = AS_OF - timedelta(days=30 + number)
        chart.session("56", day)
        chart.bill(billed("J0013", "56", dos_from=day, charge=Decimal(charge)))
    chart.session("56", AS_OF - timedelta(days=8))


def no_coverages(chart: Chart) -> None:
    chart.own_clinic()
    chart.session("56", AS_OF - timedelta(days=8))


def self_pay(
    chart: Chart, *, booked: date | None, estimate: date | None = None, lob: str = "self_pay"
) -> None:
    """A session paid by the patient; DAY is a Tuesday."""
    chart.coverage("self_pay" if lob == "self_pay" else "aetna", lob)
    chart.session("56", visit={"scheduled_at": at(9, on=booked) if booked else None})
    chart.add("notice", {"type": "GFE", "signed_on": estimate or date(2026, 12, 31)})


def undelivered_notices(chart: Chart) -> None:
    chart.own_clinic()
    chart.coverage("self_pay", "self_pay")
    chart.session("56", visit={"scheduled_at": at(9, on=date(2026, 3, 1))})


def checked(chart: Chart, days_before: int, payer: str = "aetna", **given: Any) -> None:
    """A session and one verification of benefits some days before it."""
    chart.coverage()
    chart.session("56")
    check = {"check_id": chart.case_id, "patient_id": chart.case_id, "payer_id": payer, "plan_active": True}
    verified = {"verified_on": DAY - timedelta(days=days_before), "network_status": "in_network"}
    chart.add("benefit_check", {**check, **verified, **given})


def undelivered_checks(chart: Chart) -> None:
    chart.own_clinic()
    chart.coverage()
    chart.session("56")


def unknown_payers_policy(chart: Chart) -> None:
    chart.coverage("a payer nobody knows")
    chart.session("56")
    check = {"check_id": chart.case_id, "patient_id": chart.case_id, "payer_id": "a payer nobody knows"}
    chart.add("benefit_check", {**check, "verified_on": DAY, "network_status": "in_network"})


def superbill(chart: Chart, **given: Any) -> None:
    """A session with a superbill that holds everything but what is given."""
    chart.coverage()
    number = chart.session("56")
    row = {
        "superbill_id": chart.case_id,
        "patient_id": chart.case_id,
        "encounter_id": number,
        "given_on": DAY,
        "service_on": DAY,
        "billing_npi": "1111111111",
        "rendering_npi": "2222222222",
        "tax_id": "12-3456789",
        "pos": "11",
        "dx": "F33.2",
        "codes": "J0013;99214",
        "charge": Decimal("900.00"),
        "paid": Decimal("900.00"),
    }
    chart.add("superbill", {**row, **given})


def out_of_network(chart: Chart, *, own_clinic: bool = False, is_billed: bool = False) -> None:
    """A session under a plan that is out of network, without a superbill."""
    if own_clinic:
        chart.own_clinic()
    checked(chart, 1, network_status="out_of_network")
    if is_billed:
        chart.bill(billed("J0013", "56"))


def priced(chart: Chart, charge: str | None, allowed: str | None = "500.00") -> None:
    """Two units of a code with a price, charged as given."""
    fee = {"payer_id": "aetna", "code": "99999", "eff_from": date(2020, 1, 1), "charge": Decimal("600.00")}
    chart.own_clinic()
    amount = None if allowed is None else Decimal(allowed)
    chart.add("fee_schedule", {**fee, "allowed": amount})
    chart.visit()
    chart.bill(billed("99999", "2", charge=None if charge is None else Decimal(charge)))


def unpriced(chart: Chart) -> None:
    chart.own_clinic()
    chart.visit()
    chart.bill(billed("99999", "2"))


def paid(
    chart: Chart, allowed: str, carc: str = "45", price: str | None = "500.00", on: date = DAY, **given: Any
) -> None:
    """A line of 1000 USD for two units, answered by the payer: allowed, the rest adjusted."""
    if price:
        fee = {"payer_id": chart.case_id, "code": "99999", "eff_from": date(2020, 1, 1)}
        chart.add("fee_schedule", {**fee, "allowed": Decimal(price)})
    chart.policies(appeal_days="180")
    chart.visit()
    number = chart.bill(billed("99999", "2", charge=Decimal("1000.00")), **given)
    adjusted = str(Decimal("1000.00") - Decimal(allowed))
    adjustments = [("CO", carc, adjusted)] if Decimal(adjusted) else []
    answer = Line("99999", "1000.00", allowed, adjustments, service_date=DAY)
    chart.answer(
        Payment(
            chart.case_id, on, [Claim(f"PCN-{number}", "1000.00", allowed, [answer])], payee_npi="1111111111"
        )
    )


def unknown_units(chart: Chart) -> None:
    """A paid line of which the clinic does not say how many units."""
    fee = {"payer_id": "aetna", "code": "99999", "eff_from": date(2020, 1, 1), "allowed": Decimal("500.00")}
    chart.add("fee_schedule", fee)
    chart.visit()
    chart.bill(billed("99999", None, charge=Decimal("1000.00")))
    answer = Line("99999", "1000.00", "1000.00", service_date=DAY)
    claim = Claim(f"PCN-{chart.case_id}", "1000.00", "1000.00", [answer])
    chart.answer(Payment(chart.case_id, DAY, [claim], payee_npi="1111111111"))


def denied(chart: Chart, days_ago: int, appealed: bool = False) -> None:
    paid(chart, "0.00", "197", on=AS_OF - timedelta(days=days_ago))
    if appealed:
        sent = {"appeal_id": chart.case_id, "claim_id": chart.case_id, "level": 1, "outcome": "pending"}
        chart.add("appeal", {**sent, "sent_on": AS_OF - timedelta(days=1)})


def denied_without_limit(chart: Chart) -> None:
    chart.coverage("a payer nobody knows")
    chart.visit()
    chart.bill(billed("99999", "2"))
    answer = Line("99999", "1000.00", "0.00", [("CO", "197", "1000.00")], service_date=DAY)
    claim = Claim(f"PCN-{chart.case_id}", "1000.00", "0.00", [answer])
    chart.answer(Payment(chart.case_id, DAY, [claim], payee_npi="1111111111"))


CASES: list[Case] = [
    hit("charge-vs-fee-schedule", "a cent below", lambda c: priced(c, "999.99"), "0.01"),
    near("charge-vs-fee-schedule", "as the contract", lambda c: priced(c, "1000.00")),
    unknown("charge-vs-fee-schedule", "no charge", lambda c: priced(c, None)),
    unknown("charge-vs-fee-schedule", "no fee schedule", unpriced),
    hit("charge-far-above-fee-schedule", "a dollar above five times", lambda c: priced(c, "5001.00")),
    near("charge-far-above-fee-schedule", "five times", lambda c: priced(c, "5000.00")),
    unknown("charge-far-above-fee-schedule", "no charge", lambda c: priced(c, None)),
    hit("fee-schedule-priced", "a charge but no contract price", lambda c: priced(c, "1000.00", None)),
    near("fee-schedule-priced", "a price", lambda c: priced(c, "1000.00")),
    unknown("fee-schedule-priced", "no fee schedule", unpriced),
    hit("underpayment", "10.01 below", lambda c: paid(c, "989.99"), "10.01"),
    near("underpayment", "one per cent below", lambda c: paid(c, "990.00")),
    near("underpayment", "denied", lambda c: paid(c, "0.00", "197")),
    hit("underpayment", "5.01 below a small price", lambda c: paid(c, "194.99", price="100.00"), "5.01"),
    near("underpayment", "5 below a small price", lambda c: paid(c, "195.00", price="100.00")),
    unknown("underpayment", "the price names no units", lambda c: unknown_units(c)),
    hit("appeal-window", "14 days left", lambda c: denied(c, 166)),
    near("appeal-window", "15 days left", lambda c: denied(c, 165)),
    near("appeal-window", "appealed", lambda c: denied(c, 166, appealed=True)),
    unknown("appeal-window", "no policy of the payer", denied_without_limit),
    hit("appeal-window-closed", "a day too late", lambda c: denied(c, 181)),
    near("appeal-window-closed", "the last day", lambda c: denied(c, 180)),
    unknown("appeal-window-closed", "no policy of the payer", denied_without_limit),
    hit("charge-capture", "no line after 8 days", unbilled),
    hit("charge-capture", "the money of its billed sessions", unbilled_beside_billed, "1000.00"),
    near("charge-capture", "no line on the seventh day", lambda c: unbilled(c, 7)),
    near("charge-capture", "not completed", lambda c: unbilled(c, status="stopped")),
    near("charge-capture", "a line", billed_session),
    near("charge-capture", "a line that names no encounter", lambda c: billed_session(c, encounter_id=None)),
    near("charge-capture", "a package", lambda c: sold(c, "package_sold", sessions=6)),
    near("charge-capture", "a superbill", lambda c: superbill(c)),
    hit("charge-capture", "a package sold later", lambda c: sold(c, "package_sold", sold_on=AS_OF)),
    unknown("charge-capture", "coverages never delivered", no_coverages),
    hit(
        "self-pay-good-faith",
        "booked on Thursday for Tuesday",
        lambda c: self_pay(c, booked=date(2026, 3, 5)),
    ),
    near(
        "self-pay-good-faith", "booked on Friday for Tuesday", lambda c: self_pay(c, booked=date(2026, 3, 6))
    ),
    near(
        "self-pay-good-faith",
        "an estimate of the day",
        lambda c: self_pay(c, booked=date(2026, 3, 1), estimate=DAY),
    ),
    near(
        "self-pay-good-faith", "a plan pays", lambda c: self_pay(c, booked=date(2026, 3, 1), lob="commercial")
    ),
    unknown("self-pay-good-faith", "not known when it was booked", lambda c: self_pay(c, booked=None)),
    unknown("self-pay-good-faith", "notices never delivered", undelivered_notices),
    hit("benefits-verified", "31 days before", lambda c: checked(c, 31)),
    near("benefits-verified", "30 days before", lambda c: checked(c, 30)),
    unknown("benefits-verified", "never delivered", undelivered_checks),
    unknown("benefits-verified", "no policy of the payer", unknown_payers_policy),
    hit("benefits-never-verified", "only after the session", lambda c: checked(c, -1)),
    hit("benefits-never-verified", "with another payer", lambda c: checked(c, 1, "cigna")),
    near("benefits-never-verified", "on the day", lambda c: checked(c, 0)),
    unknown("benefits-never-verified", "never delivered", undelivered_checks),
    hit("network-status-known", "left open", lambda c: checked(c, 1, network_status=None)),
    hit("network-status-known", "unknown", lambda c: checked(c, 1, network_status="unknown")),
    near("network-status-known", "in network", lambda c: checked(c, 1)),
    unknown("network-status-known", "never delivered", undelivered_checks),
    hit("superbill-complete", "no tax id", lambda c: superbill(c, tax_id=None)),
    hit("superbill-complete", "no diagnosis", lambda c: superbill(c, dx=None)),
    hit("superbill-complete", "none, out of network and not billed", out_of_network),
    near("superbill-complete", "everything", superbill),
    near("superbill-complete", "out of network and billed", lambda c: out_of_network(c, is_billed=True)),
    unknown("superbill-complete", "superbills never delivered", lambda c: out_of_network(c, own_clinic=True)),
]
