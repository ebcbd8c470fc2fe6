"""X12 text: segments of elements to bytes, under the delimiters of one sender."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from ketaclaims.simulate.model import Cell
from ketaclaims.simulate.x12_writer import Style, amount

Segment = Sequence[str]


def render(segments: Iterable[Segment], style: Style) -> bytes:
    """The bytes of one interchange. Data may hold no delimiter: what would be one becomes a blank."""
    end = style.terminator + style.newline
    texts = []
    for segment in segments:
        if segment[0] == "ISA":  # declares the delimiters and is as wide as it must be
            texts.append(style.element.join(segment))
        else:
            texts.append(
                style.element.join(plain(element, style) for element in segment).rstrip(style.element)
            )
    return "".join(text + end for text in texts).encode("ascii")


def plain(data: str, style: Style) -> str:
    """Data without delimiters, and without the blanks that would stand at its end."""
    return re.sub(
        f"[{re.escape(style.element + style.repetition + style.terminator)}\r\n]", " ", data
    ).rstrip(" ")


def composite(parts: Sequence[str], style: Style) -> str:
    """Components of one element, without empty ones at the end."""
    clean = [plain(part.replace(style.component, " "), style) for part in parts]
    return style.component.join(clean).rstrip(style.component)


def text(value: Cell) -> str:
    """A cell as an element: amounts without trailing zeros, dates CCYYMMDD, nothing as empty."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return amount(value)
    if isinstance(value, datetime | date):
        return f"{value:%Y%m%d}"
    return str(value)
