"""Order of lines and files never matters; every line is accounted for; no JSON breaks the reader."""

import sys
import tempfile
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "ehr"))

import fhir_kit as kit

PRACTICE = kit.practice()
POSITION = ("_row_number",)


def rows_of(files: list[list[kit.Resource]]) -> Counter[str]:
    """All rows of some files, without their position."""
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for resources in files:
            reading = kit.read_bytes(Path(folder) / "x", kit.ndjson(resources))
            mapped, kept, quarantined = reading.account() if resources else (0, 0, 0)
            assert (mapped + kept, quarantined) == (len(resources), 0)
            for table in reading.batches:
                for row in reading.rows(table):
                    plain = {k: v for k, v in row.items() if k not in POSITION}
                    found[f"{table} {sorted(plain.items())}"] += 1
    return found


EXPECTED = rows_of([PRACTICE])


@settings(max_examples=40, deadline=None)
@given(st.permutations(PRACTICE), st.lists(st.integers(0, len(PRACTICE)), max_size=4).map(sorted))
def test_any_order_of_lines_and_files_gives_the_same_rows(shuffled: list[Any], cuts: list[int]) -> None:
    edges = [0, *cuts, len(shuffled)]
    files = [shuffled[start:end] for start, end in pairwise(edges)]
    assert rows_of(files) == EXPECTED


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.binary(max_size=60).map(lambda b: b.replace(b"\n", b" ").replace(b"\r", b" ")), max_size=8)
)
def test_every_line_ends_one_way(lines: list[bytes]) -> None:
    content = kit.ndjson([kit.patient()]) + b"\n".join(lines)
    with tempfile.TemporaryDirectory() as folder:
        reading = kit.read_bytes(Path(folder) / "x", content, max_bad_row_share=1.0)
    told = sum(reading.account())
    assert told == 1 + sum(bool(line.strip()) for line in lines)
    assert len(reading.rows("quarantined_record")) == reading.account()[2] == reading.report.quarantined_rows


def _paths(node: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [at, *(path for key, child in inner for path in _paths(child, (*at, key)))]


PLACES = [
    (n, path) for n, one in enumerate(PRACTICE) for path in _paths(one) if path and path != ("resourceType",)
]
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.sampled_from([-1, 0, 3, 10**18, 10**4000])
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                ["coding", "code", "system", "reference", "identifier", "value", "display", "extension"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=5,
)


def _put(node: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    copy = dict(node) if isinstance(node, dict) else list(node)
    copy[path[0]] = _put(node[path[0]], path[1:], value)
    return copy


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(PLACES), JUNK)
def test_no_value_of_any_shape_breaks_the_reader(place: tuple[int, tuple[Any, ...]], junk: Any) -> None:
    at, path = place
    broken = _put(PRACTICE[at], path, junk)
    with tempfile.TemporaryDirectory() as folder:
        for content in (
            kit.ndjson([broken]),
            kit.ndjson([{"resourceType": "Bundle", "entry": [{"resource": broken}]}]),
        ):
            reading = kit.read_bytes(Path(folder) / "x", content)
            assert sum(reading.account()) == 1
