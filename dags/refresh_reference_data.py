"""
### Purpose
Take in the reference tables others publish (NCCI pairs and MUEs, ICD-10-CM, HCPCS, CARC and RARC), and say
beforehand what they change and which open claims they touch.

### In → out
`landing/**` (known by content) → `reference/<batch>/changes.csv` and `open_claims.csv` (private) → raw store;
Asset `reference_data_committed`, on which the marts are built: what a new release touches is judged again.

### Re-run
Safe at any time: a table is committed once by its sha256. Nothing is deleted; a release wins for its days.

### Call
Data team. docs/reference_data.md says what to drop; tables refused: docs/runbooks/quarantined-files.md.
"""

from datetime import datetime

from airflow.sdk import DAG, task

from ketaclaims.orchestration.dag_parts import REFERENCE_DATA, WAREHOUSE_POOL, dag_defaults, ingest_tasks

with DAG(
    dag_id="refresh_reference_data",
    schedule="45 4 * * *",
    start_date=datetime(2026, 1, 1),
    doc_md=__doc__,
    **dag_defaults(["impact/tier_2", "kind/now", "feed/reference"]),
):

    @task(pool=WAREHOUSE_POOL)
    def report_changes(specs: list[str]) -> dict[str, int]:
        from ketaclaims.orchestration import pipeline

        return pipeline.report_reference_changes(list(specs))

    specs, fragments = ingest_tasks("reference", REFERENCE_DATA)
    report_changes(specs) >> fragments
