"""The canonical text of a segment: what is left when delimiters and spelling are taken away.

Two copies of one payment (re-sent, re-split, from payer and clearinghouse) have the same canonical text, so
the same content hash and payment identity (design 4.2).
"""

import hashlib
from collections.abc import Iterable

from ketaclaims.x12.values import plain_decimal

ELEMENT, COMPONENT, SEGMENT = "\x1f", "\x1e", "\x1d"

# element positions that are numbers, and those that are composites, by segment id
DECIMALS: dict[str, tuple[int, ...]] = {
    "BPR": (2,),
    "CLP": (3, 4, 5, 12, 13),
    "SVC": (2, 3, 5, 7),
    "CAS": (3, 4, 6, 7, 9, 10, 12, 13, 15, 16, 18, 19),
    "PLB": (4, 6, 8, 10, 12, 14),
    "AMT": (2,),
    "QTY": (2,),
    "MIA": (1, 2, 3, 4, *range(6, 20), 24),
    "MOA": (1, 2, 8, 9),
    "TS2": tuple(range(1, 20)),
    "TS3": tuple(range(4, 25)),
}
COMPOSITES: dict[str, tuple[int, ...]] = {"SVC": (1, 6), "PLB": (3, 5, 7, 9, 11, 13)}


def canonical(segment_id: str, elements: list[str], component: str) -> str:
    """One segment of trimmed elements: numbers in one spelling, empty tails cut."""
    decimals = DECIMALS.get(segment_id)
    if decimals is not None:
        elements = elements.copy()
        count = len(elements)
        for at in decimals:
            if at >= count:
                break
            if elements[at]:
                elements[at] = plain_decimal(elements[at])
        for at in COMPOSITES.get(segment_id, ()):
            if at < count:
                elements[at] = elements[at].replace(component, COMPONENT).rstrip(COMPONENT)
    return ELEMENT.join(elements).rstrip(ELEMENT)


def digest(parts: Iterable[str]) -> str:
    """md5 of parts in upper case that cannot run into each other (a name, not a protection)."""
    return hashlib.md5(SEGMENT.join(parts).upper().encode(), usedforsecurity=False).hexdigest()
