"""Writing rows as readers push them: one Parquet file per table, memory bounded."""

import contextlib
import os
from collections import Counter
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ketaclaims.errors import KetaclaimsError
from ketaclaims.landing.private_files import create_private, private_dir
from ketaclaims.raw.columns import dictionary
from ketaclaims.raw.contract import LINEAGE

ROW_GROUP_BYTES = 8_000_000  # rows of a table are gathered up to about this, so small inputs share row groups
_MOST_WAITING = 64  # batches; a small one takes many times its rows, and some tables wait long
_SAMPLE_ROWS = 20_000
_REPEATS = 4  # a value comes back at least so often where a dictionary pays
_LINEAGE_NAMES = [field.name for field in LINEAGE]


class ParquetSink:
    """The sink of one reader process. Call :meth:`start` per input, :meth:`close` at the end.

    ``counts`` are the rows of the present input by table, ``totals`` those of all.
    """

    def __init__(self, folder: Path, commit_id: str) -> None:
        self._folder, self._commit_id = folder, commit_id
        self._files: dict[str, tuple[BinaryIO, pq.ParquetWriter]] = {}
        self._waiting: dict[str, list[pa.RecordBatch]] = {}  # rows without lineage
        self._owners: dict[str, list[tuple[str, int]]] = {}  # file_sha256 and how many of the waiting rows
        self._schemas: dict[str, pa.Schema] = {}
        self._waiting_bytes: Counter[str] = Counter()
        self._file_sha256 = ""
        self.counts: Counter[str] = Counter()
        self.totals: Counter[str] = Counter()

    def start(self, file_sha256: str) -> None:
        """The rows that follow belong to this input."""
        self._file_sha256 = file_sha256
        self.counts = Counter()

    def __call__(self, table: str, batch: pa.RecordBatch) -> None:
        """Take rows of a table. Raises BAD_ROWS when they lack their lineage or change their columns."""
        if not batch.num_rows:
            return
        self._check(table, batch)
        self.counts[table] += batch.num_rows
        self.totals[table] += batch.num_rows
        rows = batch.drop_columns(_LINEAGE_NAMES)
        waiting = self._waiting.setdefault(table, [])
        waiting.append(rows)
        self._owners.setdefault(table, []).append((self._file_sha256, rows.num_rows))
        self._waiting_bytes[table] += rows.nbytes
        if len(waiting) >= _MOST_WAITING:
            self._waiting[table] = [pa.concat_batches(waiting)]
        if self._waiting_bytes[table] >= ROW_GROUP_BYTES:
            self._flush(table)

    def _check(self, table: str, batch: pa.RecordBatch) -> None:
        names = batch.schema.names
        lineage = [batch.column(name)[0].as_py() if name in names else None for name in _LINEAGE_NAMES]
        known = self._schemas.setdefault(table, batch.schema)
        if lineage != [self._file_sha256, self._commit_id] or not batch.schema.equals(known):
            raise KetaclaimsError(
                "BAD_ROWS",
                f"A reader pushed rows of {table} with wrong lineage or changed columns: its fault.",
                where=f"sha256 {self._file_sha256[:12]}",
                next_step="Report it; nothing of this batch was committed.",
            )

    def _flush(self, table: str) -> None:
        rows = self._with_lineage(table, self._waiting.pop(table), self._owners.pop(table))
        del self._waiting_bytes[table]
        if table not in self._files:
            private_dir(self._folder)
            out = create_private(self._folder / f"{table}.parquet")
            self._files[table] = (out, _writer(out, rows))
        self._files[table][1].write_table(rows)

    def _with_lineage(
        self, table: str, waiting: list[pa.RecordBatch], owners: list[tuple[str, int]]
    ) -> pa.Table:
        """The waiting rows as one table. Its lineage is dictionaries: no text is made per row."""
        rows = pa.Table.from_batches(waiting).combine_chunks()
        files = np.repeat(np.arange(len(owners), dtype=np.int32), [count for _, count in owners])
        lineage = {
            "_file_sha256": dictionary(files, [sha256 for sha256, _ in owners]),
            "_commit_id": dictionary(np.zeros(len(rows), np.int32), [self._commit_id]),
        }
        names = self._schemas[table].names
        columns = {name: lineage[name] if name in lineage else rows.column(name) for name in names}
        return pa.table(columns)

    def close(self) -> None:
        """Write what waits and make the files durable."""
        for table in list(self._waiting):
            self._flush(table)
        for out, writer in self._files.values():
            writer.close()
            out.flush()
            os.fsync(out.fileno())
            out.close()
        self._files = {}

    def abandon(self) -> None:
        """Let go of half-written files after a fault; their folder is removed by the caller."""
        for out, writer in self._files.values():
            with contextlib.suppress(OSError, pa.ArrowException):
                writer.close()
            with contextlib.suppress(OSError):
                out.close()
        self._files = {}


def _writer(out: BinaryIO, rows: pa.Table) -> pq.ParquetWriter:
    """A writer that encodes each column as its first rows ask for; whatever the encoding, the type is plain.

    Without ARROW:schema in the file, what was a dictionary here is read back as text.
    """
    sample = rows.slice(0, _SAMPLE_ROWS)
    repeats = [name for name in rows.column_names if _is_repeated(sample.column(name))]
    counters = [
        field.name for field in rows.schema if pa.types.is_integer(field.type) and field.name not in repeats
    ]
    # statistics only where rows come in an order that lets readers skip some
    return pq.ParquetWriter(
        out,
        rows.schema,
        compression="zstd",
        compression_level=1,
        use_dictionary=repeats,
        write_statistics=[
            *_LINEAGE_NAMES,
            *counters,
        ],
        column_encoding={name: "DELTA_BINARY_PACKED" for name in counters},
        store_decimal_as_integer=True,
        store_schema=False,
    )


def _is_repeated(column: pa.ChunkedArray) -> bool:
    if pa.types.is_dictionary(column.type):
        return True
    return bool(pc.count_distinct(column).as_py() * _REPEATS <= len(column))
