"""Regular claims in bulk: the compiled reader's side of one file (see ``kernel`` for what is regular).

Without numba, or where its compiled code cannot be kept, there are no runs and the handlers of ``segments``
read everything: the same rows, slower.
"""

import logging
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa

from ketaclaims.x12.offsets import Offsets
from ketaclaims.x12.tables import REMIT_TABLES
from ketaclaims.x12.tokens import SegmentBlock
from ketaclaims.x12.transaction import Transaction

# below these the compiled reader costs more to start, or to hand rows on, than it saves
WORTHWHILE_FILE_BYTES = 1_000_000
WORTHWHILE_BLOCK_BYTES = 32_768
TABLE_ROWS = 65_536  # room per table; full, the rows are handed on

_TABLES = (
    "remit_claim",
    "remit_service_line",
    "remit_adjustment",
    "remit_remark",
    "remit_reference",
    "remit_date",
    "remit_amount",
    "remit_party",
    "remit_segment_other",
)
_SUMS = (
    "n_clp",
    "n_reversal",
    "clp03",
    "clp04",
    "clp05",
    "n_svc",
    "svc02",
    "svc03",
    "n_cas_adj",
    "cas",
    "n_lq",
)
_LINEAGE_COLUMNS = 2  # _file_sha256, _commit_id: not made here
_LEVELS = b"claimline"


@cache
def compiled() -> ModuleType | None:
    """The compiled reader, made or loaded and tried once; None where there can be none."""
    try:
        from numba.core.errors import NumbaError
    except ImportError:
        _warn("numba is not installed")
        return None
    try:
        from ketaclaims.x12 import kernel

        kernel.warm_up()
    except (RuntimeError, OSError):  # what numba raises where it finds no folder to write to
        _warn("there is no folder to keep it in; set NUMBA_CACHE_DIR to one")
    except NumbaError:
        _warn("this numba cannot compile it")
    else:
        return kernel
    return None


def _warn(cause: str) -> None:
    logging.getLogger(__name__).warning("835s are read without compiled code, slowly: %s", cause)


class ClaimRuns:
    """Rows of the regular claims of one file, until ``columns`` hands them on.

    ``enter`` a block, ``take`` runs of claims from it, and ``clear`` once the rows are handed on: before the
    next block, for the rows point into this one.
    """

    def __init__(self, kernel: ModuleType) -> None:
        self._kernel = kernel
        self._state = np.zeros(kernel.layout.STATE_SIZE, np.int64)
        self._saved = np.zeros(kernel.layout.STATE_SIZE, np.int64)
        shape = (kernel.layout.TABLES, TABLE_ROWS, kernel.layout.WIDEST)
        self._tables = np.empty(shape, np.int64)
        self._canon = np.empty(0, np.uint8)
        self._data = b""
        self._source: Any = None
        self._scan: Any = None
        self._offset = 0  # of the block in the file
        self._heads: tuple[bytes, bytes] = (b"", b"")
        self._odd_at = -1
        self._lx: tuple[str | None, int] = (None, kernel.NULL)  # a number and its cell in this block
        self.waiting = 0  # segments whose rows have not been handed on

    def enter(self, block: SegmentBlock, lx_number: str | None) -> bool:
        """Whether runs may be taken from this block; ``lx_number`` is of the LX before it."""
        kernel, marks = self._kernel, block.delimiters
        if block.wrapped or not WORTHWHILE_BLOCK_BYTES <= len(block.data) < kernel.LARGEST_BLOCK_BYTES:
            return False
        lx = (lx_number or "").encode()
        self._data = block.data + _LEVELS + lx
        self._offset = block.file_offset
        end = len(block.data)
        self._lx = (lx_number, kernel.text_cell(end + len(_LEVELS), len(lx)) if lx else kernel.NULL)
        if len(self._canon) < 2 * end + 64:  # a number may grow by a zero, no element by more
            self._canon = np.empty(2 * end + 64, np.uint8)
        self._scan = kernel.layout.Scan(
            block.starts,
            block.ends,
            kernel.byte_classes(marks.element, marks.component, marks.terminator),
            kernel.capitals(marks.element),
            self._canon,
        )
        self._source = kernel.layout.Source(
            np.frombuffer(self._data, np.uint8),
            *(np.full(kernel.MAX_ELEMENTS, kernel.MAX_ELEMENTS, np.int64) for _ in range(3)),
            component=marks.component,
            claim_word=kernel.text_cell(end, 5),
            line_word=kernel.text_cell(end + 5, 4),
        )
        self._heads = (b"CLP" + bytes([marks.element]), b"LX" + bytes([marks.element]))
        self._odd_at = -1
        return True

    def take(self, t: Transaction | None, index: int) -> int:
        """Read claims and LX from segment ``index`` on, as the handlers would, and move the cursor past them.

        Returns how many segments it took; 0 says that the handlers must read the one at ``index``.
        """
        if t is None or not self._begins_at(t, index):
            return 0
        kernel, state = self._kernel, self._state
        state[kernel.layout.BASE] = t.cursor.segment_number + 1 - index
        state[kernel.layout.ST] = t.cursor.st_index
        state[kernel.layout.CLAIMS] = t.claims
        state[kernel.layout.LX] = kernel.NULL if t.lx_number is None else self._lx[1]
        state[kernel.layout.CANON] = 0
        state[kernel.layout.T_CLP : kernel.layout.T_CLP + len(_SUMS)] = 0
        stop = self._run(index)
        self._odd_at = stop if state[kernel.layout.STOP] == kernel.layout.AT_ODD else -1
        self.waiting += stop - index
        if stop > index:
            t.close_claim()  # one that the handlers left open
            t.cursor.segment_number += stop - index
            t.cursor.byte_offset = self._offset + int(self._scan.starts[stop - 1])
            self._tell(t)
        return stop - index

    def _run(self, index: int) -> int:
        source, scan, read = self._source, self._scan, self._kernel.read_claims
        return int(read(source, scan, self._tables, self._state, self._saved, index, self.waiting))

    def _begins_at(self, t: Transaction, index: int) -> bool:
        """Whether a run is worth trying: a CLP or LX, not refused before, under a known header number."""
        return (
            index != self._odd_at
            and self._data.startswith(self._heads, self._scan.starts[index])
            and t.lx_number in (None, self._lx[0])
        )

    @property
    def is_full(self) -> bool:
        """Whether the last run ended for want of room that handing rows on will make."""
        return bool(self._state[self._kernel.layout.STOP] == self._kernel.layout.FULL and self.waiting)

    def _tell(self, t: Transaction) -> None:
        """Add what a run read to the transaction."""
        kernel, state = self._kernel, self._state
        sums = dict(
            zip(_SUMS, state[kernel.layout.T_CLP : kernel.layout.T_CLP + len(_SUMS)].tolist(), strict=True)
        )
        for name, value in sums.items():
            setattr(t.totals, name, getattr(t.totals, name) + value)
        t.claims += sums["n_clp"]
        t.charged += sums["clp03"]
        t.paid += sums["clp04"]
        t.remember_text(memoryview(self._canon.data)[: int(state[kernel.layout.CANON])])
        t.lx_number = kernel.text_of(self._data, int(state[kernel.layout.LX]))
        self._lx = (t.lx_number, int(state[kernel.layout.LX]))

    def columns(self, table: str) -> list[pa.Array]:
        """The waiting rows of a table, as the columns that follow the lineage; [] where there are none."""
        if table not in _TABLES:
            return []
        number = _TABLES.index(table)
        count = self._state[self._kernel.layout.N_CLAIM + number]
        if not count:
            return []
        fields = list(REMIT_TABLES[table])[_LINEAGE_COLUMNS:]
        cells = self._tables[number, :count]
        return [
            _no(len(cells)) if pa.types.is_boolean(field.type) else self._array(field.type, cells[:, at])
            for at, field in enumerate(fields)
        ]

    def _array(self, kind: pa.DataType, cells: Offsets) -> pa.Array:
        kernel, count = self._kernel, len(cells)
        bits, nulls = kernel.valid_bits(cells)
        valid = pa.py_buffer(bits) if nulls else None
        if pa.types.is_string(kind):
            offsets, text = kernel.texts(self._source.data, cells)
            buffers = [valid, pa.py_buffer(offsets), pa.py_buffer(text)]
        elif pa.types.is_decimal(kind):
            buffers = [valid, pa.py_buffer(kernel.wide(cells))]
        elif pa.types.is_int64(kind):
            buffers = [valid, pa.py_buffer(np.ascontiguousarray(cells))]
        else:
            buffers = [valid, pa.py_buffer(kernel.narrow(cells))]
        return pa.Array.from_buffers(kind, count, buffers, nulls)

    def clear(self) -> None:
        """Forget the rows that were handed on."""
        kernel = self._kernel
        self._state[kernel.layout.N_CLAIM : kernel.layout.N_CLAIM + len(_TABLES)] = 0
        self.waiting = 0


def _no(count: int) -> pa.Array:
    """A column of false: what only odd claims have."""
    return pa.Array.from_buffers(pa.bool_(), count, [None, pa.py_buffer(bytes((count + 7) // 8))], 0)
