"""Strict readings of X12 element text: exact integers for decimals, days for dates, parts of composites."""

import re
from datetime import date
from functools import lru_cache

MONEY_PLACES = 2
QUANTITY_PLACES = 3
LARGEST = 10**18  # first value that no longer fits decimal128(18, x)

_DECIMAL = re.compile(r"(-?)([0-9]*)(?:\.([0-9]*))?")
_DATE = re.compile(r"[0-9]{8}")
_FOREIGN_COMPOSITE = re.compile(r"[A-Z0-9]{2}([^A-Za-z0-9 .,_-])")
BLANKS = " \t\r\n"  # what str.strip takes besides, 0x1C to 0x1F, are separators here
_EPOCH = date(1970, 1, 1).toordinal()
_YEARS = range(1900, 2200)


@lru_cache(maxsize=65_536)
def parse_decimal(text: str, places: int) -> int | None:
    """``text`` in units of 10**-``places``, exact; None where it is no plain decimal or would need rounding.

    X12 type N/R: optional minus, digits, optional point. No plus, exponent, thousands mark or blank; zeros
    beyond ``places`` lose nothing and are taken.
    """
    match = _DECIMAL.fullmatch(text) if len(text) <= 40 else None
    if match is None or not (match[2] or match[3]):
        return None
    fraction = match[3] or ""
    if len(fraction) > places:
        fraction = fraction.rstrip("0")
        if len(fraction) > places:
            return None
    value = int((match[2] or "0") + fraction.ljust(places, "0"))
    if value >= LARGEST:
        return None
    return -value if match[1] else value


@lru_cache(maxsize=16_384)
def parse_date(text: str) -> int | None:
    """Days since 1970-01-01 of a CCYYMMDD date of 1900 to 2199, else None."""
    if not _DATE.fullmatch(text) or int(text[:4]) not in _YEARS:
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:])).toordinal() - _EPOCH
    except ValueError:
        return None


def fit(value: int | None) -> int | None:
    """``value``, or null where it is too large for its column."""
    return value if value is None or abs(value) < LARGEST else None


def decimal_text(value: int, places: int = MONEY_PLACES) -> str:
    """The decimal string of a scaled integer: 1250 → ``12.50``."""
    digits = str(abs(value)).rjust(places + 1, "0")
    return f"{'-' if value < 0 else ''}{digits[:-places]}.{digits[-places:]}"


@lru_cache(maxsize=65_536)
def plain_decimal(text: str) -> str:
    """One spelling per number (``34.00`` → ``34``, ``.5`` → ``0.5``); text that is no decimal as it is."""
    match = _DECIMAL.fullmatch(text)
    if match is None or not (match[2] or match[3]):
        return text
    whole, fraction = match[2].lstrip("0") or "0", (match[3] or "").rstrip("0")
    number = f"{whole}.{fraction}" if fraction else whole
    return number if number == "0" else match[1] + number


def split_composite(text: str, component: str) -> tuple[list[str], bool]:
    """Parts of a composite such as SVC01, and whether another than the declared separator was used.

    Some payers write ``HC>J0013`` under an ISA that declares ``:``; a two-character qualifier followed by a
    mark that never stands in a code tells.
    """
    if component not in text:
        foreign = _FOREIGN_COMPOSITE.match(text.upper())
        if foreign:
            return [part.strip(BLANKS) for part in text.split(foreign[1])], True
    return [part.strip(BLANKS) for part in text.split(component)], False
