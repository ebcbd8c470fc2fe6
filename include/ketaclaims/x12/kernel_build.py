"""Compiles the reader's functions to machine code with numba, which takes some seconds (``machine_code``)."""

import llvmlite.binding as llvm
from numba import types

from ketaclaims.x12 import kernel, kernel_columns
from ketaclaims.x12.cells import Scan, Source

_NUMBER = types.int64
_BYTES, _HALVES, _CELLS = (types.Array(each, 1, "C") for each in (types.uint8, types.int32, types.int64))
_ROWS = types.Array(types.int64, 2, "C")
_SOURCE = types.NamedTuple((_BYTES, *[_CELLS] * 3, *[_NUMBER] * 3), Source)
_SCAN = types.NamedTuple((*[_CELLS] * 2, *[_BYTES] * 3), Scan)
_TABLES = types.Array(types.int64, 3, "C")
_FUNCTIONS = (
    (kernel.read_claims, (_SOURCE, _SCAN, _TABLES, _CELLS, _CELLS, _NUMBER, _NUMBER)),
    (kernel_columns.fill, (_ROWS, _NUMBER, _CELLS, _ROWS, _HALVES, _CELLS, _CELLS, _CELLS)),
    (kernel_columns.gather, (_BYTES, _ROWS, _NUMBER, _CELLS, _ROWS, _HALVES, _CELLS, _BYTES)),
)
_OF_THE_MACHINE = ("llvm.", "memcpy", "memset", "memmove")


def build(machine: llvm.TargetMachine) -> tuple[dict[str, str], bytes]:
    """Machine code, and the symbol of each function in it. Raises RuntimeError where it would need more."""
    whole, symbols = llvm.parse_assembly(""), {}
    for function, arguments in _FUNCTIONS:
        signature = _NUMBER(*arguments)
        function.compile(signature)
        (compiled,) = function.overloads.values()
        symbols[function.__name__] = compiled.fndesc.llvm_func_name
        whole.link_in(llvm.parse_assembly(function.inspect_llvm(function.signatures[0])))
    needed = [each.name for each in (*whole.functions, *whole.global_variables) if each.is_declaration]
    if any(not name.startswith(_OF_THE_MACHINE) for name in needed):
        raise RuntimeError("the machine code would need more than the machine")
    return symbols, machine.emit_object(whole)
