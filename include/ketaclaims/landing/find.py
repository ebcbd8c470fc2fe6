"""Finding files in the landing folder: no link is followed, no special file opened, nothing changed."""

import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ketaclaims.errors import KetaclaimsError
from ketaclaims.landing.private_files import private_dir
from ketaclaims.raw.contract import Issue
from ketaclaims.settings import Settings

UNFINISHED_SUFFIXES = (".part", ".tmp")
# size and mtime under which a refused path is remembered: once it becomes a readable file, it is new
REFUSED_MARK = -1
UNREADABLE = Issue("UNREADABLE", "error", "The file may not be read by this user. Grant read access.")


@dataclass(frozen=True, slots=True)
class LandingFile:
    """One path below landing. ``name`` is the relative path as text (odd bytes escaped): data, maybe PHI."""

    name: str
    path: Path
    size_bytes: int
    mtime_ns: int
    refusal: Issue | None = None

    @property
    def key(self) -> tuple[str, int, int]:
        """What tells a file already dealt with from a new or changed one."""
        return self.name, self.size_bytes, self.mtime_ns


def find_new(
    settings: Settings,
    is_known: Callable[[tuple[str, int, int]], bool],
    sleep: Callable[[float], None] = time.sleep,
) -> list[LandingFile]:
    """Files of landing that are not known and no longer being written, in order of name.

    One pause of ``stability_seconds`` serves all unknown files; without any there is none. A file that
    changed meanwhile is left for the next run. Raises LANDING_MISSING, LANDING_UNREADABLE,
    LANDING_HOLDS_DATA.
    """
    new = [found for found in walk(settings) if not is_known(found.key)]
    if any(found.refusal is None for found in new):
        sleep(settings.stability_seconds)
        new = [found for found in new if found.refusal or _look(found.path, found.name) == found]
    return sorted(new, key=lambda found: found.name)


def walk(settings: Settings) -> Iterator[LandingFile]:
    """Every path below landing that is not a folder and not marked unfinished by its name."""
    root = settings.landing_dir
    _check_root(settings, root)
    for folder, subfolders, files in os.walk(root, onerror=_unreadable(root)):
        links = [name for name in subfolders if Path(folder, name).is_symlink()]
        for name in (*files, *links):
            if not name.lower().endswith(UNFINISHED_SUFFIXES):
                path = Path(folder, name)
                if found := _look(path, _as_text(path.relative_to(root))):
                    yield found


def _check_root(settings: Settings, root: Path) -> None:
    if settings.landing is None:
        private_dir(root)
    elif not root.is_dir():
        raise KetaclaimsError(
            "LANDING_MISSING",
            "There is no such folder.",
            where=str(root),
            next_step="Create it or correct LANDING.",
        )
    if settings.data_root.resolve().is_relative_to(root.resolve()):
        raise KetaclaimsError(
            "LANDING_HOLDS_DATA",
            "The landing folder holds the data root, so the pipeline would take in its own files.",
            where=str(root),
            next_step="Choose a landing folder of its own.",
        )


def _unreadable(root: Path) -> Callable[[OSError], None]:
    def refuse(error: OSError) -> None:
        raise KetaclaimsError(
            "LANDING_UNREADABLE",
            f"The landing folder or a folder in it cannot be listed ({error.strerror}).",
            where=str(root),
            next_step="Grant this user read access, then run again.",
        ) from None

    return refuse


def _look(path: Path, name: str) -> LandingFile | None:
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None  # taken away between listing and looking
    except OSError:
        return LandingFile(name, path, REFUSED_MARK, REFUSED_MARK, UNREADABLE)
    if not stat.S_ISREG(status.st_mode):
        issue = Issue(
            "SPECIAL_FILE", "error", "A link, pipe, socket or device: never opened. Drop a plain file."
        )
        return LandingFile(name, path, REFUSED_MARK, REFUSED_MARK, issue)
    if not os.access(path, os.R_OK):
        return LandingFile(name, path, REFUSED_MARK, REFUSED_MARK, UNREADABLE)
    return LandingFile(name, path, status.st_size, status.st_mtime_ns)


def _as_text(relative: Path) -> str:
    return os.fsencode(relative).decode("utf-8", errors="backslashreplace")
