"""Columns made from buffers are those pyarrow makes itself."""

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest

from ketaclaims.raw.columns import column, dictionary, int64_values, repeated, texts

BIG = 10**18 - 1


@pytest.mark.parametrize("values", [[], ["a"], [None], ["a", None, "", "Ñé\u20ac", "a" * 300] * 5])
def test_texts(values):
    made = texts(values)
    made.validate(full=True)
    assert made.equals(pa.array(values, pa.string()))


@pytest.mark.parametrize("kind", [pa.int32(), pa.int64(), pa.date32()])
@pytest.mark.parametrize("values", [[], [None], [1, None, -5, 0, 2**31 - 1, -(2**31)] * 3])
def test_integers(kind, values):
    made = column(kind, values)
    made.validate(full=True)
    assert made.equals(pa.array(values, kind))


def test_decimals():
    made = column(pa.decimal128(18, 2), [0, None, -1, BIG, -BIG])
    made.validate(full=True)
    assert [str(value) for value in made.to_pylist()] == [
        "0.00",
        "None",
        "-0.01",
        "9999999999999999.99",
        "-9999999999999999.99",
    ]


@pytest.mark.parametrize(("value", "count"), [("f" * 64, 3), ("", 4), ("x", 0), ("", 0), ("é", 2)])
def test_repeated(value, count):
    made = repeated(value, count)
    made.validate(full=True)
    assert made.to_pylist() == [value] * count


def test_a_dictionary_holds_each_value_once():
    made = dictionary(np.array([0, 0, 1, 2, 2], np.int32), ["a", "b", "a"])
    made.validate(full=True)
    assert made.to_pylist() == ["a", "a", "b", "a", "a"]
    assert made.dictionary.to_pylist() == ["a", "b"]


def test_int64_values_of_a_slice():
    assert int64_values(pa.array([1, 2, 3, 4]).slice(1, 2)).tolist() == [2, 3]


def test_pandas_stays_out():
    code = (
        "import sys; from ketaclaims.raw import columns as c; import numpy as n; c.texts(['a']); "
        "c.repeated('a', 2); c.dictionary(n.zeros(1, n.int32), ['a']); print('pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
