"""How the functions of the compiled reader are compiled: for callers with addresses (``kernel_build``)."""

from collections.abc import Callable
from typing import Any

from numba import njit


def plain_njit(function: Callable[..., Any]) -> Any:
    """Compile a function that allocates nothing.

    Counting references to every array it passes on would cost more than its work; and without that, and
    without a way in for Python objects, its machine code needs nothing of numba.
    """
    return njit(_nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True)(function)
