"""One writer at a time: advisory file locks that name their holder and die with it."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ketaclaims.errors import KetaclaimsError


@contextmanager
def held(lock_file: Path, what: str, *, wait_seconds: float = 0) -> Iterator[None]:
    """Hold ``lock_file`` exclusively; raise LOCKED with the holder's process id if it stays taken."""
    lock_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(lock_file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _acquire(descriptor, what, time.monotonic() + wait_seconds)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)  # closing releases the lock


def _acquire(descriptor: int, what: str, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                holder = os.pread(descriptor, 32, 0).decode(errors="replace") or "unknown"
                raise KetaclaimsError(
                    "LOCKED",
                    f"{what} is in use by process {holder}.",
                    next_step="Wait until it has ended, or stop it, then run again.",
                ) from None
            time.sleep(0.2)
