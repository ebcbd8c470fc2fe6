"""Which release a reference table is when its content does not say: from the name its publisher gave it."""

import re
from collections.abc import Callable
from datetime import date

Form = tuple[re.Pattern[str], Callable[[re.Match[str]], date]]
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = "|".join(_MONTHS)
_NCCI_YEAR_ZERO = 1994  # version 30.2 of the NCCI tables is the third quarter of 2024


def _number(found: re.Match[str], group: int) -> int:
    return int(found[group])


def _month(found: re.Match[str], group: int) -> int:
    return _MONTHS.index(found[group][:3].lower()) + 1


def _quarter(year: int, quarter: int) -> date:
    return date(year, 3 * quarter - 2, 1)


def _any(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_FORMS: tuple[Form, ...] = (
    (_any(r"(20\d\d)-(\d\d)-(\d\d)"), lambda m: date(_number(m, 1), _number(m, 2), _number(m, 3))),
    (_any(r"(20\d\d)[-_ ]?q([1-4])(?!\d)"), lambda m: _quarter(_number(m, 1), _number(m, 2))),
    (_any(r"(?<![a-z])v(\d\d)([0-3])r\d"), lambda m: _quarter(_NCCI_YEAR_ZERO + int(m[1]), int(m[2]) + 1)),
    (_any(r"(?<!\d)(\d\d)[-_/](\d\d)[-_/](20\d\d)"), lambda m: date(int(m[3]), int(m[1]), int(m[2]))),
    (_any(rf"({_MONTH})[a-z]* (\d\d?),? (20\d\d)"), lambda m: date(int(m[3]), _month(m, 1), int(m[2]))),
    (_any(rf"hcpc(20\d\d)_({_MONTH})"), lambda m: date(int(m[1]), _month(m, 2), 1)),
    (_any(r"order[-_ ]april[-_ ](?:1[-_ ])?(20\d\d)"), lambda m: date(int(m[1]), 4, 1)),
    (_any(r"icd10cm[-_ ]order[-_ ](20\d\d)"), lambda m: date(int(m[1]) - 1, 10, 1)),  # fiscal year
)


def release_in(text: str) -> date | None:
    """The day a release begins, from a title line or a file name; None when it names none."""
    for pattern, made in _FORMS:
        if found := pattern.search(text):
            try:
                return made(found)
            except ValueError:  # no such day
                continue
    return None


def release_of(landing_path: str | None, member_name: str | None) -> date | None:
    """The release an input's name in its archive, else its path in landing, innermost part first, names."""
    for path in (member_name, landing_path):
        for part in reversed((path or "").split("/")):
            if found := release_in(part):
                return found
    return None
