"""Files through the whole pipeline: published samples, an empty folder, broken files, any order."""

import json
import os
import random
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from pipeline_kit import marts, query, run_command, run_pipeline, told_findings, true_findings

from ketaclaims.simulate.run import simulate

SAMPLES = Path(__file__).parents[2] / ".." / "shared" / "samples" / "835"
needs_samples = pytest.mark.skipif(not SAMPLES.exists(), reason="public samples are not beside this checkout")


def waiting(root):
    """(kind of input, reason) of everything that waits for a person."""
    rows = json.loads(run_command("quarantine", "list", "--format", "json", data_root=root))
    return sorted((row["kind"], row["reason_code"]) for row in rows)


@needs_samples
def test_the_samples_are_held_or_refused_as_they_deserve_and_again_with_test_files_allowed(tmp_path):
    expected = json.loads((SAMPLES / "expected.json").read_text())
    run_pipeline(tmp_path, SAMPLES)
    reasons = ["BAD_DATE", "CONFLICT", "CONFLICT", *["TEST_INDICATOR"] * 11]
    assert waiting(tmp_path) == [("unknown", "NOT_X12"), *(("x12_835", reason) for reason in reasons)]

    run_pipeline(tmp_path, SAMPLES, KETACLAIMS_ACCEPT_TEST_FILES="true")
    # five payments without a readable date; twice two different payments under one trace and date
    held = [("x12_835", "BAD_DATE")] * 5 + [("x12_835", "CONFLICT")] * 4
    assert waiting(tmp_path) == [("unknown", "NOT_X12"), *held]
    (payments, amount), *_ = query(
        tmp_path, "select count(*), sum(payment_amount) from marts.fct_remittance_reconciliation"
    )
    assert payments == sum(file["n_st"] for file in expected.values())
    assert amount == sum(Decimal(file["totals"]["bpr02"]) for file in expected.values())
    assert query(
        tmp_path,
        """select sum(abs(event_difference_cents)) from marts.fct_remittance_reconciliation
        where payment_state = 'counted'""",
    ) == [(0,)]


def test_an_empty_landing_folder_is_no_error(tmp_path):
    (tmp_path / "landing").mkdir()
    run_pipeline(tmp_path / "data", tmp_path / "landing")
    assert run_command("findings", "--format", "csv", data_root=tmp_path / "data").count("\n") == 1
    assert waiting(tmp_path / "data") == []


@pytest.fixture(scope="module")
def practice(tmp_path_factory):
    """One clinic, two months around the change of the drug code."""
    folder = tmp_path_factory.mktemp("practice") / "practice"
    simulate(folder, clinics=1, months=2, seed=11, start=date(2025, 12, 1))
    return folder


def copy_in(practice, landing, files):
    for file in files:
        target = landing / file.relative_to(practice / "landing")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, target)


def test_any_order_of_arrival_and_broken_neighbours_give_the_marts_of_a_clean_build(practice, tmp_path):
    files = sorted(file for file in (practice / "landing").rglob("*") if file.is_file())
    clean, mixed = tmp_path / "clean", tmp_path / "mixed"
    run_pipeline(clean, practice / "landing")
    assert told_findings(clean) == true_findings(practice / "truth")

    landing = tmp_path / "landing"
    shuffled = random.Random(5).sample(files, len(files))
    copy_in(practice, landing, shuffled[: len(files) // 2])
    remit = next(file for file in files if file.suffix == ".835")
    claims = next(file for file in files if file.name.startswith("claim_line"))
    (landing / "cut.835").write_bytes(remit.read_bytes()[:-40])
    (landing / "page.835").write_text("<html>login required</html>")
    (landing / "blank.csv").write_text("\n \n")
    (landing / "claims_without_units.csv").write_text(
        claims.read_text().replace(",units,", ",unit_count,", 1)
    )
    os.mkfifo(landing / "pipe.835")
    run_pipeline(mixed, landing)
    reasons = {reason for _, reason in waiting(mixed)}
    assert {"TRUNCATED", "NOT_X12", "EMPTY", "MISSING_COLUMN", "SPECIAL_FILE"} == reasons

    copy_in(practice, landing, shuffled[len(files) // 2 :])
    run_pipeline(mixed, landing)
    # the ledger tells of the broken files too; how rules performed counts the findings of the half delivery
    histories = {"fct_file_ledger", "fct_rule_performance"}
    assert {k: v for k, v in marts(mixed).items() if k not in histories} == {
        k: v for k, v in marts(clean).items() if k not in histories
    }
