"""The cells of one chunk as trimmed text columns, and the canonical texts made of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from ketaclaims.ehr.bad_text import BadTextError, Convert
from ketaclaims.ehr.casts import tidy
from ketaclaims.ehr.dose_text import WEIGHT_MARK
from ketaclaims.ehr.plain_blocks import PlainBlock
from ketaclaims.ehr.profile import Match, Value
from ketaclaims.ehr.records import Row

_NULL = pa.scalar(None, pa.string())


@dataclass(slots=True)
class Cells:
    """Rows of one chunk by report column. A column the file lacks is null throughout."""

    match: Match
    rows: Sequence[Row]
    _fields: list[tuple[str, ...]] = field(default_factory=list)
    _texts: dict[str, pa.Array] = field(default_factory=dict)

    def _raw(self, at: int) -> pa.Array:
        if isinstance(self.rows, PlainBlock):
            return self.rows.columns[at]
        if not self._fields:
            self._fields = list(zip(*(row.fields for row in self.rows), strict=True))
        return pa.array(self._fields[at] if self._fields else (), pa.string())

    def numbers(self) -> list[int]:
        """Row numbers."""
        if isinstance(self.rows, PlainBlock):
            return self.rows.numbers()
        return [row.row_number for row in self.rows]

    def has(self, column: str) -> bool:
        """Whether the file has the column."""
        return column in self.match.positions

    def text(self, column: str) -> pa.Array:
        """A column trimmed; empty, or a text that stands for empty in this report, is null."""
        if column not in self._texts:
            at = self.match.positions.get(column)
            if at is None:
                self._texts[column] = pa.nulls(len(self.rows), pa.string())
            else:
                self._texts[column] = self._tidy(self._raw(at))
        return self._texts[column]

    def _tidy(self, values: pa.Array) -> pa.Array:
        text, empty = tidy(values), self.match.report.rules.empty_values
        if not empty:
            return text
        stands_for_empty = pc.is_in(pc.utf8_lower(text), value_set=pa.array(empty, pa.string()))
        return pc.if_else(stands_for_empty, _NULL, text)


@dataclass(frozen=True, slots=True)
class Text:
    """Canonical text of one column; ``faults`` maps a reason to a mask, ``repaired`` masks changed texts."""

    values: pa.Array
    faults: Mapping[str, pa.Array] = field(default_factory=dict)
    repaired: pa.Array | None = None


def canonical_text(value: Value, cells: Cells, clinic_id: str | None) -> Text | None:
    """The text of one canonical column; None where the file has none of the columns it is made of."""
    if not value.columns:
        constant = clinic_id if value.is_clinic else value.constant
        return Text(pa.repeat(pa.scalar(constant, pa.string()), len(cells.rows)))
    found = [column for column in (*value.columns, value.fallback) if column and cells.has(column)]
    if not found and value.default is None:
        return None
    source = _source(value, cells)
    if value.convert is None:
        return Text(_finish(source, value))
    asked = source
    if value.weight:
        weight = pc.fill_null(cells.text(value.weight), "")
        asked = pc.binary_join_element_wise(source, weight, WEIGHT_MARK)
    converted, faults = convert_distinct(asked, value.convert)
    repaired = _changed(source, converted) if value.is_repair else None
    return Text(_finish(converted, value), faults, repaired)


def convert_distinct(texts: pa.Array, convert: Convert) -> tuple[pa.Array, dict[str, pa.Array]]:
    """Convert every distinct text once; the masks of those not taken, by reason."""
    encoded = texts.dictionary_encode()
    converted: list[str | None] = []
    bad: dict[str, list[int]] = {}
    for at, text in enumerate(encoded.dictionary.to_pylist()):
        try:
            converted.append(convert(text))
        except BadTextError as error:
            converted.append(None)
            bad.setdefault(error.reason, []).append(at)
    values = pa.array(converted, pa.string()).take(encoded.indices)
    faults = {
        reason: pc.is_in(encoded.indices, value_set=pa.array(at, pa.int32())) for reason, at in bad.items()
    }
    return values, faults


def _source(value: Value, cells: Cells) -> pa.Array:
    texts = [cells.text(column) for column in value.columns]
    source = texts[0] if len(texts) == 1 else pc.binary_join_element_wise(*texts, value.between)
    return pc.coalesce(source, cells.text(value.fallback)) if value.fallback else source


def _finish(text: pa.Array, value: Value) -> pa.Array:
    if value.suffix:
        text = pc.binary_join_element_wise(text, value.suffix, "")
    return pc.fill_null(text, value.default) if value.default is not None else text


def _changed(source: pa.Array, converted: pa.Array) -> pa.Array:
    same = pc.fill_null(pc.equal(source, converted), False)
    return pc.and_(pc.is_valid(source), pc.invert(same))
