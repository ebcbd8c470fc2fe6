"""The compiled reader as machine code: made once by ``kernel_build``, kept in a file, loaded without numba.

Loading numba and what it keeps would cost each reading process most of a second and 90 MB. The file stands
in the folder NUMBA_CACHE_DIR, else beside the source, else in the user's cache. Its name is a hash of all it
is made of (sources, numba, LLVM, processor): another release or machine never runs it.
"""

import contextlib
import ctypes
import hashlib
import json
import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import llvmlite.binding as llvm

HERE = Path(__file__).parent
_HASH_BYTES = 32


class Native(NamedTuple):
    """The functions of ``kernel`` and ``kernel_columns``: each takes ``cells.words`` and returns a number."""

    read_claims: Callable[[Sequence[int]], int]
    fill: Callable[[Sequence[int]], int]
    gather: Callable[[Sequence[int]], int]


@cache
def native() -> Native:
    """The functions, kept or newly made. Raises ImportError without numba, OSError without a folder."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=3,
        codemodel="jitdefault",
        jit=True,
    )
    name = f"kernel-{_stamp(HERE)}.o"
    symbols, code = _kept(name) or _made(name, machine)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    functions = [_function(engine.get_function_address(symbols[each])) for each in Native._fields]
    _ENGINES.append(engine)
    return Native(*functions)


_ENGINES: list[Any] = []  # the code lives as long as its engine


def _function(address: int) -> Callable[..., int]:
    """A function of numba's convention: where the result and an exception go, then the words; returns 0."""

    def call(arguments: Sequence[int]) -> int:
        result, fault = ctypes.c_int64(), ctypes.c_void_p()
        function = _prototype(len(arguments))(address)
        if function(ctypes.byref(result), ctypes.byref(fault), *arguments):
            raise RuntimeError("the compiled reader failed")
        return result.value

    return call


@cache
def _prototype(count: int) -> Any:
    pointers = (ctypes.POINTER(ctypes.c_int64), ctypes.POINTER(ctypes.c_void_p))
    return ctypes.CFUNCTYPE(ctypes.c_int32, *pointers, *[ctypes.c_int64] * count)


def _stamp(folder: Path) -> str:
    sources = (*sorted(folder.glob("kernel*.py")), folder / "cells.py", folder / "canonical.py")
    parts = [source.read_bytes() for source in sources]
    made_by = (version("numba"), version("llvmlite"), version("numpy"))
    machine = (llvm.get_default_triple(), llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten())
    parts.append(json.dumps([made_by, machine]).encode())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:32]


def _folders() -> Iterator[Path]:
    if chosen := os.environ.get("NUMBA_CACHE_DIR"):
        yield Path(chosen)
        return
    yield HERE / "__pycache__"
    yield Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ketaclaims"


def _kept(name: str) -> tuple[dict[str, str], bytes] | None:
    for folder in _folders():
        with contextlib.suppress(OSError):
            content = (folder / name).read_bytes()
            head, rest = content[:_HASH_BYTES], content[_HASH_BYTES:]
            if hashlib.sha256(rest).digest() == head:
                symbols, _, code = rest.partition(b"\n")
                return json.loads(symbols), code
    return None


def _made(name: str, machine: Any) -> tuple[dict[str, str], bytes]:
    folder = _writable()
    from ketaclaims.x12.kernel_build import build

    symbols, code = build(machine)
    rest = json.dumps(symbols).encode() + b"\n" + code
    draft = folder / f".{name}.{uuid.uuid4().hex[:8]}"
    draft.write_bytes(hashlib.sha256(rest).digest() + rest)
    draft.replace(folder / name)
    return symbols, code


def _writable() -> Path:
    """The first folder that takes a file."""
    for folder in _folders():
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            probe = folder / f".{uuid.uuid4().hex[:8]}"
            probe.touch()
            probe.unlink()
            return folder
    raise OSError("no folder to keep compiled code in")
