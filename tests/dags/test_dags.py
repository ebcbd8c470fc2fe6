"""Structure and policy of every DAG."""

import ast
import itertools
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DAG_FILES = sorted((ROOT / "dags").glob("*.py"))
DAG_IDS = [
    "build_billing_marts",
    "ingest_ehr_exports",
    "ingest_remittances",
    "refresh_reference_data",
    "send_quality_alerts",
]


def upstream(dag, task_id):
    return dag.task_dict[task_id].upstream_task_ids


def test_every_dag_imports_and_its_id_is_its_file_name(dag_bag):
    assert dag_bag.import_errors == {}
    assert sorted(dag_bag.dags) == DAG_IDS == [file.stem for file in DAG_FILES]


@pytest.mark.parametrize("file", DAG_FILES, ids=lambda f: f.stem)
def test_a_dag_file_only_wires(file):
    assert len(file.read_text().splitlines()) <= 100
    imports = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert imports <= {"datetime", "airflow.sdk", "ketaclaims.orchestration.dag_parts"}


@pytest.mark.parametrize("dag_id", DAG_IDS)
def test_policy(dag_bag, dag_id):
    dag = dag_bag.dags[dag_id]
    assert dag.max_active_runs == 1
    assert dag.catchup is False
    assert dag.dagrun_timeout is not None
    assert dag.on_failure_callback is not None
    assert {tag.split("/")[0] for tag in dag.tags} >= {"impact", "kind"}
    for heading in ("### Purpose", "### In → out", "### Re-run", "### Call"):
        assert heading in dag.doc_md
    for task in dag.tasks:
        assert task.owner == "data-team"
        assert task.retries == 2


def test_runbooks_named_in_the_docs_exist(dag_bag):
    for dag in dag_bag.dags.values():
        for word in dag.doc_md.replace("(", " ").replace(")", " ").replace(",", " ").split():
            if word.startswith("docs/"):
                assert (ROOT / word.rstrip(".")).exists(), word


@pytest.mark.parametrize("dag_id", ["ingest_ehr_exports", "ingest_remittances"])
def test_ingest_reads_in_mapped_tasks_and_commits_once(dag_bag, dag_id):
    dag = dag_bag.dags[dag_id]
    assert upstream(dag, "read_files") == {"find_new_files"}
    assert upstream(dag, "commit_batch") == {"read_files"}
    assert dag.task_dict["read_files"].is_mapped
    assert [asset.name for asset in dag.task_dict["commit_batch"].outlets] == [
        {"ingest_ehr_exports": "ehr_exports_committed", "ingest_remittances": "remittances_committed"}[dag_id]
    ]


def test_reference_tables_are_compared_before_they_are_read_in(dag_bag):
    dag = dag_bag.dags["refresh_reference_data"]
    assert upstream(dag, "report_changes") == {"find_new_files"}
    assert upstream(dag, "read_files") == {"find_new_files", "report_changes"}
    assert [asset.name for asset in dag.task_dict["commit_batch"].outlets] == ["reference_data_committed"]


def test_marts_run_on_either_feed_or_daily_with_gates_between_the_layers(dag_bag):
    dag = dag_bag.dags["build_billing_marts"]
    condition = dag.timetable.asset_condition
    assert type(condition).__name__ == "AssetAny"
    assert {asset.name for asset in condition.objects} == {
        "ehr_exports_committed",
        "remittances_committed",
        "reference_data_committed",
    }
    order = [
        "build_staging",
        "build_intermediate",
        "build_audit",
        "check_audit_contracts",
        "judge_rules",
        "build_marts",
        "check_mart_contracts",
        "publish_marts",
        "announce_results",
    ]
    for before, after in itertools.pairwise(order):
        assert before in upstream(dag, after)


def test_whoever_opens_the_warehouse_takes_its_one_slot(dag_bag):
    pools = {task.task_id: task.pool for dag_id in DAG_IDS for task in dag_bag.dags[dag_id].tasks}
    without = {"find_new_files", "read_files", "commit_batch", "business_date", "announce_results"}
    assert {name for name, pool in pools.items() if pool != "warehouse_writer"} == without


def test_alerts_follow_results_even_after_a_failed_contract(dag_bag):
    announce = dag_bag.dags["build_billing_marts"].task_dict["announce_results"]
    assert announce.trigger_rule == "all_done"
    assert [asset.name for asset in announce.outlets] == ["quality_results"]
    alerts = dag_bag.dags["send_quality_alerts"]
    assert [asset.name for asset in alerts.timetable.asset_condition.objects] == ["quality_results"]


def test_domain_modules_import_neither_airflow_nor_dbt():
    for file in (ROOT / "include" / "ketaclaims").rglob("*.py"):
        if "orchestration" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not {name.split(".")[0] for name in names} & {"airflow", "dbt"}, file
