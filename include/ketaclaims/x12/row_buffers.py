"""Rows of the tables of one transaction set, gathered as tuples and handed on as Arrow record batches."""

import itertools
from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from ketaclaims.raw.columns import column, int64_values, repeated
from ketaclaims.raw.contract import Sink
from ketaclaims.x12.claim_runs import ClaimRuns
from ketaclaims.x12.rows import Row
from ketaclaims.x12.tables import REMIT_TABLES
from ketaclaims.x12.tokens import SegmentBlock
from ketaclaims.x12.transaction import Transaction

FLUSH_ROWS = 50_000
_FEW = 8  # pieces are handed on by themselves up to here; copying many into one costs less
_LINEAGE_COLUMNS = 2  # _file_sha256, _commit_id: the same on every row of one input


class RowBuffers:
    """Holds back ``FLUSH_ROWS`` rows and those of one block: memory is bounded at any file size.

    Rows come from the handlers as tuples, from ``runs`` as columns, and go on as one, in file order. Without
    a sink, or once muted, rows are dropped instead of handed on.
    """

    def __init__(
        self,
        sink: Sink | None,
        file_sha256: str,
        commit_id: str,
        runs: ClaimRuns | None = None,
        schemas: Mapping[str, pa.Schema] = REMIT_TABLES,
    ) -> None:
        self._sink = sink
        self._schemas = schemas
        self._lineage = (file_sha256, commit_id)
        self._runs = runs
        self._is_entered = False  # whether claims of the present block may be taken in bulk
        self._muted = False
        self.tables: dict[str, list[Row]] = {name: [] for name in schemas}
        self.pushed: dict[str, int] = {}

    def mute(self) -> None:
        """Drop what is held back and all that follows: the input is refused."""
        self._muted = True

    def enter(self, block: SegmentBlock, lx_number: str | None) -> None:
        """The next rows are of this block; ``lx_number`` is of the LX before it."""
        self._is_entered = self._runs is not None and self._runs.enter(block, lx_number)

    def take_claims(self, t: Transaction | None, index: int) -> int:
        """Take regular claims in bulk from segment ``index`` of the block on; how many segments that were."""
        if self._runs is None or not self._is_entered:
            return 0
        taken = self._runs.take(t, index)
        if self._runs.is_full:
            self.flush()
        return taken

    def end_block(self) -> None:
        """Hand rows on once enough of them are waiting, or where they point into the block that ends."""
        is_bound = self._runs is not None and self._runs.waiting > 0
        if is_bound or sum(map(len, self.tables.values())) >= FLUSH_ROWS:
            self.flush()

    def flush(self) -> None:
        """Hand on every waiting row."""
        for name, rows in self.tables.items():
            if self._sink is not None and not self._muted:
                self._push(self._sink, name, rows)
            rows.clear()
        if self._runs is not None:
            self._runs.clear()

    def _push(self, sink: Sink, name: str, rows: list[Row]) -> None:
        schema = self._schemas[name]
        fields = list(schema)[_LINEAGE_COLUMNS:]
        taken = self._runs.columns(name) if self._runs is not None else []
        batches = [self._batch(schema, taken)] if taken else []
        if rows:
            columns = [
                column(field.type, values)
                for field, values in zip(fields, zip(*rows, strict=True), strict=True)
            ]
            batches.append(self._batch(schema, columns))
        for batch in _merged(*batches) if len(batches) == 2 else batches:
            sink(name, batch)
            self.pushed[name] = self.pushed.get(name, 0) + batch.num_rows

    def _batch(self, schema: pa.Schema, columns: list[pa.Array]) -> pa.RecordBatch:
        count = len(columns[0])
        lineage = [repeated(value, count) for value in self._lineage]
        return pa.RecordBatch.from_arrays([*lineage, *columns], schema=schema)


def _merged(one: pa.RecordBatch, other: pa.RecordBatch) -> list[pa.RecordBatch]:
    """Rows of both by segment number. Both are in order and share no segment."""
    keys = int64_values(other.column(_LINEAGE_COLUMNS))
    places = np.searchsorted(int64_values(one.column(_LINEAGE_COLUMNS)), keys)
    begins = [0, *(np.flatnonzero(np.diff(places)) + 1).tolist(), len(places)]
    pieces, done = [], 0
    for begin, end in itertools.pairwise(begins):
        place = int(places[begin])
        pieces += [one.slice(done, place - done), other.slice(begin, end - begin)]
        done = place
    pieces = [piece for piece in (*pieces, one.slice(done)) if piece.num_rows]
    return pieces if len(pieces) <= _FEW else [pa.concat_batches(pieces)]
