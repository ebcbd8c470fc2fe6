"""Registering a new landing file: copied into the archive while hashed, classified, unpacked.

The archive holds what was dropped and every member of an archive, each once, named by its sha256.
"""

import hashlib
import os
import stat
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from pydantic import BaseModel, ConfigDict

from ketaclaims.landing.archives import Member, members
from ketaclaims.landing.classify import Feed, classify, feed_of
from ketaclaims.landing.find import LandingFile
from ketaclaims.landing.private_files import (
    CHUNK_BYTES,
    create_private,
    private_dir,
    sync_dir,
    sync_file,
    work_dir,
)
from ketaclaims.raw.contract import Issue
from ketaclaims.settings import Settings

SYNC_THREADS = 16
_FEEDS_OF_MIXED: tuple[Feed, ...] = ("ehr", "reference")  # whose run reads an archive that holds several
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OPEN_PLAIN = (
    os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
)  # a pipe put in its place does not block


class FoundInput(BaseModel):
    """One input: a file, or a member of an archive. Refused ones carry ``reject_code`` and are never read."""

    model_config = ConfigDict(frozen=True)

    file_sha256: str
    kind: str
    size_bytes: int = 0
    exported_at: str | None = None
    member_name: str | None = None
    reject_code: str | None = None
    reject_message: str | None = None


class Registration(BaseModel):
    """One landing file and the inputs found in it. ``inputs`` is empty where its bytes were known before."""

    model_config = ConfigDict(frozen=True)

    landing_path: str
    landing_size_bytes: int
    landing_mtime_ns: int
    file_sha256: str
    kind: str
    feed: Feed
    inputs: tuple[FoundInput, ...]

    @property
    def is_container(self) -> bool:
        """Whether the inputs are members of this file, not the file itself."""
        return self.kind in ("zip", "gzip")


def archive_path(settings: Settings, sha256: str) -> Path:
    """Where an original lies."""
    return settings.archive_dir / sha256[:2] / sha256


def work_parent(settings: Settings) -> Path:
    """Parent of scratch folders; inside the archive, so that moving into it is one rename."""
    return settings.archive_dir / "tmp"


def register(
    found: LandingFile, settings: Settings, is_known_sha: Callable[[str], bool]
) -> Registration | None:
    """Archive and classify one new file; None when it changed while it was copied (the next run takes it)."""
    if found.refusal:
        return _refused(found, found.refusal)
    with work_dir(work_parent(settings)) as scratch:
        copied = _copy(found, scratch / "original")
        if copied is None:
            return None
        original = _keep(scratch / "original", copied, settings)
        return describe(found, copied, original, scratch, settings, is_known_sha)


def make_durable(settings: Settings, registrations: Iterable[Registration]) -> None:
    """Make the archived bytes of new registrations survive a power cut; call before they are remembered."""
    hashes = {
        sha256
        for found in registrations
        for sha256 in (found.file_sha256, *(member.file_sha256 for member in found.inputs))
    }
    paths = [path for sha256 in hashes if (path := archive_path(settings, sha256)).exists()]
    with ThreadPoolExecutor(SYNC_THREADS) as pool:  # together they share the disk's flushes
        list(pool.map(sync_file, paths))
        list(pool.map(sync_dir, {path.parent for path in paths}))


def describe(
    found: LandingFile,
    sha256: str,
    original: Path,
    scratch: Path,
    settings: Settings,
    is_known_sha: Callable[[str], bool],
) -> Registration:
    """The registration of an archived original: its kind, and its members if it is an archive."""
    kind, inputs = classify(original), tuple[FoundInput, ...]()
    exported_at = _iso(_EPOCH + timedelta(microseconds=found.mtime_ns // 1000))
    if not is_known_sha(sha256):
        if kind in ("zip", "gzip"):
            inputs = _members(original, sha256, kind, exported_at, scratch, settings)
        else:
            inputs = (
                FoundInput(
                    file_sha256=sha256, kind=kind, size_bytes=found.size_bytes, exported_at=exported_at
                ),
            )
    found_feeds = {feed_of(each.kind) for each in inputs}
    feed: Feed = next((each for each in _FEEDS_OF_MIXED if each in found_feeds), feed_of(kind))
    return _registration(found, sha256, kind, feed, inputs)


def _registration(
    found: LandingFile, sha256: str, kind: str, feed: Feed, inputs: tuple[FoundInput, ...]
) -> Registration:
    return Registration(
        landing_path=found.name,
        landing_size_bytes=found.size_bytes,
        landing_mtime_ns=found.mtime_ns,
        file_sha256=sha256,
        kind=kind,
        feed=feed,
        inputs=inputs,
    )


def _refused(found: LandingFile, refusal: Issue) -> Registration:
    """A path that is not opened has no content; it is known by the hash of its relative path alone."""
    sha256 = hashlib.sha256(f"ketaclaims refused path\0{found.name}".encode()).hexdigest()
    kind = "special_file" if refusal.code == "SPECIAL_FILE" else "unreadable_file"
    entry = FoundInput(
        file_sha256=sha256, kind=kind, reject_code=refusal.code, reject_message=refusal.message
    )
    return _registration(found, sha256, kind, feed_of(kind), (entry,))


def _copy(found: LandingFile, target: Path) -> str | None:
    """Copy and hash; None unless what was copied is exactly the plain file that was found."""
    try:
        descriptor = os.open(found.path, _OPEN_PLAIN)
    except (FileNotFoundError, PermissionError):
        return None  # gone or locked since the look: the next run tells
    with os.fdopen(descriptor, "rb") as source, create_private(target) as out:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        digest = _pour(source, out)
        status = os.fstat(descriptor)
    unchanged = (status.st_size, status.st_mtime_ns) == (found.size_bytes, found.mtime_ns)
    return digest if unchanged and target.stat().st_size == found.size_bytes else None


def _pour(source: BinaryIO, out: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := source.read(CHUNK_BYTES):
        digest.update(chunk)
        out.write(chunk)
    return digest.hexdigest()


def _keep(draft: Path, sha256: str, settings: Settings) -> Path:
    """Move a hashed draft into the archive; the same content already there stays untouched."""
    target = archive_path(settings, sha256)
    private_dir(target.parent)
    try:
        os.link(draft, target)
    except FileExistsError:
        if target.stat().st_size != draft.stat().st_size:  # cut short by a power cut before make_durable
            draft.replace(target)
    draft.unlink(missing_ok=True)
    return target


def _members(
    original: Path, sha256: str, kind: str, exported_at: str, scratch: Path, settings: Settings
) -> tuple[FoundInput, ...]:
    """Unpack, then keep every member; one reason against the whole archive voids them all."""
    found = list(members(original, scratch, settings))
    whole = next((member.reject for member in found if member.name is None and member.reject), None)
    if whole:
        return (_reject(sha256, kind, whole, size_bytes=original.stat().st_size),)
    return tuple(
        _member(member, position, sha256, kind, exported_at, settings)
        for position, member in enumerate(found, start=1)
    )


def _member(
    member: Member, position: int, container: str, container_kind: str, exported_at: str, settings: Settings
) -> FoundInput:
    name = member.name if container_kind == "zip" else None
    if member.reject or member.sha256 is None:
        reject = member.reject or Issue("ARCHIVE_CORRUPT", "error", "The member could not be extracted.")
        # without trusted content a member is known by its archive and its position in it
        sha256 = hashlib.sha256(f"ketaclaims refused member\0{container}\0{position}".encode()).hexdigest()
        return _reject(sha256, "archive_member", reject, member_name=name)
    kind = classify(member.path)
    _keep(member.path, member.sha256, settings)
    return FoundInput(
        file_sha256=member.sha256,
        kind=kind,
        size_bytes=member.size_bytes,
        exported_at=_iso(member.modified_at) if member.modified_at else exported_at,
        member_name=name,
    )


def _reject(
    sha256: str, kind: str, issue: Issue, *, size_bytes: int = 0, member_name: str | None = None
) -> FoundInput:
    return FoundInput(
        file_sha256=sha256,
        kind=kind,
        size_bytes=size_bytes,
        member_name=member_name,
        reject_code=issue.code,
        reject_message=issue.message,
    )


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
