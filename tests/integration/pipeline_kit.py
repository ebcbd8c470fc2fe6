"""Running the whole pipeline in a test, and reading what it left."""

import csv
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import duckdb

from ketaclaims.simulate.kinds import PATIENT_FAULTS, VISIT_FAULTS

AS_OF = "2026-02-15"
REPOSITORY = Path(__file__).resolve().parents[2]
# what says when something became known, not what is true: columns, and findings that came and went
KNOWLEDGE_TIME = {
    "fct_coding_findings": {"first_seen_at", "last_changed_at", "resolved_at", "waived_at"},
    "fct_file_ledger": {"commit_number", "committed_at", "file_input_key"},
}


def command(*arguments, data_root, start_new_session=False, **environment):
    """One `ketaclaims` command as a user would type it."""
    return subprocess.Popen(
        [sys.executable, "-m", "ketaclaims", *map(str, arguments)],
        env={**os.environ, "KETACLAIMS_DATA_ROOT": str(data_root), "COLUMNS": "200", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=start_new_session,
    )


def run_command(*arguments, data_root, expect=0, **environment):
    process = command(*arguments, data_root=data_root, **environment)
    output, _ = process.communicate(timeout=500)
    assert process.returncode == expect, output
    return output


def run_pipeline(data_root, landing, as_of=AS_OF, **environment):
    """The steps of the four DAGs in order, in one process, without Airflow's scheduling around them."""
    code = (
        "import sys\n"
        "from ketaclaims.orchestration import pipeline as p\n"
        "as_of = sys.argv[1]\n"
        "for feed in ('remits', 'ehr'):\n"
        "    fragments = [p.read_inputs(spec) for spec in p.plan_ingest(feed)]\n"
        "    fragments and p.commit_inputs(fragments)\n"
        "for layer in ('staging', 'intermediate', 'audit'):\n"
        "    p.build_layer(layer, as_of)\n"
        "p.check_contracts('audit'); p.judge_rules(as_of); p.build_layer('marts', as_of)\n"
        "p.check_contracts('marts'); p.publish_marts(as_of); p.send_alerts(as_of)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, as_of],
        env={
            **os.environ,
            "KETACLAIMS_DATA_ROOT": str(data_root),
            "KETACLAIMS_LANDING": str(landing),
            "KETACLAIMS_STABILITY_SECONDS": "0",
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]


def warehouse(data_root):
    return duckdb.connect(str(Path(data_root) / "warehouse" / "warehouse.duckdb"), read_only=True)


def query(data_root, sql):
    with warehouse(data_root) as connection:
        return connection.execute(sql).fetchall()


def marts(data_root):
    """mart -> hash of its rows without the columns that hold knowledge time."""
    with warehouse(data_root) as connection:
        tables = [
            name
            for (name,) in connection.execute(
                "select table_name from information_schema.tables where table_schema = 'marts' order by 1"
            ).fetchall()
        ]
        return {table: _hash(connection, table) for table in tables}


def _hash(connection, table):
    described = connection.execute(f"describe marts.{table}").fetchall()
    columns = [f'"{row[0]}"' for row in described if row[0] not in KNOWLEDGE_TIME.get(table, set())]
    lasting = "where finding_status <> 'resolved'" if table == "fct_coding_findings" else ""
    rows = connection.execute(f"select {', '.join(columns)} from marts.{table} {lasting}").fetchall()
    return len(rows), hashlib.sha256("\n".join(sorted(map(repr, rows))).encode()).hexdigest()


def findings(data_root):
    return set(
        query(
            data_root,
            "select rule_id, clinic_id, subject, subject_key, finding_status from marts.fct_coding_findings"
            " where finding_status in ('fail', 'not_evaluable')",
        )
    )


def truth(folder, name):
    with (Path(folder) / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


PARTLY_TOLD = {"pa-code-covered"}  # the simulator declares it only where another fault brings it


def told_rules():
    """Rules of the catalogue the simulator plants faults for: of the others its truth says nothing."""
    with (REPOSITORY / "dbt_project" / "seeds" / "rules" / "rule_catalog.csv").open(newline="") as file:
        known = {row["rule_id"] for row in csv.DictReader(file)}
    planted = {rule for kind in (*PATIENT_FAULTS, *VISIT_FAULTS) for rule in kind.rule_ids}
    return (known & planted) - PARTLY_TOLD


def told_findings(data_root):
    told = told_rules()
    return {finding for finding in findings(data_root) if finding[0] in told}


def true_findings(folder):
    told = told_rules()
    return {
        (row["rule_id"], row["clinic_id"], row["subject"], row["subject_key"], row["status"])
        for row in truth(folder, "findings")
        if row["rule_id"] in told
    }
