"""Compiled strict readings of numbers and dates (as ``values``)."""

import numpy as np

from ketaclaims.x12.cells import NULL
from ketaclaims.x12.kernel_jit import plain_njit
from ketaclaims.x12.kernel_text import filled, is_digits

# longer numbers are left to ``values``: sums of these cannot leave their column
_LONGEST_NUMBER = 11


@plain_njit
def number(src, k, places):
    """Element ``k`` in units of 10**-places; NULL where it is empty, long or no plain decimal."""
    at, end = src.from_[k], src.to[k]
    if at == end or end - at > _LONGEST_NUMBER:
        return NULL
    is_negative = src.data[at] == 45
    at += is_negative
    value, digits, fraction = 0, 0, -1  # fraction: digits after the point, -1 before it
    while at < end:
        byte = src.data[at]
        at += 1
        if byte == 46 and fraction < 0:
            fraction = 0
            continue
        if byte < 48 or byte > 57 or (fraction >= places and byte != 48):
            return NULL
        digits += 1
        if fraction < places:
            value = value * 10 + (byte - 48)
            fraction += fraction >= 0
    if digits == 0:
        return NULL
    for _ in range(places - max(fraction, 0)):
        value *= 10
    if is_negative:
        value = -value
    return value


@plain_njit
def is_bad(value, src, k):
    """An element that is there and cannot be read."""
    return value == NULL and filled(src, k)


@plain_njit
def _digits(data, start, end):
    value = np.int64(0)
    for at in range(start, end):
        value = value * 10 + (data[at] - 48)
    return value


@plain_njit
def day_number(src, k):
    """Days since 1970-01-01 of a CCYYMMDD element of 1900 to 2199, else NULL."""
    start, end = src.from_[k], src.to[k]
    if end - start != 8 or not is_digits(src.data, start, end):
        return NULL
    year, month = _digits(src.data, start, start + 4), _digits(src.data, start + 4, start + 6)
    day = _digits(src.data, start + 6, end)
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if not (1900 <= year < 2200 and 1 <= month <= 12):
        return NULL
    longest = 28 + is_leap if month == 2 else 30 + (month + month // 8) % 2
    if not 1 <= day <= longest:
        return NULL
    shifted = year - (month <= 2)  # years from March: the leap day is the last
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return shifted * 365 + shifted // 4 - shifted // 100 + shifted // 400 + of_year - 719_468
