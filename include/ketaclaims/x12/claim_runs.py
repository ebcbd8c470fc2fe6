"""Regular claims in bulk: the compiled reader's side of one file (see ``kernel`` for what is regular).

Without numba, or where its compiled code cannot be kept, there are no runs and the handlers of ``segments``
read everything: the same rows, slower.
"""

import logging
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from ketaclaims.x12 import cells as layout
from ketaclaims.x12.cells import words
from ketaclaims.x12.offsets import Offsets
from ketaclaims.x12.tables import REMIT_TABLES
from ketaclaims.x12.tokens import SegmentBlock
from ketaclaims.x12.transaction import Transaction

if TYPE_CHECKING:
    from ketaclaims.x12.machine_code import Native

# below these the compiled reader costs more to start, or to hand rows on, than it saves
WORTHWHILE_FILE_BYTES = 250_000
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
_WIDTHS = np.array([4, 8, 16, 4])  # bytes of a value by kind; of text, of its offset


@cache
def compiled() -> "Native | None":
    """The compiled reader, made or loaded once; None where there can be none."""
    try:
        from ketaclaims.x12.machine_code import native

        return native()
    except ImportError:
        _warn("numba is not installed")
    except OSError:
        _warn("there is no folder to keep it in; set NUMBA_CACHE_DIR to one")
    except RuntimeError:  # numba's own errors among them
        _warn("this numba cannot compile it")
    return None


def _warn(cause: str) -> None:
    logging.getLogger(__name__).warning("835s are read without compiled code, slowly: %s", cause)


class ClaimRuns:
    """Rows of the regular claims of one file, until ``columns`` hands them on.

    ``enter`` a block, ``take`` runs of claims from it, and ``clear`` once the rows are handed on: before the
    next block, for the rows point into this one.
    """

    def __init__(self, kernel: "Native") -> None:
        self._kernel = kernel
        self._state = np.zeros(layout.STATE_SIZE, np.int64)
        self._saved = np.zeros(layout.STATE_SIZE, np.int64)
        shape = (layout.TABLES, TABLE_ROWS, layout.WIDEST)
        self._tables = np.empty(shape, np.int64)
        self._canon = np.empty(0, np.uint8)
        self._data = b""
        self._source: Any = None
        self._scan: Any = None
        self._words: list[int] = []
        self._offset = 0  # of the block in the file
        self._heads: tuple[bytes, bytes] = (b"", b"")
        self._odd_at = -1
        self._lx: tuple[str | None, int] = (None, layout.NULL)  # a number and its cell in this block
        self.waiting = 0  # segments whose rows have not been handed on

    def enter(self, block: SegmentBlock, lx_number: str | None) -> bool:
        """Whether runs may be taken from this block; ``lx_number`` is of the LX before it."""
        marks = block.delimiters
        if block.wrapped or not WORTHWHILE_BLOCK_BYTES <= len(block.data) < layout.LARGEST_BLOCK_BYTES:
            return False
        lx = (lx_number or "").encode()
        self._data = block.data + _LEVELS + lx
        self._offset = block.file_offset
        end = len(block.data)
        self._lx = (lx_number, layout.text_cell(end + len(_LEVELS), len(lx)) if lx else layout.NULL)
        if len(self._canon) < 2 * end + 64:  # a number may grow by a zero, no element by more
            self._canon = np.empty(2 * end + 64, np.uint8)
        self._scan = layout.Scan(
            block.starts,
            block.ends,
            layout.byte_classes(marks.element, marks.component, marks.terminator),
            layout.capitals(marks.element),
            self._canon,
        )
        begins, ends, extent = np.full((3, layout.MAX_ELEMENTS), layout.MAX_ELEMENTS, np.int64)
        data, component = np.frombuffer(self._data, np.uint8), marks.component
        level_words = layout.text_cell(end, 5), layout.text_cell(end + 5, 4)
        self._source = layout.Source(data, begins, ends, extent, component, *level_words)
        self._words = words(self._source, self._scan, self._tables, self._state, self._saved)
        self._heads = (b"CLP" + bytes([marks.element]), b"LX" + bytes([marks.element]))
        self._odd_at = -1
        return True

    def take(self, t: Transaction | None, index: int) -> int:
        """Read claims and LX from segment ``index`` on, as the handlers would, and move the cursor past them.

        Returns how many segments it took; 0 says that the handlers must read the one at ``index``.
        """
        if t is None or not self._begins_at(t, index):
            return 0
        state = self._state
        state[layout.BASE] = t.cursor.segment_number + 1 - index
        state[layout.ST] = t.cursor.st_index or 0
        state[layout.CLAIMS] = t.claims
        state[layout.LX] = layout.NULL if t.lx_number is None else self._lx[1]
        state[layout.CANON] = 0
        state[layout.T_CLP : layout.T_CLP + len(_SUMS)] = 0
        stop = self._run(index)
        self._odd_at = stop if state[layout.STOP] == layout.AT_ODD else -1
        self.waiting += stop - index
        if stop > index:
            t.close_claim()  # one that the handlers left open
            t.cursor.segment_number += stop - index
            t.cursor.byte_offset = self._offset + int(self._scan.starts[stop - 1])
            self._tell(t)
        return stop - index

    def _run(self, index: int) -> int:
        return self._kernel.read_claims([*self._words, index, self.waiting])

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
        return bool(self._state[layout.STOP] == layout.FULL and self.waiting)

    def _tell(self, t: Transaction) -> None:
        """Add what a run read to the transaction."""
        state = self._state
        sums = dict(zip(_SUMS, state[layout.T_CLP : layout.T_CLP + len(_SUMS)].tolist(), strict=True))
        for name, value in sums.items():
            setattr(t.totals, name, getattr(t.totals, name) + value)
        t.claims += sums["n_clp"]
        t.charged += sums["clp03"]
        t.paid += sums["clp04"]
        t.remember_text(memoryview(self._canon.data)[: int(state[layout.CANON])])
        t.lx_number = layout.text_of(self._data, int(state[layout.LX]))
        self._lx = (t.lx_number, int(state[layout.LX]))

    def columns(self, table: str) -> list[pa.Array]:
        """The waiting rows of a table, as the columns that follow the lineage; [] where there are none."""
        if table not in _TABLES:
            return []
        number = _TABLES.index(table)
        count = self._state[layout.N_CLAIM + number]
        if not count:
            return []
        fields, kinds = _plan(table)
        cells, rows = self._tables[number], int(count)
        at, size = _places(kinds, rows)
        # from Arrow's pool, which gives memory back: NumPy's, held until written, leave the heap in shreds
        fixed = pa.allocate_buffer(size)
        halves, longs = np.frombuffer(fixed, np.int32), np.frombuffer(fixed, np.int64)
        nulls, text_bytes = np.zeros((2, len(kinds)), np.int64)
        self._kernel.fill(words(cells, rows, kinds, at, halves, longs, nulls, text_bytes))
        begins = np.cumsum(text_bytes) - text_bytes
        texts = pa.allocate_buffer(int(text_bytes.sum()))
        text = np.frombuffer(texts, np.uint8)
        self._kernel.gather(words(self._source.data, cells, rows, kinds, at, halves, begins, text))
        arrays = []
        for k, field in enumerate(fields):
            valid_at, values_at = at[k].tolist()
            buffers = [fixed.slice(valid_at, (rows + 7) // 8) if nulls[k] else None]
            buffers.append(fixed.slice(values_at, _WIDTHS[kinds[k]] * (rows + (kinds[k] == layout.TEXT))))
            if kinds[k] == layout.TEXT:
                buffers.append(texts.slice(int(begins[k]), int(text_bytes[k])))
            arrays.append(pa.Array.from_buffers(field.type, rows, buffers, int(nulls[k])))
        return arrays + [_no(rows)] * (len(list(REMIT_TABLES[table])) - _LINEAGE_COLUMNS - len(fields))

    def clear(self) -> None:
        """Forget the rows that were handed on."""
        self._state[layout.N_CLAIM : layout.N_CLAIM + len(_TABLES)] = 0
        self.waiting = 0


@cache
def _plan(table: str) -> tuple[list[pa.Field], Offsets]:
    """The fields of a table made from cells, and the kind of each; truth values follow them, always false."""
    fields = [
        each for each in list(REMIT_TABLES[table])[_LINEAGE_COLUMNS:] if not pa.types.is_boolean(each.type)
    ]
    return fields, np.array([_kind(each.type) for each in fields], np.int64)


def _kind(kind: pa.DataType) -> int:
    if pa.types.is_string(kind):
        return layout.TEXT
    if pa.types.is_decimal(kind):
        return layout.DECIMAL
    return layout.WIDE if pa.types.is_int64(kind) else layout.NARROW


def _places(kinds: Offsets, rows: int) -> tuple[Offsets, int]:
    """Where validity and values of each column begin in one buffer, at multiples of 64; its size."""
    sizes = np.empty((len(kinds), 2), np.int64)
    sizes[:, 0] = (rows + 7) // 8
    sizes[:, 1] = _WIDTHS[kinds] * (rows + 1)
    rounded = (sizes + 63) // 64 * 64
    ends = np.cumsum(rounded).reshape(rounded.shape)
    return np.ascontiguousarray(ends - rounded), int(ends[-1, -1])


def _no(count: int) -> pa.Array:
    """A column of false: what only odd claims have."""
    return pa.Array.from_buffers(pa.bool_(), count, [None, pa.py_buffer(bytes((count + 7) // 8))], 0)
