"""Private files: folders 0700, files 0600, written whole or not at all."""

import contextlib
import fcntl
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

CHUNK_BYTES = 1 << 20


def private_dir(path: Path) -> Path:
    """Make ``path`` and its missing parents, each for this user only."""
    if not path.is_dir():
        private_dir(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)
    return path


def create_private(path: Path) -> BinaryIO:
    """Open a file that must not exist yet for writing, mode 0600."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb")


def sync_dir(path: Path) -> None:
    """Make names put into a folder survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file(path: Path) -> None:
    """Make the content of a file survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_private(path: Path, content: bytes) -> None:
    """Put ``content`` at ``path`` in one rename, durably; an older file there is replaced."""
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        with create_private(draft) as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync_dir(path.parent)


@contextlib.contextmanager
def work_dir(parent: Path) -> Iterator[Path]:
    """A private scratch folder below ``parent``, removed at the end; see :func:`sweep_work_dirs`."""
    folder = private_dir(parent) / uuid.uuid4().hex
    folder.mkdir(mode=0o700)
    descriptor = os.open(folder / ".owner", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def sweep_work_dirs(parent: Path) -> int:
    """Remove the scratch folders of dead processes: those whose lock nobody holds. Returns how many."""
    if not parent.is_dir():
        return 0
    return sum(_sweep_one(folder) for folder in list(parent.iterdir()))


def _sweep_one(folder: Path) -> bool:
    try:
        descriptor = os.open(folder / ".owner", os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        # killed between mkdir and open, or being made right now: only an empty folder goes
        with contextlib.suppress(OSError):
            folder.rmdir()
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        shutil.rmtree(folder, ignore_errors=True)
        return True
    finally:
        os.close(descriptor)
