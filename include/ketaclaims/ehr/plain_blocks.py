"""The fast way through a delimited file: blocks of faultless lines go to Arrow columns at once.

A block is plain when no field holds a line end and nothing in it needs a decision: quotes only as RFC 4180
has them, no NUL, no lone carriage return, no blank or empty rows, no overlong line, valid UTF-8, every line
as wide as the header, and no row that a profile may leave out. From the first block that is not, ``records``
reads the rest with all its care; rows and their numbers are the same either way.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from ketaclaims.ehr.records import Row

BLOCK_BYTES = 4 << 20
MAX_LINE_BYTES = 100_000
_LINE_END = ord("\n")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class PlainBlock(Sequence[Row]):
    """Rows of one block by column; one row is put together only when asked for."""

    first_row: int
    columns: tuple[pa.Array, ...]

    def __len__(self) -> int:
        return len(self.columns[0])

    def __getitem__(self, at: int) -> Row:  # type: ignore[override]
        number = self.first_row + at
        return Row(number, number, 0, [column[at].as_py() for column in self.columns])

    def numbers(self) -> list[int]:
        """Row numbers, which here are those of lines too."""
        return list(range(self.first_row, self.first_row + len(self)))


@dataclass(slots=True)
class PlainBlocks:
    """Plain blocks below a header; afterwards ``offset`` and ``row_number`` say where the rest begins.

    ``row_number`` is that of the last row dealt with.
    """

    source: Path
    delimiter: str
    width: int
    row_number: int
    accepts: Callable[["PlainBlock"], bool]
    offset: int = 0

    def __iter__(self) -> Iterator[PlainBlock]:
        with self.source.open("rb") as stream:
            if not self._skip_header(stream.read(BLOCK_BYTES)):
                return
            while True:
                stream.seek(self.offset)
                block = _whole_lines(stream.read(BLOCK_BYTES))
                columns = self._split(block) if block else None
                if columns is None:
                    return
                rows = PlainBlock(self.row_number + 1, columns)
                if not self.accepts(rows):
                    return
                yield rows
                self.offset += len(block)
                self.row_number += len(columns[0])

    def _skip_header(self, head: bytes) -> bool:
        """Move behind the header; not where lines up to it are anything but rows, or in another encoding."""
        at = len(_BOM) if head.startswith(_BOM) else 0
        for _ in range(self.row_number):
            end = head.find(b"\n", at)
            if end < 0 or not _is_plain(head[at : end + 1], self.delimiter):
                return False
            at = end + 1
        self.offset = at
        return True

    def _split(self, block: bytes) -> tuple[pa.Array, ...] | None:
        if not _is_plain(block, self.delimiter):
            return None
        names = [str(at) for at in range(self.width)]
        try:
            table = pa_csv.read_csv(
                pa.BufferReader(block),
                read_options=pa_csv.ReadOptions(
                    column_names=names, use_threads=False, block_size=BLOCK_BYTES
                ),
                parse_options=pa_csv.ParseOptions(delimiter=self.delimiter, ignore_empty_lines=False),
                convert_options=pa_csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
                ),
            )
        except pa.ArrowInvalid:  # a ragged line, or bytes that are not UTF-8
            return None
        return tuple(column.combine_chunks() for column in table.columns)


def _whole_lines(block: bytes) -> bytes:
    """The block up to its last line end; what has none, at the end of a file too, is left to the rest."""
    return block[: block.rfind(b"\n") + 1]


def _is_plain(block: bytes, delimiter: str) -> bool:
    if b"\0" in block or block.count(b"\r") != block.count(b"\r\n"):
        return False
    if block.startswith((b"\n", b"\r")) or b"\n\n" in block or b"\n\r\n" in block:
        return False
    mark = re.escape(delimiter.encode())
    if re.search(rb'(?m)^(?:""|(?:"")?(?:%s(?:"")?)+)\r?$' % mark, block):
        return False  # a row of empty cells
    if b'"' in block and not _well_quoted(mark).fullmatch(block):
        return False
    ends = np.flatnonzero(np.frombuffer(block, np.uint8) == _LINE_END)
    return int(np.diff(ends, prepend=-1).max(initial=0)) <= MAX_LINE_BYTES


@cache
def _well_quoted(mark: bytes) -> re.Pattern[bytes]:
    """Lines whose quotes enclose whole fields and stand twice inside them. Linear: no part is tried twice."""
    field = rb'(?:"(?:[^"\r\n]|"")*+"|[^"\r\n%s]*+)' % mark
    return re.compile(rb"(?:%s(?:%s|\r?\n))*+" % (field, mark))
