"""Codes and form of a claim."""

from rule_case_kit import Case, Chart, billed, hit, near, unknown


def one(chart: Chart, code: str) -> None:
    chart.visit()
    chart.bill(billed(code))


CASES: list[Case] = [
    hit("code-valid-on-dos", "99354 after its end", lambda c: one(c, "99354")),
    near("code-valid-on-dos", "99214", lambda c: one(c, "99214")),
    unknown("code-valid-on-dos", "a code the reference does not hold", lambda c: one(c, "X9999")),
]
