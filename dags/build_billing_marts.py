"""
### Purpose
Turn what the raw store holds into facts, findings, marts and a published database free of identifiers.

### In → out
Raw store → warehouse (staging, intermediate, audit) → contract suites → coding rules → marts → contract
suites → `published/<run>/`, link `published/current`; Assets `marts_published`, `quality_results`.

### Re-run
Safe at any time: incremental models consume each commit once, findings are committed only when they change. A
failed contract publishes nothing; the previous publication stays. `as_of_date` sets the business date. A date
before the served publication's is a look back: it is written to its own folder, the link is not switched, no
finding is committed and no alert is sent (docs/runbooks/backfill.md).

### Call
Data team. Runbook: docs/runbooks/contract-failed.md.
"""

from datetime import datetime

from airflow.sdk import DAG, AssetOrTimeSchedule, CronTriggerTimetable, Param, chain, task

from ketaclaims.orchestration.dag_parts import (
    EHR_EXPORTS,
    PUBLICATION,
    QUALITY_RESULTS,
    REFERENCE_DATA,
    REMITTANCES,
    WAREHOUSE_POOL,
    dag_defaults,
)

with DAG(
    dag_id="build_billing_marts",
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("15 5 * * *", timezone="UTC"),
        assets=(EHR_EXPORTS | REMITTANCES | REFERENCE_DATA),
    ),
    start_date=datetime(2026, 1, 1),
    params={"as_of_date": Param(None, type=["null", "string"], format="date", description="Business date")},
    doc_md=__doc__,
    **dag_defaults(["impact/tier_1", "kind/interval"]),
):

    @task
    def business_date(params: dict, dag_run) -> str:
        from ketaclaims.orchestration import pipeline

        return pipeline.business_date(params["as_of_date"], str(dag_run.run_type), dag_run.logical_date)

    @task(pool=WAREHOUSE_POOL)
    def build_layer(layer: str, as_of_date: str) -> dict[str, int]:
        from ketaclaims.orchestration import pipeline

        return pipeline.build_layer(layer, as_of_date)

    @task(pool=WAREHOUSE_POOL)
    def check_contracts(stage: str) -> None:
        from ketaclaims.orchestration import pipeline

        pipeline.check_contracts(stage)

    @task(pool=WAREHOUSE_POOL)
    def judge_rules(as_of_date: str) -> dict[str, int]:
        from ketaclaims.orchestration import pipeline

        return pipeline.judge_rules(as_of_date)

    @task(pool=WAREHOUSE_POOL, outlets=[PUBLICATION])
    def publish_marts(as_of_date: str) -> str:
        from ketaclaims.orchestration import pipeline

        return pipeline.publish_marts(as_of_date)

    @task(trigger_rule="all_done", outlets=[QUALITY_RESULTS])
    def announce_results() -> None:
        """Alerts are due whether or not the contracts held."""

    as_of = business_date()
    layers = {
        layer: build_layer.override(task_id=f"build_{layer}")(layer, as_of)
        for layer in ("staging", "intermediate", "audit", "marts")
    }
    chain(
        layers["staging"],
        layers["intermediate"],
        layers["audit"],
        check_contracts.override(task_id="check_audit_contracts")("audit"),
        judge_rules(as_of),
        layers["marts"],
        check_contracts.override(task_id="check_mart_contracts")("marts"),
        publish_marts(as_of),
        announce_results(),
    )
