"""REMS and observation."""

from datetime import datetime

from rule_case_kit import Case, Chart, at, hit, near, unknown


def observed(chart: Chart, discharged_at: datetime | None) -> None:
    """The last device at ten past nine."""
    chart.session("56", discharged_at=discharged_at)


CASES: list[Case] = [
    hit("monitoring-two-hours", "119 minutes", lambda c: observed(c, at(11, 9))),
    near("monitoring-two-hours", "120 minutes", lambda c: observed(c, at(11, 10))),
    unknown("monitoring-two-hours", "no discharge", lambda c: observed(c, None)),
]
