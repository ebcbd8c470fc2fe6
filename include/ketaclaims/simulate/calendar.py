"""The simulated span of time."""

from dataclasses import dataclass
from datetime import UTC, date, datetime


@dataclass(frozen=True)
class Calendar:
    """The simulated span: services from ``start`` to before ``end``; exports close each month."""

    start: date
    months: int

    def month_start(self, index: int) -> date:
        """First day of the month ``index`` months after ``start``'s month."""
        number = self.start.month - 1 + index
        return date(self.start.year + number // 12, number % 12 + 1, 1)

    @property
    def end(self) -> date:
        """The first day after the span."""
        return self.month_start(self.months)

    def export_at(self, index: int) -> datetime:
        """When the export of the month with that index was written (UTC)."""
        day = self.month_start(index + 1)
        return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)

    def holds(self, day: date) -> bool:
        """Whether services of that day are simulated."""
        return self.start <= day < self.end
