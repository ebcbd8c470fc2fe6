"""The published samples give the figures of their ``expected.json``, found by two independent methods."""

import json
from decimal import Decimal

import pytest
from x12_kit import SAMPLES, read

from ketaclaims.x12.inspection import figures

EXPECTED = json.loads((SAMPLES / "expected.json").read_text()) if SAMPLES.is_dir() else {}
needs_samples = pytest.mark.skipif(not EXPECTED, reason="the shared samples are not on this machine")
# payments without a readable BPR16: one element short, or no date of the calendar
HELD = {
    "LinuxForHealth+x12__src__tests__resources__835_005010X221A1__cob-contractural-adjustment.835",
    "LinuxForHealth+x12__src__tests__resources__835_005010X221A1__managed-care.835",
    "LinuxForHealth+x12__src__tests__resources__835_005010X221A1__secondary-payment.835",
    "LinuxForHealth+x12__src__tests__resources__835_005010X221A1__tertiary-payment.835",
    "moov-io+x12__examples__example_5010_835__sample2.txt",
}


@needs_samples
@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_figures(tmp_path, name):
    result = read(tmp_path, (SAMPLES / name).read_bytes(), accept_test_files=True)
    wanted = EXPECTED[name]
    ours = figures(result.totals)
    assert {key: Decimal(value) for key, value in ours.items()} == {
        key: Decimal(value) for key, value in wanted["totals"].items() if key in ours
    }
    assert (result.totals.n_st, result.totals.is_balanced) == (wanted["n_st"], wanted["balanced"])
    assert result.report.status == ("held" if name in HELD else "warned" if result.codes else "clean")
    numbers = {
        row["_segment_number"]
        for table, rows in result.tables.items()
        if table != "remit_issue"
        for row in rows
    }
    assert numbers == set(range(1, wanted["n_segments"] + 1))
    off = [row for row in result.tables["remit_service_line"] if row["unexplained_amount"]]
    assert len(off) == wanted["totals"]["lines_out_of_balance"]
    off = [row for row in result.tables["remit_claim"] if row["unexplained_amount"]]
    assert len(off) == wanted["totals"]["claims_out_of_balance"]


@needs_samples
def test_eleven_are_test_files(tmp_path):
    reports = [read(tmp_path, (SAMPLES / name).read_bytes()).report for name in EXPECTED]
    assert sum(report.status == "rejected" for report in reports) == 11
    assert {report.issues[0].code for report in reports if report.status == "rejected"} == {"TEST_INDICATOR"}
