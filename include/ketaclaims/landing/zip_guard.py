"""Opening a zip without trusting it: its directory is bounded before it is loaded into memory."""

import os
import struct
import zipfile
from pathlib import Path

from ketaclaims.raw.contract import Issue

DIRECTORY_BYTES_PER_MEMBER = 512  # header, name and extra field of an ordinary member, generously
SMALLEST_LIMIT_BYTES = 1 << 20
_END = struct.Struct("<4s4H2LH")  # end of central directory record
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64 = struct.Struct("<4sLQL")


class ArchiveRefusedError(Exception):
    """The archive as a whole is not to be read; ``issue`` says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.issue = Issue(code, "error", message)


def open_zip(path: Path, max_members: int) -> zipfile.ZipFile:
    """Open a zip whose directory is of a sane size, else ArchiveRefusedError (ZIP_BOMB, ARCHIVE_CORRUPT)."""
    count, directory_bytes = _directory_size(path)
    limit = max(SMALLEST_LIMIT_BYTES, max_members * DIRECTORY_BYTES_PER_MEMBER)
    if count > max_members or directory_bytes > limit:
        raise ArchiveRefusedError("ZIP_BOMB", f"The archive names more than {max_members} members.")
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, struct.error, NotImplementedError):
        raise ArchiveRefusedError("ARCHIVE_CORRUPT", "The directory of the archive cannot be read.") from None
    if len(archive.infolist()) > max_members:  # the count of the end record is only a claim
        archive.close()
        raise ArchiveRefusedError("ZIP_BOMB", f"The archive names more than {max_members} members.")
    return archive


def _directory_size(path: Path) -> tuple[int, int]:
    """Member count and directory bytes as the end record states them."""
    with path.open("rb") as source:
        total = source.seek(0, os.SEEK_END)
        start = max(0, total - _END.size - 0xFFFF)
        source.seek(start)
        tail = source.read()
        at = tail.rfind(b"PK\x05\x06")
        if at < 0 or len(tail) - at < _END.size:
            raise ArchiveRefusedError(
                "ARCHIVE_CORRUPT", "The archive has no end record: cut off, or not a zip."
            )
        record = _END.unpack_from(tail, at)
        count, directory_bytes = record[4], record[5]
        if 0xFFFF not in (record[3], count) and 0xFFFFFFFF not in (directory_bytes, record[6]):
            return count, directory_bytes
        return _directory_size_64(source.fileno(), start + at) or (count, directory_bytes)


def _directory_size_64(descriptor: int, end_at: int) -> tuple[int, int] | None:
    raw = os.pread(descriptor, _LOCATOR64.size, max(0, end_at - _LOCATOR64.size))
    if len(raw) < _LOCATOR64.size or not raw.startswith(b"PK\x06\x07"):
        return None
    record = os.pread(descriptor, _END64.size, min(_LOCATOR64.unpack(raw)[2], end_at))
    if len(record) < _END64.size or not record.startswith(b"PK\x06\x06"):
        raise ArchiveRefusedError("ARCHIVE_CORRUPT", "The zip64 end record of the archive cannot be read.")
    fields = _END64.unpack(record)
    return fields[7], fields[8]
