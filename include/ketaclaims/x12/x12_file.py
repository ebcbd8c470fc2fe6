"""One X12 file: its blocks of segments fed in order, and what refuses the file as a whole."""

from abc import abstractmethod
from collections.abc import Callable, Set

from ketaclaims.raw.contract import ReadContext, Status
from ketaclaims.x12.delimiters import HEADER_BYTES
from ketaclaims.x12.envelope import Buffers, Form
from ketaclaims.x12.envelopes import Envelopes, T
from ketaclaims.x12.text import BlockText, Segment
from ketaclaims.x12.tokens import Gap, SegmentBlock
from ketaclaims.x12.values import BLANKS

_PADDING = [""] * 17  # the longest envelope segment


class X12File(Envelopes[T]):
    """Fed with blocks and gaps in order, then closed once."""

    def __init__(self, form: Form, context: ReadContext, buffers: Buffers, keep: Set[int] | None) -> None:
        super().__init__(form, context, buffers, keep)
        self._handlers: dict[str, Callable[[list[str], Segment], None]] = {
            "ISA": self._on_isa,
            "GS": self._on_gs,
            "ST": self._on_st,
            "SE": self._on_se,
            "GE": self._on_ge,
            "IEA": self._on_iea,
        }

    # feeding

    def gap(self, gap: Gap) -> None:
        """Text outside any interchange."""
        self.cursor.byte_offset = gap.file_offset
        if gap.broken_header and not gap.leading:
            if gap.byte_count < HEADER_BYTES:
                self._cut("the file ends inside an ISA header")
            else:
                self.log.refuse("BAD_HEADER", "an ISA header that cannot be read")
        code = "LEADING_TEXT" if gap.leading else "TRAILING_TEXT"
        self.log.add(code, f"{gap.byte_count} bytes outside any interchange")

    def block(self, block: SegmentBlock) -> None:
        """Whole segments of one interchange."""
        separator = chr(block.delimiters.element)
        self._component = chr(block.delimiters.component)
        text, index = BlockText(block), 0
        self._enter(block)
        while index < len(text):
            taken = self._take_bulk(index)
            if not taken:
                self._read(text.segment(index), separator)
            index += taken or 1
        if block.wrapped:
            self.log.add("WRAPPED_LINES", "line breaks inside segments")
        if not block.delimiters.fixed_width and block.data.startswith(b"ISA"):
            self.log.add("HEADER_WIDTH", "an ISA header is not 106 characters wide")
        if self.log.is_refused:
            self.buffers.mute()

    # what a transaction set does in its own way

    @abstractmethod
    def _feed(self, transaction: T, elements: list[str], text: str) -> None:
        """Read one segment of an open transaction."""

    def _enter(self, block: SegmentBlock) -> None:
        """The next segments are of this block."""

    def _take_bulk(self, index: int) -> int:
        """Take segments from ``index`` of the block on by a faster way; how many that were."""
        return 0

    def _read(self, segment: Segment, separator: str) -> None:
        self.cursor.segment_number += 1
        self.cursor.byte_offset = segment.byte_offset
        elements = segment.text.split(separator)
        if " " in segment.text or "\t" in segment.text:
            elements = [element.strip(BLANKS) for element in elements]
        self._segment(elements, segment)

    def close(self) -> None:
        """The end of the file."""
        self._leave_interchange()
        if self._st_count == 0 and not self.log.is_refused:
            self.log.add("NO_TRANSACTION", "an envelope without a transaction")
        if self.log.is_refused:
            self.buffers.mute()

    @property
    def status(self) -> Status:
        """The worst of the file and its transactions."""
        if self.log.is_refused:
            return "rejected"
        if "held" in self._statuses:
            return "held"
        return "warned" if "warned" in self._statuses or self.log.is_file_warned else "clean"

    def _segment(self, elements: list[str], segment: Segment) -> None:
        segment_id = elements[0].upper()
        handler = self._handlers.get(segment_id)
        if segment.is_cut and segment_id != "IEA":
            self._cut("the file ends inside a segment")
            self._keep_text(segment_id, segment)
            return
        if handler is not None:
            if segment.invalid_at is not None:
                self.log.refuse(
                    "INVALID_BYTES", f"a byte at {segment.invalid_at} of an envelope segment is no text"
                )
            handler(elements + _PADDING, segment)
        elif self._transaction is not None:
            if segment.invalid_at is not None:
                self.log.add("INVALID_BYTES", f"the byte at {segment.invalid_at} is no text")
            if segment.is_glued:
                self.log.add("TERMINATOR_IN_DATA", "a segment terminator inside data")
            self._feed(self._transaction, elements, segment.text)
        elif not self._is_skipping:
            self._unexpected(segment_id, segment)
