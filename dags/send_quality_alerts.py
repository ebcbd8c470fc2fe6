"""
### Purpose
Tell each audience once what is new or worse: findings by money, failed contracts, held remittances, lapsing
prior authorisations, stale feeds, and that no run came (dead-man's switch).

### In → out
Published marts and ledger → one digest per audience in `alerts/` and at the configured targets.

### Re-run
Safe: what was sent is recorded, an unchanged alert is not sent again. A crash between sending and recording
can send one digest twice.

### Call
On-call. Runbook: docs/runbooks/alerts.md.
"""

from datetime import datetime

from airflow.sdk import DAG, AssetOrTimeSchedule, CronTriggerTimetable, Param, task

from ketaclaims.orchestration.dag_parts import QUALITY_RESULTS, WAREHOUSE_POOL, dag_defaults

with DAG(
    dag_id="send_quality_alerts",
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("0 7 * * *", timezone="UTC"), assets=[QUALITY_RESULTS]
    ),
    start_date=datetime(2026, 1, 1),
    params={"as_of_date": Param(None, type=["null", "string"], format="date", description="Business date")},
    doc_md=__doc__,
    **dag_defaults(["impact/tier_2", "kind/now"]),
):

    @task(pool=WAREHOUSE_POOL)
    def send_alerts(params: dict, dag_run) -> int:
        from ketaclaims.orchestration import pipeline

        as_of_date = pipeline.business_date(params["as_of_date"], str(dag_run.run_type), dag_run.logical_date)
        return pipeline.send_alerts(as_of_date)

    send_alerts()
