"""A FHIR file to its JSON objects, one at a time: NDJSON, or one document such as a Bundle.

Memory is bounded by the longest line accepted. A line that cannot be read costs that line only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

# one resource with an attachment, or one Bundle; also the largest file read as one document
MAX_LINE_BYTES = 64 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"

MESSAGES = {
    "LINE_TOO_LONG": f"Longer than a line may be ({MAX_LINE_BYTES // 1024 // 1024} MiB).",
    "CONTROL_CHARACTER": "The line holds a NUL character.",
    "BAD_ENCODING": "The line is not UTF-8, as JSON must be.",
    "BAD_JSON": "Not one JSON value; a cut or wrapped line looks like this.",
    "TOO_DEEP": "Nested deeper than any FHIR resource.",
    "NO_RESOURCE_TYPE": "Not a FHIR resource: an object with resourceType is expected.",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One JSON object, or with a reason what could not be read; ``data`` are its bytes (PHI)."""

    number: int
    data: bytes
    resource: dict[str, Any] | None
    reason: str = ""


_decoder = msgspec.json.Decoder(float_hook=Decimal)  # no number passes through a float


def read_lines(source: Path) -> Iterator[Line]:
    """The lines of a file; blank ones are counted, not given. A file that is one document is line 1."""
    document = _document(source)
    if document is not None:
        yield document
        return
    with source.open("rb") as stream:
        number = 0
        while data := stream.readline(MAX_LINE_BYTES + 1):
            number += 1
            if len(data) > MAX_LINE_BYTES and not data.endswith(b"\n"):
                _drain(stream, data)
                yield Line(number, data, None, "LINE_TOO_LONG")
                continue
            data = data.removeprefix(_BOM).strip() if number == 1 else data.strip()
            if data:
                yield _read(number, data)


def _drain(stream: BinaryIO, piece: bytes) -> None:
    while piece and not piece.endswith(b"\n"):
        piece = stream.readline(MAX_LINE_BYTES)


def _document(source: Path) -> Line | None:
    """The file as one JSON object when its first line is none by itself; None if it is NDJSON."""
    with source.open("rb") as stream:
        first = stream.readline(MAX_LINE_BYTES).removeprefix(_BOM).strip()
        if first.endswith(b"}") or source.stat().st_size > MAX_LINE_BYTES:
            return None
        stream.seek(0)
        line = _read(1, stream.read().removeprefix(_BOM).strip())
    return None if line.reason else line


def _read(number: int, data: bytes) -> Line:
    value, reason = None, ""
    if b"\0" in data or b"\\u0000" in data:
        reason = "CONTROL_CHARACTER"
    else:
        try:
            value = _decoder.decode(data)
        except UnicodeDecodeError:
            reason = "BAD_ENCODING"
        except RecursionError:
            reason = "TOO_DEEP"
        except (msgspec.DecodeError, ArithmeticError):
            reason = "BAD_JSON"
        else:
            if type(value) is not dict or not isinstance(value.get("resourceType"), str):
                reason = "NO_RESOURCE_TYPE"
    return Line(number, data, None, reason) if reason else Line(number, data, value)
