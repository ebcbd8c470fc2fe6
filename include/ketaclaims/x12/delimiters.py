"""Delimiters of one interchange, read from its ISA header and never assumed.

The header is fixed width (106 bytes with its terminator): element separator = byte 4, component separator =
ISA16, segment terminator = the byte after it. Mail programs and editors wrap it or trim its padding, so two
fallbacks read it without line breaks and by counting sixteen separators.
"""

import re
from dataclasses import dataclass

HEADER_BYTES = 106
HEADER_WINDOW = 512  # no header, wrapped or padded, is longer
LEADING_LIMIT = 65_536  # a banner before the first header is shorter than this

_SEPARATORS_AT = (3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103)
_LINE_BREAKS = b"\r\n"
_ID = re.compile(rb"ISA")
_WRAPPED_ID = re.compile(rb"I[\r\n]{0,2}S[\r\n]{0,2}A")  # a line break may stand inside the id too
_ID_BYTES = 7  # of the longest of these
_VERSION = re.compile(rb"[0-9]{5}")
_CONTROL_NUMBER = re.compile(rb"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The three delimiter bytes of one interchange; ``fixed_width`` is false where a fallback read them."""

    element: int
    component: int
    terminator: int
    fixed_width: bool = True


def find_header(data: bytes, start: int, stop: int, *, strict: bool = False) -> tuple[int, Delimiters] | None:
    """Position and delimiters of the first readable ISA header that begins in ``data[start:stop]``.

    ``strict`` takes fixed-width headers only: the test for a header in the middle of other data.
    """
    pattern = _ID if strict else _WRAPPED_ID
    for found in pattern.finditer(data, start, min(len(data), stop + _ID_BYTES)):
        at = found.start()
        if at >= stop:
            break
        delimiters = _read(data[at : at + HEADER_WINDOW], strict)
        if delimiters is not None:
            return at, delimiters
    return None


def begins_header(data: bytes) -> bool:
    """Whether an ISA and a separator open ``data``, readable as a whole header or not."""
    return data.startswith(b"ISA") and len(data) > 3 and _is_delimiter(data[3])


def _read(window: bytes, strict: bool) -> Delimiters | None:
    found = _fixed(window, fixed_width=True) if begins_header(window) else None
    if found is None and not strict:
        joined = _unwrapped(window)
        if begins_header(joined):
            found = _fixed(joined, fixed_width=False) or _split(window)
    return found


def _unwrapped(window: bytes) -> bytes:
    """The header without line breaks, but for one that stands where the terminator does."""
    joined = window.translate(None, _LINE_BREAKS)
    end = HEADER_BYTES - 1  # where the terminator stands once the breaks before it are counted
    while (counted := HEADER_BYTES - 1 + _breaks(window[:end])) != end:
        end = counted
    after = window[end : end + 1]
    return joined[: HEADER_BYTES - 1] + (after if after in (b"\r", b"\n") else joined[HEADER_BYTES - 1 :])


def _breaks(text: bytes) -> int:
    return text.count(b"\n") + text.count(b"\r")


def _fixed(window: bytes, *, fixed_width: bool) -> Delimiters | None:
    if len(window) < HEADER_BYTES:
        return None
    separator = window[3]
    if any(window[at] != separator for at in _SEPARATORS_AT):
        return None
    return _checked(separator, window[104], window[105:107], fixed_width)


def _split(window: bytes) -> Delimiters | None:
    """Read a header whose padding was trimmed or lengthened: sixteen elements, each plausible."""
    separator = window[3]
    parts = window.split(bytes([separator]), 16)
    if len(parts) != 17:
        return None
    elements = [part.strip() for part in parts[:16]]
    plausible = (
        all(len(element) <= 15 for element in elements)
        and _VERSION.fullmatch(elements[12])
        and _CONTROL_NUMBER.fullmatch(elements[13])
        and elements[15] in (b"P", b"T")
    )
    tail = parts[16].lstrip(b" ")
    if not plausible or len(tail) < 2:
        return None
    return _checked(separator, tail[0], tail[1:].lstrip(b" ")[:2], False)


def _checked(separator: int, component: int, end: bytes, fixed_width: bool) -> Delimiters | None:
    if not end:
        return None
    terminator = 10 if end == b"\r\n" else end[0]
    distinct = len({separator, component, terminator}) == 3
    if not distinct or not all(_is_delimiter(byte) for byte in (separator, component)):
        return None
    if not (_is_delimiter(terminator) or terminator in _LINE_BREAKS):
        return None
    return Delimiters(separator, component, terminator, fixed_width)


def _is_delimiter(byte: int) -> bool:
    return byte not in (0, 9, 10, 13, 32) and not chr(byte).isalnum()
