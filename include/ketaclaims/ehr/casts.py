"""Strict casts of text columns: a value either has the profile's form or makes its row a bad row.

Never guesses, never rounds, never repairs. Everything works on whole Arrow columns.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from ketaclaims.ehr.profile import Forms
from ketaclaims.ehr.schema import ARROW_TYPES, CanonicalColumn

MAX_FIELD_CHARS = 4_000


@dataclass(frozen=True, slots=True)
class Cast:
    """One canonical column of a chunk: its stored arrays, and where and why values are bad.

    ``faults`` maps a reason code to a mask of rows, never null; a row has at most one fault per column.
    """

    arrays: tuple[pa.Array, ...]
    faults: Mapping[str, pa.Array]
    sentinel_count: int = 0


def tidy(values: pa.Array) -> pa.Array:
    """Trim white space; what is left empty is null."""
    trimmed = pc.utf8_trim_whitespace(values)
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def cast_column(column: CanonicalColumn, values: pa.Array, forms: Forms, *, is_upper: bool) -> Cast:
    """Cast tidied text to the column's type. ``is_upper``: a code whose letters have one case."""
    too_long = pc.fill_null(pc.greater(pc.utf8_length(values), MAX_FIELD_CHARS), False)
    text = pc.if_else(too_long, pa.scalar(None, pa.string()), values)
    arrays, sentinels = _CASTS[column.kind](text, forms)
    if is_upper:
        arrays = (pc.utf8_upper(arrays[0]),)
    faults = {"FIELD_TOO_LONG": too_long}
    if column.kind in _REASONS:
        faults[_REASONS[column.kind]] = pc.and_(
            pc.and_(pc.is_valid(text), pc.is_null(arrays[0])), pc.invert(sentinels)
        )
    if column.enum:
        arrays = (pc.utf8_lower(arrays[0]),)
        allowed = pc.is_in(arrays[0], value_set=pa.array(column.enum, pa.string()))
        faults["NOT_ALLOWED_VALUE"] = pc.and_(pc.is_valid(text), pc.invert(allowed))
    if column.is_required:
        faults["MISSING_VALUE"] = pc.or_(pc.is_null(values), sentinels)
    return Cast(arrays, faults, pc.sum(pc.cast(sentinels, pa.int64())).as_py() or 0)


_None = pa.scalar(None, pa.string())
_Result = tuple[tuple[pa.Array, ...], pa.Array]  # stored arrays, mask of sentinel values


def _no_sentinels(values: pa.Array) -> pa.Array:
    return pa.repeat(pa.scalar(False), len(values))


def _text(values: pa.Array, forms: Forms) -> _Result:
    return (values,), _no_sentinels(values)


def _number(kind: str) -> Callable[[pa.Array, Forms], _Result]:
    def cast(values: pa.Array, forms: Forms) -> _Result:
        fits = pc.match_substring_regex(values, forms.patterns[kind])
        return (pc.cast(pc.if_else(fits, values, _None), ARROW_TYPES[kind]),), _no_sentinels(values)

    return cast


def _bool(values: pa.Array, forms: Forms) -> _Result:
    lower = pc.utf8_lower(values)
    is_true = pc.is_in(lower, value_set=pa.array(forms.true_values, pa.string()))
    is_false = pc.is_in(lower, value_set=pa.array(forms.false_values, pa.string()))
    known = pc.or_(is_true, is_false)
    return (pc.if_else(known, is_true, pa.scalar(None, pa.bool_())),), _no_sentinels(values)


def _date(values: pa.Array, forms: Forms) -> _Result:
    parts = pc.extract_regex(values, pattern=forms.patterns["date"])
    iso = _iso_date(parts)
    sentinels = _sentinels(iso, forms)
    return (_cast_valid(pc.if_else(sentinels, _None, iso), pa.date32()),), sentinels


def _timestamp(values: pa.Array, forms: Forms) -> _Result:
    parts = pc.extract_regex(values, pattern=forms.patterns["timestamp"])
    day = _iso_date(parts)
    sentinels = _sentinels(day, forms)
    second = pc.struct_field(parts, "second")
    second = pc.if_else(pc.equal(second, ""), "00", second)
    fraction = pc.utf8_rpad(pc.struct_field(parts, "fraction"), width=6, padding="0")
    clock = pc.binary_join_element_wise(
        pc.struct_field(parts, "hour"), pc.struct_field(parts, "minute"), second, ":"
    )
    iso = pc.binary_join_element_wise(pc.binary_join_element_wise(day, clock, " "), fraction, ".")
    wall = _cast_valid(pc.if_else(sentinels, _None, iso), pa.timestamp("us"))
    offset = pc.if_else(pc.is_valid(wall), _offset_minutes(pc.struct_field(parts, "offset")), None)
    return (wall, pc.cast(offset, pa.int32())), sentinels


def _iso_date(parts: pa.Array) -> pa.Array:
    """CCYY-MM-DD of the matched parts; year 0000 exists in no calendar of ours."""
    year, month, day = (pc.struct_field(parts, name) for name in ("year", "month", "day"))
    return pc.binary_join_element_wise(pc.if_else(pc.equal(year, "0000"), _None, year), month, day, "-")


def _sentinels(iso_dates: pa.Array, forms: Forms) -> pa.Array:
    return pc.is_in(iso_dates, value_set=pa.array(forms.sentinel_dates, pa.string()))


def _offset_minutes(offset: pa.Array) -> pa.Array:
    """Z and +hh:mm as minutes east of UTC; no offset is null."""
    digits = pc.replace_substring_regex(offset, pattern=r"^Z$", replacement="+0000")
    digits = pc.replace_substring(digits, pattern=":", replacement="")
    digits = pc.if_else(pc.equal(digits, ""), _None, digits)
    hours = pc.cast(pc.utf8_slice_codeunits(digits, 1, 3), pa.int32())
    minutes = pc.cast(pc.utf8_slice_codeunits(digits, 3, 5), pa.int32())
    total = pc.add(pc.multiply(hours, pa.scalar(60, pa.int32())), minutes)
    return pc.if_else(pc.starts_with(digits, pattern="-"), pc.negate(total), total)


def _cast_valid(iso: pa.Array, target: pa.DataType) -> pa.Array:
    """Cast ISO text; days and times that do not exist (30 February, 24:00) become null."""
    try:
        return pc.cast(iso, target)
    except pa.ArrowInvalid:
        bad = [value for value in pc.unique(iso).to_pylist() if value is not None and not _exists(value)]
        is_bad = pc.is_in(iso, value_set=pa.array(bad, pa.string()))
        return pc.cast(pc.if_else(is_bad, _None, iso), target)


def _exists(iso: str) -> bool:
    try:
        datetime.fromisoformat(iso)
    except ValueError:
        return False
    return True


_CASTS: Mapping[str, Callable[[pa.Array, Forms], _Result]] = {
    "text": _text,
    "list": _text,
    "money": _number("money"),
    "decimal": _number("decimal"),
    "int": _number("int"),
    "bool": _bool,
    "date": _date,
    "timestamp": _timestamp,
}
_REASONS: Mapping[str, str] = {
    "money": "BAD_AMOUNT",
    "decimal": "BAD_NUMBER",
    "int": "BAD_INTEGER",
    "bool": "BAD_BOOLEAN",
    "date": "BAD_DATE",
    "timestamp": "BAD_TIMESTAMP",
}
