"""No segment of an 837P is lost: its tables rebuild every file segment for segment."""

from decimal import Decimal
from pathlib import Path

import pytest
from claims_rebuild import assert_rebuilt, canonical, read_claim_tables, rebuild
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from x12_rebuild import split_file

FIXTURE = Path(__file__).parents[1] / "fixtures" / "x12" / "two_clinics_secondary.837"
SAMPLE_FOLDER = Path(__file__).parents[2] / ".." / "shared" / "samples" / "837p"
SAMPLES = sorted(SAMPLE_FOLDER.glob("*.edi"))

IDS = (
    *("BHT", "HL", "PRV", "CUR", "NM1", "N3", "N4", "REF", "PER", "SBR", "PAT", "DMG", "CLM", "DTP", "PWK"),
    *("CN1", "AMT", "K3", "NTE", "CR1", "HI", "HCP", "OI", "MOA", "CAS", "LX", "SV1", "LIN", "CTP", "SVD"),
    *("LQ", "FRM", "ZZZ"),
)
TEXTS = st.sampled_from(
    (
        *("", "", "", "1", "20", "22", "23", "18", "85", "IL", "PR", "QC", "82", "77", "XX", "1234567893"),
        *("100", "100.00", "-25.5", ".5", "1e5", "12.345", "D8", "RD8", "472", "573", "20260131", "20260230"),
        *("6R", "20260101-20260103", "G1", "F8", "ABK:F332", "ABF:F411:D8", "ABK:", "BP:00142", "F5", "D"),
        *(
            "HC:99213:25",
            "HC:J3490:::::a text",
            "HC>J1",
            "11:B:1",
            "11:B:7:9",
            "1:2:3:4:5",
            "1:2",
            "CO",
            "45",
        ),
        *("N4", "Ünal", " x "),
    )
)
LINES = st.tuples(st.sampled_from(IDS), st.lists(TEXTS, min_size=1, max_size=13)).map(lambda x: [x[0], *x[1]])


def written(body: list[list[str]], delimiters: tuple[str, str, str]) -> bytes:
    """One interchange with these segments in one transaction."""
    element, component, terminator = delimiters
    parties = ["ZZ", f"{'CLINIC':15}", "ZZ", f"{'PAYER':15}"]
    isa = ["ISA", "00", " " * 10, "00", " " * 10, *parties, "260101", "1200", "&", "00501", "000000001"]
    head = [[*isa, "0", "P", component], ["GS", "HC", "C", "P", "20260101", "1200", "1", "X", "005010X222A1"]]
    whole = [["ST", "837", "0001", "005010X222A1"], *body, ["SE", str(len(body) + 2), "0001"]]
    tail = [["GE", "1", "1"], ["IEA", "1", "000000001"]]
    inside = [[text.replace(":", component) for text in segment] for segment in whole]
    return "".join(element.join(segment) + terminator for segment in [*head, *inside, *tail]).encode()


@pytest.mark.skipif(not SAMPLES, reason="the shared samples are not on this machine")
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_samples(path: Path) -> None:
    reading, rows = assert_rebuilt(path.read_bytes())
    assert reading.totals.is_balanced
    assert [row["unexplained_amount"] for row in rows["billed_claim"]] == [Decimal(0)] * reading.totals.n_clm


@pytest.mark.skipif(not SAMPLES, reason="the shared samples are not on this machine")
def test_the_samples_are_sixteen() -> None:
    assert len(SAMPLES) == 16


def test_fixture() -> None:
    assert_rebuilt(FIXTURE.read_bytes())


def test_a_changed_cent_is_seen() -> None:
    _, rows = read_claim_tables(FIXTURE.read_bytes())
    rows["billed_claim"][0]["charge_amount"] += 1
    number = rows["billed_claim"][0]["_segment_number"]
    component, original = split_file(FIXTURE.read_bytes())[number - 1]
    assert canonical(rebuild(rows)[number], component) != canonical(original, component)


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(
    st.lists(LINES, max_size=20),
    st.sampled_from([("*", ":", "~"), ("|", "^", "~\n"), ("*", ":", "\r\n"), ("!", "<", "\n")]),
)
def test_any_segments(body: list[list[str]], delimiters: tuple[str, str, str]) -> None:
    reading, rows = assert_rebuilt(written(body, delimiters))
    assert reading.report.status != "rejected"
    assert reading.totals.n_clm == len(rows["billed_claim"]) == sum(segment[0] == "CLM" for segment in body)
    assert sum(row["line_count"] for row in rows["billed_claim"]) == len(rows["billed_claim_line"])
