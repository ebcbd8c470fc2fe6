"""Diagnoses."""

from rule_case_kit import Case, Chart, billed, hit, near, unknown


def diagnosed(chart: Chart, *codes: str) -> None:
    chart.visit()
    chart.bill(billed("99214"), **{f"dx{number}": code for number, code in enumerate(codes, start=1)})


CASES: list[Case] = [
    hit("dx-valid-on-dos", "F33.89 does not exist", lambda c: diagnosed(c, "F33.89")),
    near("dx-valid-on-dos", "F33.8", lambda c: diagnosed(c, "F33.8")),
    unknown(
        "dx-valid-on-dos", "a code the reference does not hold", lambda c: diagnosed(c, "F33.2", "Z00.00")
    ),
]
