"""The folder of publications: whole versions, two kinds of links, and what may be removed when.

``published/.versions/<run>.<n>/`` is one finished publication and never changes. ``published/<run>`` and
``published/current`` are links to such folders; a link is switched by one rename, so at every moment each
leads to one whole version, also when a run is published again or a process dies. Half-written work stands in
``published/.<run>.tmp``; the lock tells that its writer is dead, and the next publication removes it.
"""

import fcntl
import hashlib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ketaclaims.errors import KetaclaimsError

CURRENT = "current"
MANIFEST = "publication.json"
# A version stays this long after it was last current: Parquet readers open files one after another.
READER_GRACE_SECONDS = 3600
_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+@=-]{0,199}")
_VERSIONS = ".versions"


def check_run_id(run_id: str) -> None:
    """Run ids become folder names: refuse what could leave the folder or stand for something else."""
    if run_id == CURRENT or not _RUN_ID.fullmatch(run_id):
        raise KetaclaimsError(
            "BAD_RUN_ID",
            "a run id is 1 to 200 letters, digits and ._:+@=-, begins with a letter or digit, "
            "and is not 'current'",
        )


@contextmanager
def one_publisher(published: Path) -> Iterator[None]:
    """Hold the lock of the folder, which the kernel frees when the process dies; raises when it is held."""
    published.mkdir(mode=0o750, parents=True, exist_ok=True)
    published.chmod(0o750)
    versions = published / _VERSIONS
    versions.mkdir(mode=0o750, exist_ok=True)
    versions.chmod(0o750)
    descriptor = os.open(published / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise KetaclaimsError(
                "PUBLISH_BUSY",
                "another publication is being written",
                where=str(published),
                next_step="Wait for it to end and publish again.",
            ) from None
        yield
    finally:
        os.close(descriptor)


def start_version(published: Path, run_id: str) -> Path:
    """An empty private folder to write into, after removing what dead writers left. Needs the lock."""
    for leftover in published.glob(".*.tmp"):
        _remove(leftover)
    folder = published / f".{run_id}.tmp"
    folder.mkdir(mode=0o700)
    return folder


def finish_version(folder: Path, published: Path, run_id: str) -> Path:
    """Make the written folder group-readable and durable, and give it its final name. Serves nobody yet."""
    _seal(folder)
    version = published / _VERSIONS / f"{run_id}.{secrets.token_hex(4)}"
    folder.rename(version)
    _sync(version.parent)
    return version


def point(published: Path, name: str, version: Path) -> None:
    """Lead the link ``published/<name>`` to a version: the switch, atomic and durable."""
    link = published / name
    previous = link.resolve() if link.is_symlink() else None
    fresh = published / f".{name}.link.tmp"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(version.relative_to(published), target_is_directory=True)
    fresh.replace(link)
    _sync(published)
    if previous is not None and previous != version and previous.exists():
        os.utime(previous)  # the readers' grace begins when a version stops being served


def runs(published: Path) -> list[dict[str, Any]]:
    """The manifest of every run that has a link, newest first; ``is_current`` tells the one being served."""
    current = (published / CURRENT).resolve()
    found = []
    for link in published.glob("*"):
        manifest = link / MANIFEST
        if link.name != CURRENT and link.name[0] != "." and link.is_symlink() and manifest.exists():
            found.append({**json.loads(manifest.read_bytes()), "is_current": link.resolve() == current})
    return sorted(found, key=lambda run: (run["published_at"], run["run_id"]), reverse=True)


def current_version(published: Path) -> Path:
    """The folder being served, links resolved, so that what is opened next stays of one version."""
    link = published / CURRENT
    if not (link / MANIFEST).exists():
        raise KetaclaimsError(
            "NOTHING_PUBLISHED",
            "nothing has been published yet",
            where=str(link),
            next_step="Run the pipeline first.",
        )
    return link.resolve()


def remove_old(published: Path, keep: int) -> list[str]:
    """Remove runs beyond the newest ``keep`` and replaced versions; returns what was removed. Needs the lock.

    Never removes the version being served, nor one that was served within READER_GRACE_SECONDS.
    """
    current = (published / CURRENT).resolve()
    kept = {(published / run["run_id"]).resolve() for run in runs(published)[:keep]} | {current}
    removed = []
    for version in sorted((published / _VERSIONS).iterdir()):
        if version.resolve() in kept or time.time() - version.stat().st_mtime < READER_GRACE_SECONDS:
            continue
        link = published / version.name.rpartition(".")[0]
        if link.is_symlink() and link.resolve() == version.resolve():
            link.unlink()
        _remove(version)
        removed.append(version.name)
    return removed


def checksums(folder: Path) -> dict[str, dict[str, int | str]]:
    """``{relative path: {sha256, size_bytes}}`` of every file below a folder but its manifest."""
    result: dict[str, dict[str, int | str]] = {}
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = file.relative_to(folder).as_posix()
        if name != MANIFEST:
            with file.open("rb") as content:
                digest = hashlib.file_digest(content, "sha256").hexdigest()
            result[name] = {"sha256": digest, "size_bytes": file.stat().st_size}
    return result


def damaged_files(version: Path) -> list[str]:
    """Files of a publication that are absent, changed or not listed in its manifest."""
    listed = json.loads((version / MANIFEST).read_bytes())["files"]
    found = checksums(version)
    return sorted(name for name in {*listed, *found} if listed.get(name) != found.get(name))


def _seal(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_symlink():
            raise KetaclaimsError("LINK_IN_PUBLICATION", "links are not published", where=path.name)
        path.chmod(0o750 if path.is_dir() else 0o640)
        _sync(path)
    folder.chmod(0o750)
    _sync(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
