"""Modifiers and what they separate."""

from datetime import date
from typing import Any

from chart_rows import Row
from rule_case_kit import Case, Chart, billed, hit, near, unknown


def infusion_and_visit(chart: Chart, **visit: Any) -> None:
    chart.visit()
    chart.bill(billed("96365"), billed("99214", **visit))


def visit_of_nobody(chart: Chart) -> None:
    chart.visit()
    chart.bill(billed("96365"), billed("99214"), rendering_npi=None)


def modified(chart: Chart, code: str, *mods: str) -> None:
    chart.visit()
    chart.bill(billed(code, **{f"mod{number}": mod for number, mod in enumerate(mods, start=1)}))


def pair(chart: Chart, on: date, second: Row, **first: Any) -> None:
    """96365 and the second code of a pair on one day."""
    chart.visit(on)
    chart.bill(billed("96365", dos_from=on, **first), {**second, "dos_from": on})


def counted(chart: Chart, on: date, *units: str | None, lob: str | None = "ma", code: str = "96127") -> None:
    """Lines of a code on one day, of a payer that follows NCCI."""
    chart.coverage("ma_any", lob)
    chart.visit(on)
    chart.bill(*(billed(code, number, dos_from=on) for number in units))


def pair_of_nobody(chart: Chart, on: date) -> None:
    chart.visit(on)
    chart.bill(billed("96365", dos_from=on), billed("96372", dos_from=on), rendering_npi=None)


LOADED, OTHER = date(2024, 8, 20), date(2024, 10, 1)  # in the quarter of the tables, and a day after it
INJECTION = billed("96372")
OTHER_CLINICIAN = billed("96372", rendering_npi="3333333333")

CASES: list[Case] = [
    hit("em-same-day-needs-25", "an infusion and a bare visit", infusion_and_visit),
    near("em-same-day-needs-25", "the same with 25", lambda c: infusion_and_visit(c, mod1="25")),
    near(
        "em-same-day-needs-25",
        "of another clinician",
        lambda c: infusion_and_visit(c, rendering_npi="3333333333"),
    ),
    unknown("em-same-day-needs-25", "no clinician on either", visit_of_nobody),
    hit("mod-valid-combo", "25 on an infusion", lambda c: modified(c, "96365", "25")),
    hit("mod-valid-combo", "twice the same", lambda c: modified(c, "99214", "25", "25")),
    hit("mod-valid-combo", "59 beside XE", lambda c: modified(c, "96372", "59", "XE")),
    hit("mod-valid-combo", "26 on an infusion", lambda c: modified(c, "96365", "26")),
    near("mod-valid-combo", "25 on a visit", lambda c: modified(c, "99214", "25")),
    near("mod-valid-combo", "59 on an injection", lambda c: modified(c, "96372", "59")),
    unknown(
        "mod-valid-combo", "a modifier the reference does not hold", lambda c: modified(c, "99214", "Q9")
    ),
    hit("ptp-edit", "an injection beside an infusion", lambda c: pair(c, LOADED, INJECTION)),
    hit("ptp-edit", "no modifier parts 99211", lambda c: pair(c, LOADED, billed("99211", mod1="25"))),
    near("ptp-edit", "set apart by 59", lambda c: pair(c, LOADED, billed("96372", mod1="59"))),
    near("ptp-edit", "set apart on the first code", lambda c: pair(c, LOADED, INJECTION, mod1="XS")),
    near("ptp-edit", "of another clinician", lambda c: pair(c, LOADED, OTHER_CLINICIAN)),
    near("ptp-edit", "a day after the quarter", lambda c: pair(c, OTHER, INJECTION)),
    unknown("ptp-edit", "no clinician", lambda c: pair_of_nobody(c, LOADED)),
    hit("ptp-edit-stale", "a day after the quarter", lambda c: pair(c, OTHER, INJECTION)),
    near("ptp-edit-stale", "within the quarter", lambda c: pair(c, LOADED, INJECTION)),
    unknown("ptp-edit-stale", "no clinician", lambda c: pair_of_nobody(c, OTHER)),
    hit("mue-limit", "four units over two lines", lambda c: counted(c, LOADED, "2", "2")),
    near("mue-limit", "three units over two lines", lambda c: counted(c, LOADED, "2", "1")),
    near("mue-limit", "a commercial plan", lambda c: counted(c, LOADED, "4", lob="commercial")),
    unknown("mue-limit", "a line without units", lambda c: counted(c, LOADED, "2", None)),
    unknown("mue-limit", "the line of business is not known", lambda c: counted(c, LOADED, "4", lob=None)),
    hit("mue-limit-stale", "four units a day after the quarter", lambda c: counted(c, OTHER, "4")),
    near("mue-limit-stale", "three units", lambda c: counted(c, OTHER, "3")),
    unknown("mue-limit-stale", "no units", lambda c: counted(c, OTHER, None)),
]
