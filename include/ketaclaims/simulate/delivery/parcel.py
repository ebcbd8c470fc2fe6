"""One file on its way to the landing folder."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Parcel:
    """``written_at`` is the file's mtime, which orders versions."""

    name: str
    content: bytes
    written_at: datetime
