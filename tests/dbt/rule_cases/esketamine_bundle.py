"""The bundled session codes G2082 and G2083."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from chart_rows import encounter
from rule_case_kit import Case, Chart, billed, hit, near, unknown


def bundle(
    chart: Chart,
    code: str = "G2082",
    dose: str | None = "56",
    units: str | None = "1",
    lob: str = "medicare_b",
    **given: Any,
) -> None:
    """A session billed with the bundled code to a payer that bundles."""
    chart.coverage("medicare_b" if lob == "medicare_b" else "ma_any", lob)
    chart.session(dose)
    chart.bill(billed(code, units, **given))


def visit_beside(chart: Chart, lob: str | None = "medicare_b", **given: Any) -> None:
    """A bundled session and a visit on the same day."""
    chart.coverage("medicare_b", lob)
    chart.session("56")
    chart.bill(billed("G2082"), billed("99214", **given))


def seen_before(chart: Chart, on: date, lob: str = "medicare_b", **visit: Any) -> None:
    """A bundled session, and a visit before it."""
    chart.coverage("medicare_b", lob)
    chart.visit(on, **visit)
    chart.session("56")
    chart.bill(billed("G2082"))


def first_contact(chart: Chart, *, history_starts: date) -> None:
    """A session of a patient never seen, in a clinic whose history starts on a day."""
    chart.own_clinic()
    chart.add(
        "encounter",
        encounter(f"{chart.case_id}.other", "somebody else", history_starts, clinic_id=chart.clinic_id),
    )
    bundle(chart)


def same_group(chart: Chart, specialty: str) -> None:
    """A visit with another clinician of the group."""
    chart.coverage("medicare_b", "medicare_b")
    chart.visit(date(2026, 1, 5), rendering_npi="3333333333", group_id="g1", specialty=specialty)
    chart.session("56", visit={"group_id": "g1", "specialty": "psychiatry"})
    chart.bill(billed("G2082"))


def drug_beside(chart: Chart, charge: str, lob: str = "medicare_b") -> None:
    """A bundled session and a drug line."""
    chart.coverage("medicare_b", lob)
    chart.session("56")
    chart.bill(billed("G2082"), billed("J0013", "56", charge=Decimal(charge)))


def drug_alone(chart: Chart, **given: Any) -> None:
    chart.coverage("medicare_b", "medicare_b")
    chart.session("56")
    chart.bill(billed("J0013", "56", **given))


def supplied(chart: Chart, *kinds: str | None) -> None:
    """Each device of the session, and where it came from."""
    chart.coverage("medicare_b", "medicare_b")
    number = chart.visit()
    for kind in kinds:
        chart.give(number, "28", acquisition=kind)
    chart.bill(billed("G2082"))


def model(chart: Chart, policy: str, code: str) -> None:
    chart.policies(esketamine_model=policy)
    chart.session("56")
    chart.bill(billed(code, "1" if code.startswith("G") else "56"))


def unknown_model(chart: Chart) -> None:
    chart.coverage("a payer nobody knows")
    chart.session("56")
    chart.bill(billed("J0013", "56"))


THREE_YEARS = date(2023, 3, 10)  # before DAY

CASES: list[Case] = [
    hit("gcode-dose-band", "G2082 for 84 mg", lambda c: bundle(c, dose="84")),
    hit("gcode-dose-band", "G2082 for a hair above 56 mg", lambda c: bundle(c, dose="56.001")),
    near("gcode-dose-band", "G2082 for 56 mg", bundle),
    unknown("gcode-dose-band", "the dose is not charted", lambda c: bundle(c, dose=None)),
    hit("gcode-one-unit", "two units", lambda c: bundle(c, units="2")),
    near("gcode-one-unit", "one unit", bundle),
    unknown("gcode-one-unit", "no units", lambda c: bundle(c, units=None)),
    hit("gcode-no-em-same-day", "a visit of the same clinician", visit_beside),
    hit(
        "gcode-no-em-same-day",
        "modifier 25 does not save it under Medicare",
        lambda c: visit_beside(c, mod1="25"),
    ),
    near(
        "gcode-no-em-same-day",
        "a visit of another clinician",
        lambda c: visit_beside(c, rendering_npi="3333333333"),
    ),
    near("gcode-no-em-same-day", "a commercial plan", lambda c: visit_beside(c, lob="commercial")),
    unknown("gcode-no-em-same-day", "the line of business is not known", lambda c: visit_beside(c, lob=None)),
    hit(
        "gcode-established-only",
        "never seen, the history reaches just far enough",
        lambda c: first_contact(c, history_starts=THREE_YEARS),
    ),
    near(
        "gcode-established-only",
        "seen on the very day three years ago",
        lambda c: seen_before(c, THREE_YEARS),
    ),
    near(
        "gcode-established-only",
        "seen by another clinician of group and specialty",
        lambda c: same_group(c, "psychiatry"),
    ),
    unknown(
        "gcode-established-only",
        "never seen, the history is a day short",
        lambda c: first_contact(c, history_starts=THREE_YEARS + timedelta(days=1)),
    ),
    unknown(
        "gcode-established-only",
        "seen by a clinician whose group is not known",
        lambda c: seen_before(c, date(2026, 1, 5), rendering_npi="3333333333"),
    ),
    hit("gcode-no-drug-line", "a charged drug line", lambda c: drug_beside(c, "700.00", "ma")),
    near("gcode-no-drug-line", "a token charge", lambda c: drug_beside(c, "0.01")),
    near("gcode-no-drug-line", "a commercial plan", lambda c: drug_beside(c, "700.00", "commercial")),
    unknown("gcode-no-drug-line", "no date of service", lambda c: drug_alone(c, dos_from=None)),
    hit(
        "gcode-drug-supplied-by-clinic",
        "one device from the pharmacy",
        lambda c: supplied(c, "buy_and_bill", "specialty_pharmacy"),
    ),
    near(
        "gcode-drug-supplied-by-clinic", "both bought", lambda c: supplied(c, "buy_and_bill", "buy_and_bill")
    ),
    unknown(
        "gcode-drug-supplied-by-clinic", "one of unknown origin", lambda c: supplied(c, "buy_and_bill", None)
    ),
    hit("payer-billing-model", "J0013 to Medicare Part B", drug_alone),
    hit(
        "payer-billing-model",
        "G2082 to a payer that takes the drug",
        lambda c: model(c, "jcode_plus_em", "G2082"),
    ),
    hit(
        "payer-billing-model",
        "J0013 where the pharmacy supplies",
        lambda c: model(c, "pharmacy_plus_em", "J0013"),
    ),
    near("payer-billing-model", "G2082 to a payer that bundles", lambda c: model(c, "gcode", "G2082")),
    unknown("payer-billing-model", "no policy of this payer", unknown_model),
]
