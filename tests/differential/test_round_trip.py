"""No segment is lost: the twelve tables rebuild every file segment for segment."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from x12_rebuild import COMPOSITES, assert_rebuilt, canonical, read_tables, rebuild, split_file

FIXTURES = sorted((Path(__file__).parents[1] / "fixtures" / "x12").glob("*.835"))
SAMPLE_FOLDER = Path(__file__).parents[2] / ".." / "shared" / "samples" / "835"
SAMPLES = sorted(path for path in SAMPLE_FOLDER.glob("*") if path.suffix != ".json")


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.name)
def test_fixtures(path: Path) -> None:
    assert_rebuilt(path.read_bytes())


@pytest.mark.skipif(not SAMPLES, reason="the shared samples are not on this machine")
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_samples(path: Path) -> None:
    assert_rebuilt(path.read_bytes())


def test_a_generated_file_of_regular_claims(tmp_path: Path) -> None:
    """What the benchmark measures is read right too: every segment of 2,500 claims."""
    place = Path(__file__).parents[2] / "benchmarks" / "generate.py"
    spec = importlib.util.spec_from_file_location("generate", place)
    assert spec is not None and spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    sys.modules["generate"] = generate  # its dataclasses look their module up
    spec.loader.exec_module(generate)
    source = tmp_path / "generated.835"
    claims = generate.write_of_size(source, megabytes=1)
    tables = assert_rebuilt(source.read_bytes())
    assert (tables.report.status, tables.totals.n_clp, tables.totals.is_balanced) == ("clean", claims, True)
    assert {row["unexplained_amount"] for row in tables.rows["remit_claim"]} == {0}


def unwrapped(path: Path) -> bytes:
    """The file on one line, its terminator a tilde."""
    data = path.read_bytes().replace(b"~\n", b"~")
    return data if b"~" in data else data.replace(b"\n", b"~")


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.name)
def test_lines_wrapped_at_any_width_rebuild_the_same_segments(path: Path) -> None:
    """Three interchanges, so that breaks fall into headers, trailers and every kind of segment id.

    A break right where a header's terminator is looked for makes the break itself look like the terminator:
    such a file is refused, never read in part.
    """
    data = unwrapped(path) * 3
    expected = rebuild(read_tables(data).rows)
    ends = [at * len(data) // 3 + 105 for at in range(3)]
    for width in range(60, 100):
        wrapped = b"\r\n".join(data[start : start + width] for start in range(0, len(data), width))
        tables = read_tables(wrapped)
        if any(end % width == 0 for end in ends):
            assert tables.report.status == "rejected", width
        else:
            assert rebuild(tables.rows) == expected, width


def test_a_lost_or_changed_segment_is_seen() -> None:
    """The comparison can fail: a row taken away or a cent moved shows."""
    rows = read_tables(FIXTURES[0].read_bytes()).rows
    whole = rebuild(rows)
    gone = rows["remit_adjustment"].pop()
    assert gone["_segment_number"] in whole.keys() - rebuild(rows).keys()
    rows["remit_claim"][0]["paid_amount"] += 1
    number = rows["remit_claim"][0]["_segment_number"]
    component, original = split_file(FIXTURES[0].read_bytes())[number - 1]
    assert canonical(rebuild(rows)[number], component) != canonical(original, component)
    assert canonical(whole[number], component) == canonical(original, component)


# any segments the 835 knows, and one it does not, with any elements: right, odd and broken ones

IDS = "BPR TRN CUR REF DTM N1 N2 N3 N4 PER RDM LX TS2 TS3 CLP CAS NM1 MIA MOA AMT QTY SVC LQ PLB NTE ZZZ"
SEGMENTS = re.split(" ", IDS)
TEXTS = st.sampled_from(
    [
        *(
            "",
            "",
            "",
            "1",
            "22",
            "0",
            "100",
            "100.00",
            "-25.5",
            ".5",
            "-0",
            "007",
            "1e5",
            "1,5",
            "12.345",
            "-",
        ),
        *("1.5000", "20260131", "20260230", "CO", "PR", "cr", "CO45", "45", "N130", "n130", "HE", "QC", "82"),
        *(
            "PE",
            "pr",
            "XX",
            "6R",
            "f8",
            "472",
            "B6",
            "CA",
            "Ünal",
            "O'Neil",
            "Mixed Case",
            " blank ",
            "HC:J0013",
        ),
        *("hc:99213:25", "HC:1:59,25", "HC>J1", "HC:1::59", "HC:1:25::", "HC:1:A:B:C:D:E", "AD:D1", "WO:X1"),
        *("wo:x1", "FB:", "WO:A:B", ":", "L6"),
    ]
)
LINES = st.tuples(st.sampled_from(SEGMENTS), st.lists(TEXTS, min_size=1, max_size=22)).map(
    lambda drawn: [drawn[0], *drawn[1]]
)
DELIMITERS = st.sampled_from(
    [("*", ":", "~"), ("|", "^", "~\n"), ("*", ":", "\r\n"), ("\x1d", "\x1f", "\x1e"), ("!", "<", "\n")]
)


def written(bodies: list[list[list[str]]], delimiters: tuple[str, str, str]) -> bytes:
    """One interchange per body, so that several headers stand in one file."""
    element, component, terminator = delimiters
    text = ""
    for number, body in enumerate(bodies, start=1):
        parties = ["ZZ", f"{'PAYER':15}", "ZZ", f"{'CLINIC':15}"]
        isa = [
            "ISA",
            "00",
            " " * 10,
            "00",
            " " * 10,
            *parties,
            "260101",
            "1200",
            "&",
            "00501",
            f"{number:09}",
        ]
        segments = [
            [*isa, "0", "P", component],
            ["GS", "HP", "P", "C", "20260101", "1200", "1", "X"],
        ]
        segments[1].append("005010X221A1")
        segments += [["ST", "835", "0001"], *body, ["SE", str(len(body) + 2), "0001"]]
        segments += [["GE", "1", "1"], ["IEA", "1", f"{number:09}"]]
        for segment in segments:
            composites = COMPOSITES.get(segment[0], ())
            parts = [
                part.replace(":", component) if at in composites else part for at, part in enumerate(segment)
            ]
            text += element.join(parts) + terminator
    return text.encode()


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(st.lists(st.lists(LINES, max_size=12), min_size=1, max_size=2), DELIMITERS)
def test_any_segments(bodies: list[list[list[str]]], delimiters: tuple[str, str, str]) -> None:
    tables = assert_rebuilt(written(bodies, delimiters))
    assert tables.report.status != "rejected"
    assert tables.totals.n_clp == sum(segment[0] == "CLP" for body in bodies for segment in body)
