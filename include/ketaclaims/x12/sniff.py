"""Is this X12, and which transaction set: decided from the first bytes of a file, never from its name."""

from ketaclaims.x12.delimiters import LEADING_LIMIT, Delimiters, begins_header, find_header

_BOM_UTF8 = b"\xef\xbb\xbf"
_UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be", b"I\0": "utf-16-le", b"\0I": "utf-16-be"}
_SET_OF_GROUP = {
    b"HP": "835",
    b"HC": "837",
    b"FA": "999",
    b"HN": "277",
    b"HI": "278",
    b"HB": "271",
    b"HS": "270",
}


def is_x12(head: bytes) -> bool:
    """Whether an ISA header stands in ``head``: at its start, or readable after a byte order mark or banner.

    UTF-16 text of that kind counts too, so that the 835 reader can say what is wrong with it.
    """
    text = _single_byte(head)
    return begins_header(text.removeprefix(_BOM_UTF8).lstrip()) or _header(text) is not None


def transaction_set(head: bytes) -> str | None:
    """ST01 of the first transaction ('835', '837', ...), else what GS01 stands for; None if unseen."""
    text = _single_byte(head)
    found = _header(text)
    if found is None:
        return None
    start, delimiters = found
    group = None
    for segment in text[start:].split(bytes([delimiters.terminator])):
        elements = segment.strip().split(bytes([delimiters.element]), 2)
        if elements[0].upper() == b"ST" and len(elements) > 1:
            return elements[1].strip().decode("ascii", "replace")
        if elements[0].upper() == b"GS" and len(elements) > 1 and group is None:
            group = _SET_OF_GROUP.get(elements[1].strip().upper())
    return group


def _header(text: bytes) -> tuple[int, Delimiters] | None:
    return find_header(text, 0, min(len(text), LEADING_LIMIT))


def _single_byte(head: bytes) -> bytes:
    encoding = _UTF16.get(head[:2])
    if encoding is None:
        return head
    return head.decode(encoding, "ignore").lstrip("\ufeff").encode("ascii", "replace")
