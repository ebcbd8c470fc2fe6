"""Rows of all tables, gathered and turned into record batches of bounded size."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from ketaclaims.ehr.chunk import Lineage
from ketaclaims.ehr.fhir.tables import FHIR_TABLES
from ketaclaims.ehr.schema import canonical_tables
from ketaclaims.raw.columns import column, repeated
from ketaclaims.raw.contract import Sink

FLUSH_ROWS = 20_000
FLUSH_CHARS = 8_000_000
_OFFSET = "_utc_offset_minutes"
_AT = pa.timestamp("us")

Row = dict[str, Any]


class Batches:
    """Gathers rows by table and pushes them into the sink; ``counts`` are the rows pushed or waiting."""

    def __init__(self, sink: Sink, lineage: Lineage, clinic_id: str) -> None:
        self._sink, self._lineage, self._clinic_id = sink, lineage, clinic_id
        self._rows: dict[str, list[tuple[int, Row]]] = {}
        self._waiting_rows = self._waiting_chars = 0
        self.counts: dict[str, int] = {}

    def add(self, table: str, row_number: int, row: Row, chars: int = 0) -> None:
        """Take one row; ``chars`` is the size of a text it carries."""
        self._rows.setdefault(table, []).append((row_number, row))
        self.counts[table] = self.counts.get(table, 0) + 1
        self._waiting_rows += 1
        self._waiting_chars += chars
        if self._waiting_rows >= FLUSH_ROWS or self._waiting_chars >= FLUSH_CHARS:
            self.flush()

    def flush(self) -> None:
        """Push what waits."""
        for table, rows in self._rows.items():
            self._sink(table, self._batch(_schema(table), rows))
        self._rows, self._waiting_rows, self._waiting_chars = {}, 0, 0

    def _batch(self, schema: pa.Schema, numbered: Sequence[tuple[int, Row]]) -> pa.RecordBatch:
        count, rows = len(numbered), [row for _, row in numbered]
        at = self._lineage.exported_at
        given: Mapping[str, pa.Array] = {
            "_file_sha256": repeated(self._lineage.file_sha256, count),
            "_commit_id": repeated(self._lineage.commit_id, count),
            "_row_number": column(pa.int64(), [number for number, _ in numbered]),
            "exported_at": pa.nulls(count, _AT) if at is None else pa.repeat(pa.scalar(at, _AT), count),
            "clinic_id": repeated(self._clinic_id, count),
        }
        arrays = [given[field.name] if field.name in given else _array(field, rows) for field in schema]
        return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _schema(table: str) -> pa.Schema:
    return FHIR_TABLES[table] if table in FHIR_TABLES else canonical_tables()[table].schema()


def _array(field: pa.Field, rows: Sequence[Row]) -> pa.Array:
    """A column; a time stands in the row as (microseconds, offset) under the name of its wall clock."""
    if field.name.endswith(_OFFSET):
        name = field.name.removesuffix(_OFFSET)
        return column(pa.int32(), [at[1] if (at := row.get(name)) else None for row in rows])
    values = [row.get(field.name) for row in rows]
    if pa.types.is_timestamp(field.type):
        return column(pa.int64(), [at[0] if at else None for at in values]).view(field.type)
    if pa.types.is_boolean(field.type):
        return pa.array(values, pa.bool_())
    return column(field.type, values)
