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


MONEY_ROWS = {
    "dim_payers": ROWS["dim_payers"],
    "fct_claims": ROWS["fct_claims"],
    "fct_unmatched_remits": [
        {
            "unmatched_remit_key": "u1",
            "payer_key": "k",
            "paid_amount": Decimal(5),
            "charge_amount": Decimal(9),
        },
        {
            "unmatched_remit_key": "u2",
            "claim_key": "c1",
            "paid_amount": Decimal(-7),
            "charge_amount": Decimal(-9),
            "patient_control_number": "=1+1",
        },
    ],
    "fct_remit_chains": [
        {"remit_claim_key": "r1", "chain_role": "orphan_reversal", "net_paid_amount": Decimal(-3)},
        {"remit_claim_key": "r2", "chain_role": "mismatched_reversal", "net_paid_amount": Decimal(4)},
        {"remit_claim_key": "r3", "chain_role": "reversal", "net_paid_amount": Decimal(0)},
    ],
    "fct_deposits": [
        {"deposit_match_key": state, "deposit_state": state, "payment_amount": amount}
        for state, amount in [
            ("matched", Decimal(9)),
            ("late", Decimal(1)),
            ("missing_deposit", Decimal(2)),
            ("awaited", Decimal(3)),
            ("not_evaluable", Decimal(4)),
        ]
    ],
    "fct_provider_ledger": [
        {"payer_key": "k", "payment_key": "p2", "entry_sequence": 1, "claim_key": "c1"},
        {"payer_key": "k", "payment_key": "p1", "entry_sequence": 2, "provider_adjustment_code": "FB"},
    ],
}


def test_money_lists_name_what_to_look_at_most_money_first(installation, tmp_path):
    installation.fill(MONEY_ROWS)

    def listed(name, *columns):
        return [tuple(row[c] for c in columns) for row in written(installation, tmp_path, name)]

    assert listed("unmatched-remits", "claim_id", "payer", "paid_amount", "patient_control_number") == [
        ("CLM-7", "", "-7.00", "'=1+1"),
        ("", "Aetna", "5.00", ""),
    ]
    assert listed("reversals", "chain_role") == [("mismatched_reversal",), ("orphan_reversal",)]
    assert listed("deposits", "deposit_state") == [("missing_deposit",), ("late",)]
    assert listed("provider-ledger", "provider_adjustment_code", "claim_id") == [("FB", ""), ("", "CLM-7")]


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
