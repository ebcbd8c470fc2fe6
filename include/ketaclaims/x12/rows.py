"""Rows of the remit tables, gathered as tuples and handed on as Arrow record batches."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from ketaclaims.raw.contract import Sink
from ketaclaims.x12.tables import REMIT_TABLES

FLUSH_ROWS = 50_000
_LINEAGE_COLUMNS = 2  # _file_sha256, _commit_id: the same on every row of one input

Row = tuple[Any, ...]  # _segment_number, then the table's own columns; amounts and dates as integers


class RowBuffers:
    """Holds back ``FLUSH_ROWS`` rows and those of one block: memory is bounded at any file size.

    Without a sink, or once muted, rows are dropped instead of handed on.
    """

    def __init__(self, sink: Sink | None, file_sha256: str, commit_id: str) -> None:
        self._sink = sink
        self._lineage = (file_sha256, commit_id)
        self._muted = False
        self.tables: dict[str, list[Row]] = {name: [] for name in REMIT_TABLES}
        self.pushed: dict[str, int] = {}

    def mute(self) -> None:
        """Drop what is held back and all that follows: the input is refused."""
        self._muted = True

    def flush_if_full(self) -> None:
        """Hand rows on once enough of them are waiting."""
        if sum(map(len, self.tables.values())) >= FLUSH_ROWS:
            self.flush()

    def flush(self) -> None:
        """Hand on every waiting row."""
        for name, rows in self.tables.items():
            if rows and self._sink is not None and not self._muted:
                self._sink(name, self._batch(REMIT_TABLES[name], rows))
                self.pushed[name] = self.pushed.get(name, 0) + len(rows)
            rows.clear()

    def _batch(self, schema: pa.Schema, rows: list[Row]) -> pa.RecordBatch:
        lineage = [pa.repeat(pa.scalar(value, pa.string()), len(rows)) for value in self._lineage]
        fields = [schema.field(index) for index in range(_LINEAGE_COLUMNS, len(schema))]
        columns = [
            _array(field.type, column) for field, column in zip(fields, zip(*rows, strict=True), strict=True)
        ]
        return pa.RecordBatch.from_arrays([*lineage, *columns], schema=schema)


def _array(kind: pa.DataType, values: Sequence[Any]) -> pa.Array:
    if pa.types.is_decimal(kind):
        return _decimals(kind, values)
    if pa.types.is_date32(kind):
        return pa.array(values, pa.int32()).view(kind)
    return pa.array(values, kind)


def _decimals(kind: pa.DataType, values: Sequence[int | None]) -> pa.Array:
    """Decimal128 array from scaled integers: 16-byte two's complement, without a detour through objects."""
    count = len(values)
    valid = np.fromiter((value is not None for value in values), np.bool_, count)
    words = np.zeros((count, 2), np.int64)
    words[:, 0] = np.fromiter((value or 0 for value in values), np.int64, count)
    words[:, 1] = words[:, 0] >> 63
    bitmap = pa.py_buffer(np.packbits(valid, bitorder="little").tobytes())
    return pa.Array.from_buffers(
        kind, count, [bitmap, pa.py_buffer(words.tobytes())], int(count - valid.sum())
    )
