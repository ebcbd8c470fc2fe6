"""From the bytes of one X12 file to its rows, whatever its transaction set."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ketaclaims.x12.envelope import OpenTransaction
from ketaclaims.x12.issues import Place
from ketaclaims.x12.tokens import InputRefused, SegmentBlock, Tokeniser
from ketaclaims.x12.x12_file import X12File

Progress = Callable[[int], None]  # bytes of the file read so far
T = TypeVar("T", bound=OpenTransaction)


def read_file(source: Path, max_segment_bytes: int, file: X12File[T], on_progress: Progress | None) -> None:
    """Feed a file from its bytes to its end, or to where reading on makes no sense, and hand its rows on."""
    buffers = file.buffers
    with source.open("rb") as stream:
        tokeniser = Tokeniser(stream, max_segment_bytes)
        try:
            for item in tokeniser.blocks():
                if isinstance(item, SegmentBlock):
                    file.block(item)
                    buffers.end_block()
                    if on_progress is not None:
                        on_progress(item.file_offset + len(item.data))
                else:
                    file.gap(item)
            if tokeniser.has_byte_order_mark:
                file.log.add(
                    "BYTE_ORDER_MARK", "the file begins with a byte order mark", place=Place(None, 0)
                )
            file.close()
        except InputRefused as refused:
            file.log.refuse(refused.code, refused.message, Place(None, refused.byte_offset))
            buffers.mute()
    buffers.flush()
