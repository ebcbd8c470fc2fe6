"""Which pieces between terminators are segments, and which only look like one.

A terminator inside a name cuts a segment in two. Where the second piece begins like a segment
(``N1*PR*PL~AN*XV*90001``) it is told by an id that no segment has and by completing the one before.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

# fmt: off
_IDS = (
    "ISA", "GS", "ST", "SE", "GE", "IEA", "BPR", "TRN", "CUR", "REF", "DTM", "N1", "N2", "N3", "N4", "PER",
    "RDM", "LX", "TS2", "TS3", "CLP", "CAS", "NM1", "MIA", "MOA", "AMT", "QTY", "SVC", "LQ", "PLB", "NTE",
    "BHT", "HL", "PRV", "SBR", "PAT", "DMG", "CLM", "DTP", "CL1", "PWK", "CN1", "K3", "CR1", "CR2", "CR3",
    "CR5", "CRC", "HI", "HCP", "OI", "SV1", "SV5", "PS1", "MEA", "LIN", "CTP", "SVD", "FRM",
)
# fmt: on
# segment → elements its first piece may have, id included, and how many the whole has
_CUT = {b"N1": ((3,), 5), b"NM1": ((4, 5, 6, 7, 8), 10), b"N4": ((2,), 4), b"PER": ((3,), 5)}
_BITS = 6  # tell letters, small letters and digits apart


def _table(ids: Iterable[str]) -> NDArray[np.bool_]:
    table = np.zeros(1 << 3 * _BITS, np.bool_)
    for text in ids:
        for spelling in {text, text.lower(), text.title()}:
            table[_place(*spelling.encode().ljust(3, b"?"))] = True
    return table


def _place(first: int, second: int, third: int) -> int:
    return (first & 63) << 2 * _BITS | (second & 63) << _BITS | third & 63


_KNOWN = _table(_IDS)
_CUTTABLE = _table(segment_id.decode() for segment_id in _CUT)


def is_known(byte: list[NDArray[np.uint8]], two: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether ids are those of segments, by their first three bytes; ``two``: by their first two."""
    return _is_in(_KNOWN, byte, two)


def is_cuttable(byte: list[NDArray[np.uint8]], two: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether ids are those of segments that ``continues`` may find cut."""
    return _is_in(_CUTTABLE, byte, two)


def _is_in(
    table: NDArray[np.bool_], byte: list[NDArray[np.uint8]], two: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    first, second = byte[0].astype(np.int32) & 63, byte[1].astype(np.int32) & 63
    third = np.where(two, ord("?"), byte[2]).astype(np.int32) & 63
    found: NDArray[np.bool_] = table[first << 2 * _BITS | second << _BITS | third]
    return found


def continues(before: bytes, piece: bytes, separator: int) -> bool:
    """Whether ``piece`` completes the segment that ``before`` begins: its name, place or contact."""
    mark = bytes([separator])
    begun, (piece_id, *rest) = (text.translate(None, b"\r\n").split(mark) for text in (before, piece))
    if piece_id.strip().upper().decode("latin-1") in _IDS:  # with a line break inside
        return False
    segment_id = begun[0].upper()
    lengths, whole = _CUT.get(segment_id, ((), 0))
    joined = [element.strip() for element in begun + rest]
    if len(begun) not in lengths or len(joined) != whole or not joined[-1]:
        return False
    qualifier = joined[-2].upper()
    if segment_id == b"N4":
        return len(qualifier) == 2 and qualifier.isalpha() and joined[-1][:5].isdigit()
    if segment_id == b"PER":
        return qualifier in (b"TE", b"FX", b"EM", b"EX", b"UR")
    return 0 < len(qualifier) <= 2 and qualifier.isalnum()
