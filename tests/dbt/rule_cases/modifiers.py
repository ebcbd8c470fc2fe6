"""Modifiers and what they separate."""

from typing import Any

from rule_case_kit import Case, Chart, billed, hit, near, unknown


def infusion_and_visit(chart: Chart, **visit: Any) -> None:
    chart.visit()
    chart.bill(billed("96365"), billed("99214", **visit))


def visit_of_nobody(chart: Chart) -> None:
    chart.visit()
    chart.bill(billed("96365"), billed("99214"), rendering_npi=None)


CASES: list[Case] = [
    hit("em-same-day-needs-25", "an infusion and a bare visit", infusion_and_visit),
    near("em-same-day-needs-25", "the same with 25", lambda c: infusion_and_visit(c, mod1="25")),
    near(
        "em-same-day-needs-25",
        "of another clinician",
        lambda c: infusion_and_visit(c, rendering_npi="3333333333"),
    ),
    unknown("em-same-day-needs-25", "no clinician on either", visit_of_nobody),
]
