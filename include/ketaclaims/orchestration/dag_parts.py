"""What the DAG files share: assets, defaults, the three ingest tasks, the failure notice."""

from datetime import timedelta
from typing import Any

from airflow.sdk import Asset, BaseNotifier, Context, task

EHR_EXPORTS = Asset(name="ehr_exports_committed", uri="ketaclaims://raw/ehr_exports")
REMITTANCES = Asset(name="remittances_committed", uri="ketaclaims://raw/remittances")
REFERENCE_DATA = Asset(name="reference_data_committed", uri="ketaclaims://raw/reference_data")
QUALITY_RESULTS = Asset(name="quality_results", uri="ketaclaims://quality/results")
PUBLICATION = Asset(name="marts_published", uri="ketaclaims://published/current")

WAREHOUSE_POOL = "warehouse_writer"  # one slot: DuckDB has one writer


class FailureNotice(BaseNotifier):
    """Tells the data team that a run failed, through the configured alert targets. Names the DAG only."""

    def notify(self, context: Context) -> None:
        """Send the notice; called by Airflow when a DAG run has failed."""
        from ketaclaims.alerts import send
        from ketaclaims.settings import Settings

        run = context["dag_run"]
        send.send_message(
            Settings(), f"ketaclaims: {run.dag_id} failed", f"Run {run.run_id} failed. See its task logs."
        )


def dag_defaults(tags: list[str]) -> dict[str, Any]:
    """Arguments every DAG of the project shares."""
    return {
        "catchup": False,
        "max_active_runs": 1,
        "tags": tags,
        "dagrun_timeout": timedelta(hours=6),
        "on_failure_callback": FailureNotice(),
        "default_args": {"owner": "data-team", "retries": 2, "retry_delay": timedelta(minutes=1)},
    }


def ingest_tasks(feed: str, outlet: Asset) -> tuple[Any, Any]:
    """Plan, read in mapped tasks, commit once; nothing new skips the rest and announces nothing.

    Returns the work lists and the reading of them, so that a step can be put in between.
    """

    @task
    def find_new_files(feed: str) -> list[str]:
        from ketaclaims.orchestration import pipeline

        return pipeline.plan_ingest(feed)  # type: ignore[arg-type]

    @task
    def read_files(spec: str) -> str:
        from ketaclaims.orchestration import pipeline

        return pipeline.read_inputs(spec)

    @task(outlets=[outlet])
    def commit_batch(fragments: list[str]) -> int | None:
        from ketaclaims.orchestration import pipeline

        return pipeline.commit_inputs(list(fragments))

    specs = find_new_files(feed)
    fragments = read_files.expand(spec=specs)
    commit_batch(fragments)
    return specs, fragments
