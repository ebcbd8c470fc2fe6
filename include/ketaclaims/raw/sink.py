"""Writing rows as readers push them: one Parquet file per table, memory bounded."""

import contextlib
import os
from collections import Counter
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from ketaclaims.errors import KetaclaimsError
from ketaclaims.landing.private_files import create_private, private_dir
from ketaclaims.raw.contract import LINEAGE

ROW_GROUP_BYTES = (
    16_000_000  # rows of a table are gathered up to about this, so small inputs share row groups
)


class ParquetSink:
    """The sink of one reader process. Call :meth:`start` per input, :meth:`close` at the end.

    ``counts`` are the rows of the present input by table, ``totals`` those of all.
    """

    def __init__(self, folder: Path, commit_id: str) -> None:
        self._folder, self._commit_id = folder, commit_id
        self._files: dict[str, tuple[BinaryIO, pq.ParquetWriter]] = {}
        self._waiting: dict[str, list[pa.RecordBatch]] = {}
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
        self._waiting.setdefault(table, []).append(batch)
        self._waiting_bytes[table] += batch.nbytes
        if self._waiting_bytes[table] >= ROW_GROUP_BYTES:
            self._flush(table)

    def _check(self, table: str, batch: pa.RecordBatch) -> None:
        names = [field.name for field in LINEAGE]
        lineage = [batch.column(name)[0].as_py() if name in batch.schema.names else None for name in names]
        held = self._waiting.get(table)
        known = held[0].schema if held else self._files[table][1].schema if table in self._files else None
        if lineage != [self._file_sha256, self._commit_id] or (known is not None and batch.schema != known):
            raise KetaclaimsError(
                "BAD_ROWS",
                f"A reader pushed rows of {table} with wrong lineage or changed columns: its fault.",
                where=f"sha256 {self._file_sha256[:12]}",
                next_step="Report it; nothing of this batch was committed.",
            )

    def _flush(self, table: str) -> None:
        waiting = self._waiting.pop(table)
        del self._waiting_bytes[table]
        if table not in self._files:
            private_dir(self._folder)
            out = create_private(self._folder / f"{table}.parquet")
            self._files[table] = (out, pq.ParquetWriter(out, waiting[0].schema, compression="zstd"))
        self._files[table][1].write_table(pa.Table.from_batches(waiting).combine_chunks())

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
