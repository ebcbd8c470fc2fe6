"""Dates and times as reports write them, to ISO text. A value that two listed forms read differently is
ambiguous and not taken: the profile has to say which form the report uses.

Tokens of a form: YYYY YY MM DD Mon HH (24 h) hh (12 h) mm ss A (AM/PM); MM, DD, HH and hh take one digit too.
``EXCEL`` is the day number of a spreadsheet of the 1900 system. ISO forms are always taken.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ketaclaims.ehr.bad_text import BadTextError, Convert

EXCEL = "EXCEL"
ISO = "ISO"
_TOKENS = {
    "YYYY": r"(?P<year>\d{4})",
    "YY": r"(?P<short_year>\d{2})",
    "Mon": r"(?P<month_name>[A-Za-z]{3})",
    "MM": r"(?P<month>\d{1,2})",
    "DD": r"(?P<day>\d{1,2})",
    "HH": r"(?P<hour>\d{1,2})",
    "hh": r"(?P<half_hour>\d{1,2})",
    "mm": r"(?P<minute>\d{2})",
    "ss": r"(?P<second>\d{2})",
    "A": r"(?P<half>[AaPp])\.?[Mm]\.?",
}
_TOKEN = re.compile("YYYY|YY|Mon|MM|DD|HH|hh|mm|ss|A")
_MONTHS = {
    name: at
    for at, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1)  # noqa: SIM905
}
_ISO_DATE = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})")
_ISO_TIME = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})[T ](?P<hour>\d{2}):(?P<minute>\d{2})"
    r"(?::(?P<second>\d{2})(?:\.\d{1,6})?)?(?P<offset>Z|[+-](?:0\d|1[0-4]):?[0-5]\d)?"
)
_SERIAL = re.compile(r"(\d{1,5})(\.\d+)?")
_LEAP_BUG_DAY = 60  # the spreadsheet's 29 February 1900, which never was
_SECONDS_A_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Moment:
    """A date or time as written: ``clock`` is None for a pure date; ``offset`` is Z, +hh:mm or empty."""

    day: date
    clock: time | None = None
    offset: str = ""


@dataclass(frozen=True, slots=True)
class Clock:
    """How one profile writes dates and times; ``zone`` None means the site's own local time."""

    dates: tuple[str, ...]
    times: tuple[str, ...]
    first_year: int | None = None
    zone: ZoneInfo | None = None


def compile_form(form: str) -> re.Pattern[str]:
    """The pattern of a form. ValueError when it lacks a year, month or day, or names a part twice."""
    if form in (EXCEL, ISO):
        return _SERIAL if form == EXCEL else _ISO_TIME
    parts, at = [], 0
    for token in _TOKEN.finditer(form):
        parts += [re.escape(form[at : token.start()]).replace(r"\ ", r"\s+"), _TOKENS[token.group()]]
        at = token.end()
    try:
        pattern = re.compile("".join([*parts, re.escape(form[at:])]))
    except re.error:
        raise ValueError(f"form {form!r} names a part twice") from None
    named = set(pattern.groupindex)
    if not ({"year", "short_year"} & named and {"month", "month_name"} & named and "day" in named):
        raise ValueError(f"form {form!r} needs year, month and day (tokens YYYY YY MM Mon DD HH hh mm ss A)")
    if ("half_hour" in named) != ("half" in named):
        raise ValueError(f"form {form!r}: hh and A belong together")
    return pattern


def date_reader(clock: Clock) -> Convert:
    """Text to CCYY-MM-DD. A time is taken for its local date; a date sent as midnight UTC stays that date."""
    read = _reader((*clock.dates, *clock.times), clock.first_year, "BAD_DATE", "AMBIGUOUS_DATE")
    return lambda text: _local_day(read(text), clock.zone).isoformat()


def time_reader(clock: Clock, *, takes_dates: bool = False) -> Convert:
    """Text to an ISO time. ``takes_dates``: a pure date becomes midnight, without offset."""
    forms = (*clock.dates, *clock.times) if takes_dates else clock.times
    read = _reader(forms, clock.first_year, "BAD_TIMESTAMP", "AMBIGUOUS_DATE")

    def convert(text: str) -> str:
        found = read(text)
        if found.clock is None and not takes_dates:
            raise BadTextError("BAD_TIMESTAMP")
        if found.clock is None:
            return f"{found.day.isoformat()}T00:00:00"
        wall = datetime.combine(found.day, found.clock)
        return wall.isoformat() + (found.offset or (_offset_at(wall, clock.zone) if clock.zone else ""))

    return convert


def _reader(forms: Iterable[str], first_year: int | None, bad: str, ambiguous: str) -> "_Reader":
    patterns = [(form, compile_form(form)) for form in dict.fromkeys(forms)]
    return _Reader([("", _ISO_DATE), (ISO, _ISO_TIME), *patterns], first_year, bad, ambiguous)


@dataclass(frozen=True, slots=True)
class _Reader:
    patterns: Sequence[tuple[str, re.Pattern[str]]]
    first_year: int | None
    bad: str
    ambiguous: str

    def __call__(self, text: str) -> Moment:
        found = set()
        for form, pattern in self.patterns:
            match = pattern.fullmatch(text)
            moment = self._moment(form, match) if match else None
            if moment:
                found.add(moment)
        if len(found) > 1:
            raise BadTextError(self.ambiguous)
        if not found:
            raise BadTextError(self.bad)
        return found.pop()

    def _moment(self, form: str, match: re.Match[str]) -> Moment | None:
        try:
            return _serial(match) if form == EXCEL else _moment(match.groupdict(), self.first_year)
        except (ValueError, OverflowError):
            return None  # the form fits, but no such day or hour exists


def _moment(parts: dict[str, str | None], first_year: int | None) -> Moment:
    day = date(_year(parts, first_year), _month(parts), int(parts["day"] or ""))
    hour = parts.get("hour") or parts.get("half_hour")
    if hour is None:
        return Moment(day)
    at = time(_hour(int(hour), parts.get("half")), int(parts["minute"] or 0), int(parts.get("second") or 0))
    return Moment(day, at, parts.get("offset") or "")


def _year(parts: dict[str, str | None], first_year: int | None) -> int:
    if parts.get("short_year") is None:
        return int(parts["year"] or "")
    if first_year is None:
        raise ValueError("two digits of a year, and no rule for them")
    return first_year + (int(parts["short_year"] or "") - first_year) % 100


def _month(parts: dict[str, str | None]) -> int:
    name = parts.get("month_name")
    return _MONTHS.get(name.lower(), 0) if name else int(parts["month"] or "")


def _hour(hour: int, half: str | None) -> int:
    if half is None:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError("no such hour of twelve")
    return hour % 12 + (12 if half.lower() == "p" else 0)


def _serial(match: re.Match[str]) -> Moment | None:
    number = int(match.group(1))
    if number in (0, _LEAP_BUG_DAY):
        return None
    day = date(1899, 12, 31 if number < _LEAP_BUG_DAY else 30) + timedelta(days=number)
    if not match.group(2):
        return Moment(day)
    seconds = round(float(match.group(2)) * _SECONDS_A_DAY)  # a clock, not money: to the second
    at = datetime.combine(day, time()) + timedelta(seconds=seconds)
    return Moment(at.date(), at.time())


def _local_day(moment: Moment, zone: ZoneInfo | None) -> date:
    """The local date. Midnight with an offset is a date that some software dressed as a time: kept."""
    if moment.clock is None or moment.clock == time() or not _is_utc(moment.offset):
        return moment.day
    if zone is None:
        raise BadTextError("NEEDS_TIME_ZONE")
    return datetime.combine(moment.day, moment.clock, UTC).astimezone(zone).date()


def _is_utc(offset: str) -> bool:
    return offset == "Z" or offset.replace(":", "") in ("+0000", "-0000")


def _offset_at(wall: datetime, zone: ZoneInfo) -> str:
    """The offset of a wall clock in a zone. The hour a clock change skips or repeats has none: not taken."""
    first, second = (wall.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    if first is None or first != second:
        raise BadTextError("CLOCK_CHANGE_HOUR")
    total = int(first.total_seconds()) // 60
    return f"{'-' if total < 0 else '+'}{abs(total) // 60:02d}:{abs(total) % 60:02d}"
