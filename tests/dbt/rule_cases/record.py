"""The record behind a line."""

from datetime import datetime, timedelta
from typing import Any

from rule_case_kit import Case, Chart, at, billed, hit, near, unknown

SENT = at(18)
DAY_ONLY = at(0)  # how a report is read that tells the day a claim went out, not the hour


def written(
    chart: Chart,
    signed: datetime | None,
    amended: datetime | None = None,
    sent: datetime | None = SENT,
    **claim: Any,
) -> None:
    """A visit signed and amended then, billed at six in the evening."""
    chart.visit(signed_at=signed, amended_at=amended)
    chart.bill(billed("99214"), submitted_at=sent, **claim)


def corrected(chart: Chart) -> None:
    """Amended after the first claim, and replaced after that."""
    chart.visit(signed_at=at(10), amended_at=at(19))
    chart.bill(billed("99214"), submitted_at=SENT, status="replaced")
    chart.bill(billed("99214"), submitted_at=at(20), frequency="7")


CASES: list[Case] = [
    hit("late-entry-integrity", "amended a minute later", lambda c: written(c, at(10), at(18, 1))),
    hit("late-entry-integrity", "signed a minute later", lambda c: written(c, at(18, 1))),
    hit(
        "late-entry-integrity",
        "amended the day after, the hour it went out not told",
        lambda c: written(c, at(10) - timedelta(days=1), at(0) + timedelta(days=1), DAY_ONLY),
    ),
    near(
        "late-entry-integrity",
        "signed the day before, the hour it went out not told",
        lambda c: written(c, at(23, 59) - timedelta(days=1), sent=DAY_ONLY),
    ),
    near("late-entry-integrity", "amended as it went out", lambda c: written(c, at(10), SENT)),
    near("late-entry-integrity", "not yet sent", lambda c: written(c, at(19), sent=None, status="draft")),
    near("late-entry-integrity", "the corrected claim went out after it", corrected),
    unknown("late-entry-integrity", "not said when it went out", lambda c: written(c, at(10), sent=None)),
    unknown(
        "late-entry-integrity",
        "signed that day, the hour it went out not told",
        lambda c: written(c, at(10), sent=DAY_ONLY),
    ),
    unknown("late-entry-integrity", "not signed", lambda c: written(c, None)),
]
