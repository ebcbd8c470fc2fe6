"""Codes, references, days and coverage of a claim."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from chart_rows import DAY, Row
from rule_case_kit import Case, Chart, at, billed, hit, near, unknown

AS_OF = date(2026, 6, 1)


def one(chart: Chart, code: str) -> None:
    chart.visit()
    chart.bill(billed(code))


def twice(chart: Chart, second: Row | None = None, first: Row | None = None, **line: Any) -> None:
    """The same line on two claims, sent a day apart, but for what is given."""
    chart.visit()
    chart.bill(billed("99214", mod1="25", mod2="95"), submitted_at=at(9), **(first or {}))
    later = {"submitted_at": at(9, on=DAY + timedelta(days=1)), **(second or {})}
    chart.bill(billed("99214", **{"mod1": "95", "mod2": "25", **line}), **later)


def revenue(chart: Chart, code: str, revenue_code: str | None, form: str | None) -> None:
    chart.visit()
    chart.bill(billed(code, rev_code=revenue_code), claim_type=form)


def corrected(chart: Chart, frequency: str | None, reference: str | None = None) -> None:
    chart.visit()
    chart.bill(billed("99214"), frequency=frequency, original_icn=reference)


def filed(chart: Chart, days: int, limit: str = "90", served: date = DAY, **claim: Any) -> None:
    """A claim sent some days after the service to a payer with a limit."""
    chart.policies(timely_days=limit)
    chart.visit(served)
    chart.bill(
        billed("99214", dos_from=served), submitted_at=at(9, on=served + timedelta(days=days)), **claim
    )


def unsent(chart: Chart, days_ago: int, limit: str = "90") -> None:
    """A draft of a service some days before the run."""
    chart.policies(timely_days=limit)
    served = AS_OF - timedelta(days=days_ago)
    chart.visit(served)
    chart.bill(billed("99214", dos_from=served), status="draft")


def medicare(chart: Chart, served: date, received: datetime) -> None:
    chart.coverage("medicare_b", "medicare_b")
    chart.visit(served)
    sent = {"submitted_at": at(9, on=served), "payer_received_at": received}
    chart.bill(billed("99214", dos_from=served), **sent)


def no_limit(chart: Chart) -> None:
    chart.coverage("a payer nobody knows")
    one(chart, "99214")


def covered(chart: Chart, start: date | None, end: date | None, **given: Any) -> None:
    chart.coverage(eff_from=start, eff_to=end, **given)
    one(chart, "99214")


def uncovered(chart: Chart) -> None:
    """A claim whose coverage was never delivered."""
    chart.visit()
    chart.bill(billed("99214"), coverage_id="nowhere")


def second_plan(chart: Chart, priority: int | None, first: int | None = 1, **claim: Any) -> None:
    """A claim to the patient's plan of a priority, beside another plan."""
    chart.coverage("cigna", coverage_id=f"cov-{chart.case_id}-other", priority=first)
    chart.coverage(priority=priority)
    chart.visit()
    chart.bill(billed("99214"), **claim)


CASES: list[Case] = [
    hit("code-valid-on-dos", "99354 after its end", lambda c: one(c, "99354")),
    near("code-valid-on-dos", "99214", lambda c: one(c, "99214")),
    unknown("code-valid-on-dos", "a code the reference does not hold", lambda c: one(c, "X9999")),
    hit("duplicate-claim", "the modifiers in another order", twice, "1000.00"),
    near("duplicate-claim", "another charge", lambda c: twice(c, charge=Decimal("1000.01"))),
    near("duplicate-claim", "another clinician", lambda c: twice(c, rendering_npi="3333333333")),
    near("duplicate-claim", "one modifier less", lambda c: twice(c, mod1=None)),
    near("duplicate-claim", "a replacement", lambda c: twice(c, {"frequency": "7"})),
    near("duplicate-claim", "the first was denied", lambda c: twice(c, first={"status": "denied"})),
    near("duplicate-claim", "the first was replaced", lambda c: twice(c, first={"status": "replaced"})),
    unknown("duplicate-claim", "no charge", lambda c: twice(c, charge=None)),
    hit("revenue-code-pair", "a drug under 0250", lambda c: revenue(c, "J3490", "0250", "837I")),
    hit("revenue-code-pair", "a drug under none", lambda c: revenue(c, "S0013", None, "837I")),
    hit("revenue-code-pair", "psychotherapy under 0510", lambda c: revenue(c, "90837", "0510", "837I")),
    hit("revenue-code-pair", "on an 837P", lambda c: revenue(c, "99214", "0510", "837P")),
    near("revenue-code-pair", "a drug under 636", lambda c: revenue(c, "J3490", "636", "837I")),
    near("revenue-code-pair", "psychotherapy under 0915", lambda c: revenue(c, "90837", "0915", "837I")),
    near("revenue-code-pair", "a visit under 0510", lambda c: revenue(c, "99214", "0510", "837I")),
    near("revenue-code-pair", "none on a form not known", lambda c: revenue(c, "J3490", None, None)),
    unknown("revenue-code-pair", "the form is not known", lambda c: revenue(c, "J3490", "0636", None)),
    hit("corrected-claim-ref", "empty", lambda c: corrected(c, "7")),
    hit("corrected-claim-ref", "blank", lambda c: corrected(c, "7", " ")),
    near("corrected-claim-ref", "a number", lambda c: corrected(c, "7", "ICN1")),
    near("corrected-claim-ref", "an original", lambda c: corrected(c, "1")),
    unknown("corrected-claim-ref", "the frequency is not known", lambda c: corrected(c, None)),
    hit("timely-filing", "a day late", lambda c: filed(c, 91)),
    hit("timely-filing", "never sent", lambda c: unsent(c, 91)),
    hit(
        "timely-filing",
        "Medicare, the day after the year",
        lambda c: medicare(c, date(2024, 3, 1), at(12, on=date(2025, 3, 2))),
    ),
    hit(
        "timely-filing",
        "Medicare, a leap day",
        lambda c: medicare(c, date(2024, 2, 29), at(12, on=date(2025, 3, 1))),
    ),
    near(
        "timely-filing",
        "Medicare, 366 days",
        lambda c: medicare(c, date(2023, 3, 1), at(12, on=date(2024, 3, 1))),
    ),
    near(
        "timely-filing",
        "Medicare, due on 28 February",
        lambda c: medicare(c, date(2024, 2, 29), at(12, on=date(2025, 2, 28))),
    ),
    near("timely-filing", "the last day", lambda c: filed(c, 90)),
    near(
        "timely-filing",
        "from the primary payer's answer",
        lambda c: filed(c, 91, primary_eob_on=DAY + timedelta(days=1)),
    ),
    near("timely-filing", "a replacement", lambda c: filed(c, 200, frequency="7", original_icn="ICN1")),
    near("timely-filing", "not sent, the last day", lambda c: unsent(c, 90)),
    unknown("timely-filing", "no policy of the payer", no_limit),
    hit("timely-filing-soon", "not sent on day 72 of 90", lambda c: unsent(c, 72)),
    near("timely-filing-soon", "not sent on day 71 of 90", lambda c: unsent(c, 71)),
    near("timely-filing-soon", "sent on day 89", lambda c: filed(c, 89)),
    unknown("timely-filing-soon", "no policy of the payer", no_limit),
    hit("eligibility-on-dos", "ended the day before", lambda c: covered(c, None, DAY - timedelta(days=1))),
    hit("eligibility-on-dos", "began the day after", lambda c: covered(c, DAY + timedelta(days=1), None)),
    near("eligibility-on-dos", "its only day", lambda c: covered(c, DAY, DAY)),
    unknown("eligibility-on-dos", "the coverage was never delivered", uncovered),
    hit("coverage-order", "the second plan first", lambda c: second_plan(c, 2)),
    near("coverage-order", "the first plan", lambda c: second_plan(c, 1, 2)),
    near("coverage-order", "with the first payer's answer", lambda c: second_plan(c, 2, primary_eob_on=DAY)),
    unknown("coverage-order", "no order", lambda c: second_plan(c, 2, None)),
]
