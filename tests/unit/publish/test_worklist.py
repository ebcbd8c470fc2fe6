import csv
import subprocess
import sys
from decimal import Decimal

import pytest

from ketaclaims.errors import KetaclaimsError
from ketaclaims.publish.worklist import write_worklist

ROWS = {
    "dim_payers": [{"payer_key": "k", "payer_id": "60054", "payer_name": "Aetna"}],
    "fct_claims": [{"claim_key": "c1", "claim_id": "CLM-7"}],
    "fct_denials": [
        {
            "denial_key": "d1",
            "payer_key": "k",
            "claim_key": "c1",
            "denial_amount": Decimal("10.00"),
            "carc": "16",
        },
        {
            "denial_key": "d2",
            "payer_id": "99",
            "denial_amount": Decimal("99.10"),
            "patient_control_number": "=1+1",
        },
    ],
    "fct_prior_auths": [
        {"prior_auth_key": "a", "prior_auth_id": "PA1", "coverage_state": "running", "payer_key": "k"},
        {"prior_auth_key": "b", "prior_auth_id": "PA2", "coverage_state": "ended", "payer_key": "k"},
    ],
    "fct_coding_findings": [
        {
            "finding_id": "f1",
            "finding_status": "fail",
            "at_stake_amount": Decimal(1),
            "subject_key": "CLM-7/1",
        },
        {
            "finding_id": "f2",
            "finding_status": "fail",
            "at_stake_amount": Decimal(5),
            "subject_key": "CLM-8/1",
        },
        {
            "finding_id": "f3",
            "finding_status": "resolved",
            "at_stake_amount": Decimal(9),
            "subject_key": "CLM-9/1",
        },
        {"finding_id": "f4", "finding_status": "not_evaluable", "subject_key": "CLM-6/1"},
    ],
}


def written(installation, tmp_path, name):
    out = tmp_path / f"{name}.csv"
    count = write_worklist(installation.settings, name, out)
    rows = list(csv.DictReader(out.open()))
    assert count == len(rows)
    assert out.stat().st_mode & 0o777 == 0o600
    return rows


def test_denials_name_the_claim_most_money_first(installation, tmp_path):
    installation.fill(ROWS)
    rows = written(installation, tmp_path, "denials")
    assert [(r["claim_id"], r["payer"], r["denial_amount"], r["patient_control_number"]) for r in rows] == [
        ("", "99", "99.10", "'=1+1"),
        ("CLM-7", "Aetna", "10.00", ""),
    ]


def test_prior_auths_that_ended_are_left_out(installation, tmp_path):
    installation.fill(ROWS)
    assert [row["prior_auth_id"] for row in written(installation, tmp_path, "prior-auths")] == ["PA1"]


def test_open_findings_then_those_not_evaluable(installation, tmp_path):
    installation.fill(ROWS)
    assert [row["subject_key"] for row in written(installation, tmp_path, "findings")] == [
        "CLM-8/1",
        "CLM-7/1",
        "CLM-6/1",
    ]


def test_replaces_an_open_file_by_a_private_one(installation, tmp_path):
    out = tmp_path / "denials.csv"
    out.write_text("old")
    out.chmod(0o644)
    assert written(installation, tmp_path, "denials") == []
    assert sorted(path.name for path in tmp_path.glob("*denials*")) == ["denials.csv"]


def test_warehouse_being_written_or_without_marts_is_told(installation, tmp_path):
    warehouse = installation.settings.warehouse_file
    code = (
        f"import duckdb; c = duckdb.connect({str(warehouse)!r}); c.execute('drop table marts.fct_denials'); "
        "print(1, flush=True); input()"
    )
    writer = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    writer.stdout.readline()
    with pytest.raises(KetaclaimsError, match="WAREHOUSE_BUSY"):
        write_worklist(installation.settings, "denials", tmp_path / "x.csv")
    writer.communicate(b"\n")
    with pytest.raises(KetaclaimsError, match="WAREHOUSE_INCOMPLETE"):
        write_worklist(installation.settings, "denials", tmp_path / "x.csv")
    with pytest.raises(KetaclaimsError, match="CANNOT_WRITE"):
        write_worklist(installation.settings, "findings", tmp_path / "absent" / "x.csv")
