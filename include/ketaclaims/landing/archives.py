"""Members of zip and gzip files, one at a time, within limits (faults A8, E42, E43).

A member is extracted to a file named by its position, so a hostile name never becomes a path. Limits are
checked while bytes come out, not from what the archive claims.
"""

import gzip
import hashlib
import lzma
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from ketaclaims.landing.classify import classify
from ketaclaims.landing.private_files import CHUNK_BYTES, create_private
from ketaclaims.landing.zip_guard import ArchiveRefusedError, open_zip
from ketaclaims.raw.contract import Issue
from ketaclaims.settings import Settings

RATIO_FREE_BYTES = 1 << 20  # tiny files may compress well; below this the ratio says nothing
_ENCRYPTED_FLAG = 0x1
_ZIP_EPOCH = 1980  # the year zip writes where it knows no time
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    ValueError,
    OSError,
)


@dataclass(frozen=True, slots=True)
class Member:
    """One file to read. A ``reject`` without ``name`` refuses the whole archive, whatever came before it.

    ``name`` is None for a file that is no archive (``path`` is then the file itself). ``sha256`` and
    ``size_bytes`` are those of an extracted member; ``modified_at`` is what the archive says, read as UTC.
    """

    name: str | None
    path: Path
    reject: Issue | None = None
    sha256: str | None = None
    size_bytes: int = 0
    modified_at: datetime | None = None


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(slots=True)
class _Budget:
    """Bytes one archive may still expand to."""

    max_total: int
    max_ratio: int
    archive_bytes: int
    spent: int = 0

    def spend(self, written: int, member_out: int, member_in: int) -> None:
        self.spent += written
        ratio_limit = max(RATIO_FREE_BYTES, self.max_ratio * max(1, member_in))
        total_limit = min(self.max_total, max(RATIO_FREE_BYTES, self.max_ratio * self.archive_bytes))
        if member_out > ratio_limit or self.spent > total_limit:
            raise ArchiveRefusedError(
                "ZIP_BOMB",
                f"The archive expands past its limits ({self.max_ratio}:1, {self.max_total} bytes).",
            )


def members(path: Path, work_dir: Path, settings: Settings) -> Iterator[Member]:
    """Yield the members of an archive, extracted below ``work_dir`` (0600), or the file itself.

    Raises only on faults of the machine; what is wrong with the archive or a member comes as ``reject``
    (ZIP_BOMB, ARCHIVE_CORRUPT, ARCHIVE_ENCRYPTED, ARCHIVE_LINK, PATH_TRAVERSAL, NESTED_ARCHIVE).
    """
    kind = classify(path)
    if kind not in ("zip", "gzip"):
        yield Member(None, path)
        return
    budget = _Budget(settings.max_unzipped_bytes, settings.max_compression_ratio, path.stat().st_size)
    try:
        if kind == "gzip":
            yield _gzip_member(path, work_dir, budget)
        else:
            yield from _zip_members(path, work_dir, budget, settings.max_archive_members)
    except ArchiveRefusedError as refused:
        yield Member(None, path, refused.issue)


def _gzip_member(path: Path, work_dir: Path, budget: _Budget) -> Member:
    target = work_dir / "member-000001"
    with gzip.open(path) as source:
        try:
            sha256, size = _extract(source, target, budget, budget.archive_bytes)
        except _Corrupt:
            raise ArchiveRefusedError("ARCHIVE_CORRUPT", "The gzip stream is cut off or damaged.") from None
        written = source.mtime
    modified_at = datetime.fromtimestamp(written, UTC) if written else None
    return Member(path.stem, target, _nested(target), sha256, size, modified_at)


def _zip_members(path: Path, work_dir: Path, budget: _Budget, max_members: int) -> Iterator[Member]:
    with open_zip(path, max_members) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        if sum(entry.file_size for entry in entries) > budget.max_total:
            raise ArchiveRefusedError(
                "ZIP_BOMB", f"The archive expands to more than {budget.max_total} bytes."
            )
        if not entries:
            raise ArchiveRefusedError("EMPTY", "The archive holds no files.")
        for position, entry in enumerate(entries, start=1):
            target = work_dir / f"member-{position:06d}"
            refusal = _entry_refusal(entry, position)
            yield (
                Member(entry.filename, target, refusal)
                if refusal
                else _zip_member(archive, entry, target, budget)
            )


def _zip_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, budget: _Budget) -> Member:
    try:
        source = archive.open(entry)
    except _UNREADABLE:
        return Member(
            entry.filename, target, Issue("ARCHIVE_CORRUPT", "error", "The member cannot be opened.")
        )
    with source:
        try:
            sha256, size = _extract(source, target, budget, entry.compress_size)
        except _Corrupt:
            target.unlink(missing_ok=True)
            return Member(entry.filename, target, Issue("ARCHIVE_CORRUPT", "error", "The member is damaged."))
    return Member(entry.filename, target, _nested(target), sha256, size, _zip_time(entry))


class _Corrupt(Exception):  # noqa: N818  internal signal between two functions
    """The compressed stream cannot be read."""


def _extract(source: _Readable, target: Path, budget: _Budget, bytes_in: int) -> tuple[str, int]:
    """Copy to ``target``; returns sha256 and size. Faults of reading and of writing are kept apart."""
    digest, size = hashlib.sha256(), 0
    with create_private(target) as out:
        while True:
            try:
                chunk = source.read(CHUNK_BYTES)
            except _UNREADABLE:
                raise _Corrupt from None
            if not chunk:
                return digest.hexdigest(), size
            size += len(chunk)
            budget.spend(len(chunk), size, bytes_in)
            digest.update(chunk)
            out.write(chunk)


def _entry_refusal(entry: zipfile.ZipInfo, position: int) -> Issue | None:
    form = stat.S_IFMT(entry.external_attr >> 16)
    if form not in (0, stat.S_IFREG):
        return Issue("ARCHIVE_LINK", "error", f"Member {position} is a link or a special file.")
    if _escapes(entry.filename):
        return Issue("PATH_TRAVERSAL", "error", f"Member {position} names a path outside the archive.")
    if entry.flag_bits & _ENCRYPTED_FLAG:
        return Issue("ARCHIVE_ENCRYPTED", "error", f"Member {position} is encrypted. Send it unencrypted.")
    return None


def _escapes(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return parts[0] == "" or ".." in parts or (len(parts[0]) >= 2 and parts[0][1] == ":")


def _nested(target: Path) -> Issue | None:
    if classify(target) not in ("zip", "gzip"):
        return None
    return Issue("NESTED_ARCHIVE", "error", "The member is itself an archive. Unpack it and drop its files.")


def _zip_time(entry: zipfile.ZipInfo) -> datetime | None:
    """The member's time; zip keeps no zone, so it is read as UTC: it only orders versions of one source."""
    if entry.date_time[0] <= _ZIP_EPOCH:
        return None
    try:
        return datetime(*entry.date_time, tzinfo=UTC)
    except ValueError:
        return None
