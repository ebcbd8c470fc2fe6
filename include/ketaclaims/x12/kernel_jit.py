"""How the compiled reader is compiled and kept.

The compiled code stands beside the source, or in the folder NUMBA_CACHE_DIR. numba keeps it per function as
long as that function's own file is unchanged; but a function holds those it calls from other files too. So
the code is kept under a stamp of all files it is made of, and a new release never runs an old one's code.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba import njit


def stamp(folder: Path) -> str:
    """Hash of the sources of the compiled reader."""
    sources = (*sorted(folder.glob("kernel*.py")), folder / "canonical.py")
    parts = [source.read_bytes() for source in sources]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


_STAMP = stamp(Path(__file__).parent)


def _kept(dispatcher: Any) -> Any:
    dispatcher._cache._cache_file._source_stamp = _STAMP
    return dispatcher


def plain_njit(function: Callable[..., Any]) -> Any:
    """Compile a function that allocates nothing.

    Counting references to every array it passes on would cost more than its work.
    """
    return _kept(njit(cache=True, _nrt=False)(function))


def making_njit(function: Callable[..., Any]) -> Any:
    """Compile a function that makes arrays."""
    return _kept(njit(cache=True)(function))
