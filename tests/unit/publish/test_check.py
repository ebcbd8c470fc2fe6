"""What must be fixed before claims go out: only what is not sent, by claim, each dollar once."""

import csv
import io
import json
from decimal import Decimal

import pytest

from ketaclaims.publish.worklist import write_worklist


def finding(number, subject_key, amount=None, **given):
    return {
        "finding_id": f"f{number}",
        "clinic_id": "c1",
        "subject": "claim_line",
        "subject_key": subject_key,
        "claim_key": subject_key.split("/")[0],
        "claim_line_key": subject_key,
        "rule_id": f"rule-{number}",
        "rule_title": f"Title {number}",
        "remediation": f"Mend {number}.",
        "finding_status": "fail",
        "moment": "before_submission",
        "at_stake_amount": None if amount is None else Decimal(amount),
        **given,
    }


ROWS = {
    "fct_claims": [{"claim_key": key, "claim_id": key, "clinic_id": "c1"} for key in ("A", "B", "SENT")],
    "fct_claim_lines": [
        {"claim_line_key": "A/1", "claim_key": "A", "line_number": 1, "encounter_key": "visit"},
        {"claim_line_key": "B/2", "claim_key": "B", "line_number": 2},
    ],
    "fct_coding_findings": [
        finding(1, "B/2", "90.00"),
        finding(2, "A/1", "60.10", evidence="billed_units=1"),
        finding(3, "E7", "40.00", subject="encounter", claim_key=None, claim_line_key=None)
        | {"encounter_key": "visit"},
        finding(4, "A/1", finding_status="not_evaluable"),
        finding(5, "SENT/1", "900.00", moment="after_submission"),
        finding(6, "B/2", "80.00", finding_status="waived"),
        finding(7, "B/2", "70.00", finding_status="resolved"),
        finding(8, "B/2", "5.00", clinic_id="c2"),
    ],
}  # fmt: skip


def test_claims_not_sent_dearest_claim_first(installation, cli):
    installation.fill(ROWS)
    result = cli(installation, "check", "--format", "csv")
    assert result.exit_code == 1
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [(row["claim_id"], row["line_number"], row["rule_id"], row["status"]) for row in rows] == [
        ("A", "1", "rule-2", "fail"),
        ("A", "", "rule-3", "fail"),  # the visit's finding stands with the claim that bills it
        ("B", "2", "rule-1", "fail"),
        ("B", "2", "rule-8", "fail"),
        ("A", "1", "rule-4", "not_evaluable"),
    ]


def test_one_clinic_and_totals_to_the_cent(installation, cli):
    installation.fill(ROWS)
    result = cli(installation, "check", "--clinic", "c1")
    assert result.exit_code == 1
    assert "c1, claim A: 100.10 USD at stake" in result.stdout
    assert "Title 2 (billed_units=1)" in result.stdout and "Mend 2." in result.stdout
    assert "3 to fix on 2 claims, 190.10 USD at stake. 1 checks lack an input" in result.stdout
    amounts = [Decimal(row["at_stake_amount"]) for row in json.loads(
        cli(installation, "check", "--clinic", "c1", "--format", "json").stdout)]  # fmt: skip
    assert sum(amounts) == Decimal("190.10")


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ([], "Nothing to fix before submission."),
        ([4], "Nothing to fix before submission. 1 checks lack an input"),
        ([5, 6, 7], "Nothing to fix before submission."),
    ],
)
def test_nothing_to_fix_is_exit_code_0(installation, cli, kept, told):
    findings = [row for row in ROWS["fct_coding_findings"] if int(row["finding_id"][1:]) in kept]
    installation.fill({**ROWS, "fct_coding_findings": findings})
    result = cli(installation, "check")
    assert (result.exit_code, result.stdout[: len(told)]) == (0, told)


def test_without_a_warehouse_it_is_no_pass(installation, cli):
    installation.settings.warehouse_file.unlink()
    result = cli(installation, "check")
    assert result.exit_code == 2 and result.stderr.startswith("NO_WAREHOUSE")


def test_the_scrub_list_names_claims_and_is_private(installation, tmp_path):
    installation.fill(
        {**ROWS, "fct_claims": [{"claim_key": "A", "claim_id": "A", "patient_control_number": "PCN"}]}
    )
    out = tmp_path / "scrub.csv"
    assert write_worklist(installation.settings, "scrub", out) == 5
    rows = list(csv.DictReader(out.open()))
    assert (rows[0]["claim_id"], rows[0]["patient_control_number"], rows[0]["at_stake_amount"]) == (
        "A", "PCN", "60.10",
    )  # fmt: skip
    assert out.stat().st_mode & 0o777 == 0o600
