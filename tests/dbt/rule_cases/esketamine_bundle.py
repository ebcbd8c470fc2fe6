"""The bundled session codes G2082 and G2083."""

from typing import Any

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
]
