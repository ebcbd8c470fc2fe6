"""Who is busy when: nobody works in two places at once."""

from collections.abc import Sequence
from datetime import date

from ketaclaims.simulate.model import Clinic

STEP = 5


def first_free(busy: Sequence[tuple[int, int]], earliest: int, minutes: int) -> int:
    """The first minute of the day from ``earliest`` on that leaves room for that many minutes."""
    start = earliest
    for begin, end in sorted(busy):
        if begin >= start + minutes:
            break
        start = max(start, end)
    return start


def book(clinic: Clinic, npi: str, day: date, earliest: int, minutes: int) -> int:
    """Take that many minutes of somebody's day, from ``earliest`` on or as soon as they are free."""
    busy = clinic.diary[npi, day]
    start = first_free(busy, earliest, minutes)
    busy.append((start, start + minutes))
    return start


def book_any(clinic: Clinic, roster: Sequence[str], day: date, start: int, minutes: int) -> str | None:
    """Take exactly those minutes of whoever of the roster is free then, None when nobody is."""
    for npi in roster:
        busy = clinic.diary[npi, day]
        if first_free(busy, start, minutes) == start:
            busy.append((start, start + minutes))
            return npi
    return None
