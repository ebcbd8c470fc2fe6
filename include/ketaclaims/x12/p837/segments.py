"""What each segment of an 837P says: one handler per segment id.

A handler returns whether the tables now hold the whole segment; if not, its text is kept in
``billed_segment_other`` too. Elements are trimmed and padded, so any position may be read.
"""

from collections.abc import Callable

from ketaclaims.x12.p837 import claim_segments, detail_segments, service_segments
from ketaclaims.x12.p837.transaction import Transaction

Handler = Callable[[Transaction, list[str]], bool]

PADDING = [""] * 26  # no segment read by position has more elements


def keep(t: Transaction, segment_id: str, text: str) -> None:
    """Keep a segment's text in order."""
    at = t.cursor
    row = (at.segment_number, at.st_index, at.claim_index, at.line_index, segment_id, text)
    t.tables["billed_segment_other"].append(row)


def feed(t: Transaction, elements: list[str], text: str) -> None:
    """Read one segment of an open transaction (not ST or SE)."""
    segment_id = elements[0].upper()
    elements += PADDING
    handler = HANDLERS.get(segment_id)
    if handler is not None and handler(t, elements):
        return
    if handler is None and segment_id not in _KEPT:
        t.log.add("UNKNOWN_SEGMENT", "this segment id is not part of the 837P")
    keep(t, segment_id, text)


HANDLERS: dict[str, Handler] = {
    "BHT": claim_segments.bht,
    "HL": claim_segments.hl,
    "SBR": claim_segments.sbr,
    "PAT": claim_segments.pat,
    "CLM": claim_segments.clm,
    "HI": claim_segments.hi,
    "LX": service_segments.lx,
    "SV1": service_segments.sv1,
    "LIN": service_segments.lin,
    "CTP": service_segments.ctp,
    "SVD": service_segments.svd,
    "CAS": service_segments.cas,
    "NM1": detail_segments.nm1,
    "N3": detail_segments.n3,
    "N4": detail_segments.n4,
    "DMG": detail_segments.dmg,
    "PRV": detail_segments.prv,
    "REF": detail_segments.ref,
    "DTP": detail_segments.dtp,
    "AMT": detail_segments.amt,
    "NTE": detail_segments.nte,
    "HCP": detail_segments.hcp,
}
# known, without a column of their own
_KEPT = frozenset(
    (
        *(
            "CN1",
            "CR1",
            "CR2",
            "CR3",
            "CR5",
            "CRC",
            "CUR",
            "FRM",
            "K3",
            "LQ",
            "MEA",
            "MOA",
            "N2",
            "OI",
            "PER",
        ),
        *("PS1", "PWK", "QTY", "SV5"),
    )
)
