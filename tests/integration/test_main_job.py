"""The main job as a user runs it: `ketaclaims run`, through Airflow, on a simulated practice."""

import os
import signal
import sqlite3
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest
from pipeline_kit import (
    AS_OF,
    command,
    findings,
    marts,
    query,
    run_command,
    told_findings,
    true_findings,
    truth,
)

from ketaclaims.simulate.run import extra_day


class Demo(NamedTuple):
    root: Path
    practice: Path
    first: str  # what the first run printed
    first_marts: dict


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    root = tmp_path_factory.mktemp("demo") / "data"
    output = run_command("run", "--data-root", root, data_root=root)
    return Demo(root, root / "practice", output, marts(root))


def cents(rows, column):
    return sum((Decimal(row[column]) for row in rows), Decimal(0))


def test_every_task_ran_and_the_summary_says_what_came_of_it(demo):
    for task in (
        "find_new_files",
        "commit_batch",
        "build_marts",
        "check_mart_contracts",
        "publish_marts",
        "send_alerts",
    ):
        assert f"\N{CHECK MARK} {task}" in demo.first
    for line in ("Files", "Payments reconciled to the cent", "Open findings", "analytics.duckdb"):
        assert line in demo.first
    with sqlite3.connect(demo.root / "airflow" / "airflow.db") as airflow:
        runs = dict(airflow.execute("select dag_id, state from dag_run").fetchall())
    dags = ("build_billing_marts", "ingest_ehr_exports", "ingest_remittances", "send_quality_alerts")
    assert runs == dict.fromkeys((*dags, "refresh_reference_data"), "success")


def test_the_findings_are_exactly_the_planted_ones(demo):
    assert told_findings(demo.root) == true_findings(demo.practice / "truth")


def test_every_payment_is_in_the_marts_once_and_to_the_cent(demo):
    payments = truth(demo.practice / "truth", "payments")
    counted = query(
        demo.root,
        """select trace_number, payment_amount from marts.fct_remittance_reconciliation
        where payment_state = 'counted'""",
    )
    assert sorted(counted) == sorted((row["trace"], Decimal(row["amount"])) for row in payments)
    assert query(
        demo.root,
        """select sum(abs(unexplained_cents)), sum(abs(event_difference_cents))
        from marts.fct_remittance_reconciliation where payment_state in ('counted', 'held')""",
    ) == [(0, 0)]


def test_claims_end_as_the_payers_decided(demo):
    claims = truth(demo.practice / "truth", "claims")
    assert query(
        demo.root,
        """select count(*), sum(charge_amount), sum(paid_amount), sum(patient_responsibility_amount)
        from marts.fct_claims""",
    ) == [(len(claims), cents(claims, "billed"), cents(claims, "paid"), cents(claims, "patient_share"))]
    denied = {(row["clinic_id"], row["claim_id"]) for row in claims if Decimal(row["denied"])}
    assert denied == set(
        query(demo.root, "select clinic_id, claim_id from marts.fct_claims where denial_amount <> 0")
    )


def test_no_identifier_leaves_the_private_parts(demo):
    """Member ids, patient control numbers and PA numbers stand in no log, XCom, alert or published byte."""
    secrets = {
        value
        for (value,) in query(
            demo.root,
            """select member_id from staging.stg_ehr__coverages union select patient_control_number
            from staging.stg_ehr__claims union select prior_authorization_number from staging.stg_ehr__claims
            union select provider_name from staging.stg_ehr__providers""",
        )
        if value
    }
    assert len(secrets) > 500
    public = [demo.root / part for part in ("airflow", "alerts", "published", "quality", "dbt")]
    for file in (file for folder in public for file in folder.rglob("*") if file.is_file()):
        content = file.read_bytes()
        assert not [secret for secret in secrets if secret.encode() in content], file
    assert not [secret for secret in secrets if secret in demo.first]


def test_everything_but_the_publication_is_for_this_user_only(demo):
    for path in demo.root.rglob("*"):
        if "published" not in path.parts and "practice" not in path.parts and not path.is_symlink():
            assert path.stat().st_mode & 0o077 == 0, path


def kill_and_finish(demo, root, moments):
    """Kill whole runs, process group and all, then let one end; the marts must not tell."""
    arguments = ("run", "--landing", demo.practice / "landing", "--data-root", root, "--as-of", AS_OF)
    for seconds in moments:
        process = command(*arguments, data_root=root, start_new_session=True)
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    run_command(*arguments, data_root=root)
    assert marts(root) == demo.first_marts


def test_a_killed_run_is_finished_by_the_next_with_the_same_marts(demo, tmp_path):
    kill_and_finish(demo, tmp_path / "data", [25.0])


@pytest.mark.slow
def test_runs_killed_again_and_again_end_in_the_same_marts(demo, tmp_path):
    moments = [2 + 4.1 * step for step in range(10)]
    kill_and_finish(demo, tmp_path / "data", moments)


def test_a_second_run_changes_nothing_and_one_more_day_changes_exactly_that(demo):
    commits = len(list((demo.root / "raw" / "commits").iterdir()))
    again = run_command("run", "--data-root", demo.root, data_root=demo.root)
    assert "commit_batch" not in again.replace("\N{MIDDLE DOT} commit_batch", "")
    assert marts(demo.root) == demo.first_marts
    assert len(list((demo.root / "raw" / "commits").iterdir())) == commits

    extra_day(demo.practice, seed=7)
    run_command("run", "--data-root", demo.root, data_root=demo.root)
    truth_folder, extra = demo.practice / "truth", demo.practice / "truth" / "extra_1"
    assert told_findings(demo.root) == true_findings(truth_folder) | true_findings(extra)
    claims = {(row["clinic_id"], row["claim_id"]): row for row in truth(truth_folder, "claims")}
    claims |= {(row["clinic_id"], row["claim_id"]): row for row in truth(extra, "claims")}
    assert query(
        demo.root, "select count(*), sum(charge_amount), sum(paid_amount) from marts.fct_claims"
    ) == [(len(claims), cents(claims.values(), "billed"), cents(claims.values(), "paid"))]


def test_analysts_ask_the_published_database_and_billers_list_findings(demo):
    answer = run_command(
        "query", "select count(*) as claims from fct_claims", "--format", "csv", data_root=demo.root
    )
    assert answer.splitlines()[0] == "claims"
    listed = run_command("findings", "--format", "csv", data_root=demo.root).splitlines()
    assert listed[0].split(",")[:5] == ["finding_id", "rule_id", "clinic_id", "subject", "subject_key"]
    assert len(listed) - 1 == len(findings(demo.root))
