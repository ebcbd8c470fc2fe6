"""What each segment of a transaction says: one handler per segment id.

A handler puts rows into the tables and changes the transaction's state. It returns whether the tables now
hold the whole segment; if not, its text is kept in ``remit_segment_other`` too. Elements are trimmed and
padded, so any position may be read.
"""

from collections.abc import Callable

from ketaclaims.x12 import claim_segments, detail_segments, payment_segments
from ketaclaims.x12.transaction import Transaction

Handler = Callable[[Transaction, list[str]], bool]

PADDING = [""] * 26  # no segment of the 835 has more elements


def keep(t: Transaction, segment_id: str, text: str) -> None:
    """Keep a segment's text in order."""
    at = t.cursor
    row = (at.segment_number, at.st_index, at.claim_index, at.line_index, segment_id, text)
    t.tables["remit_segment_other"].append(row)


def feed(t: Transaction, elements: list[str], text: str) -> None:
    """Read one segment of an open transaction (not ST or SE)."""
    segment_id = elements[0].upper()
    t.remember(segment_id, elements)
    elements += PADDING
    handler = HANDLERS.get(segment_id)
    if handler is not None and handler(t, elements) and not _has_small_code(segment_id, elements):
        return
    if handler is None and segment_id not in _KEPT:
        t.log.add("UNKNOWN_SEGMENT", "this segment id is not part of the 835")
    keep(t, segment_id, text)


def _has_small_code(segment_id: str, elements: list[str]) -> bool:
    """Whether the tables hold in capitals what was sent in small letters."""
    return any(elements[at] != elements[at].upper() for at in (0, *_CODES[segment_id]))


HANDLERS: dict[str, Handler] = {
    "BPR": payment_segments.bpr,
    "TRN": payment_segments.trn,
    "CUR": payment_segments.cur,
    "N1": payment_segments.n1,
    "LX": claim_segments.lx,
    "CLP": claim_segments.clp,
    "CAS": claim_segments.cas,
    "NM1": detail_segments.nm1,
    "MIA": detail_segments.remarks_of("MIA"),
    "MOA": detail_segments.remarks_of("MOA"),
    "SVC": claim_segments.svc,
    "REF": detail_segments.ref,
    "DTM": detail_segments.dtm,
    "AMT": detail_segments.amt,
    "QTY": detail_segments.qty,
    "LQ": detail_segments.lq,
    "PLB": payment_segments.plb,
}
_KEPT = frozenset({"N2", "N3", "N4", "PER", "RDM", "TS2", "TS3", "NTE"})  # known, no table of their own
# elements read as codes, in capitals; of the segments that are not kept as text anyway
_CODES: dict[str, tuple[int, ...]] = {
    "CLP": (2, 6, 8, 9),
    "CAS": (1, 2, 5, 8, 11, 14, 17),
    "SVC": (1,),
    "PLB": (3, 5, 7, 9, 11, 13),
    "N1": (1, 3),
    "NM1": (1, 8),
    "LQ": (1, 2),
    **detail_segments.REMARKS,
    **dict.fromkeys(("REF", "DTM", "AMT", "QTY"), (1,)),
}
