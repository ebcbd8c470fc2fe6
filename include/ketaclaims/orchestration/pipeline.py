"""What the DAG tasks do. Each function is one task: it reads settings from the environment, does one step
through the part that owns it, and returns only short strings without patient data.
"""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, TypeVar

import duckdb
from airflow.sdk.exceptions import AirflowFailException

from ketaclaims import locks
from ketaclaims.errors import KetaclaimsError
from ketaclaims.orchestration import dbt
from ketaclaims.orchestration.environment import make_private_folders
from ketaclaims.settings import Settings

if TYPE_CHECKING:
    from ketaclaims.quality.contracts import ContractFailure

log = logging.getLogger(__name__)
Feed = Literal["remits", "ehr", "reference"]
P = ParamSpec("P")
R = TypeVar("R")
LOCK_WAIT_SECONDS = 600.0


def step(function: Callable[P, R]) -> Callable[P, R]:
    """A task body: private files, and no retry for what a retry cannot mend."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        make_private_folders(Settings())
        try:
            return function(*args, **kwargs)
        except KetaclaimsError as error:
            if error.code == "LOCKED":
                raise
            raise AirflowFailException(str(error)) from None

    return run


@contextmanager
def warehouse(settings: Settings) -> Iterator[None]:
    """The warehouse's one writer, whoever started it."""
    with locks.held(
        settings.warehouse_file.with_suffix(".lock"), "The warehouse", wait_seconds=LOCK_WAIT_SECONDS
    ):
        yield


@step
def plan_ingest(feed: Feed) -> list[str]:
    """Find, hash, archive and group what is new in landing; returns the specs of the reading tasks."""
    from ketaclaims.raw import ingest

    return ingest.plan(Settings(), feed)


@step
def read_inputs(spec: str) -> str:
    """Read the inputs of one spec into Parquet; returns the fragment for the commit."""
    from ketaclaims.raw import ingest

    return ingest.read(Settings(), spec)


@step
def commit_inputs(fragments: list[str]) -> int | None:
    """Commit the batch: the one moment at which its rows begin to count."""
    from ketaclaims.raw import ingest

    return ingest.commit(Settings(), list(fragments))


@step
def report_reference_changes(specs: list[str]) -> dict[str, int]:
    """Write what planned reference tables change, and the open claims they touch, before they are read in.

    Without a built warehouse there is nothing to compare with: ``not_compared`` tables.
    """
    from ketaclaims.raw.specs import batch_id_of
    from ketaclaims.reference import diff, pending

    settings = Settings()
    inputs = pending.planned(settings, specs)
    if not inputs:
        return {}
    try:
        with warehouse(settings):
            found = diff.compare(settings, inputs)
    except KetaclaimsError as error:
        if error.code not in ("NO_WAREHOUSE", "WAREHOUSE_INCOMPLETE"):
            raise
        return {"not_compared": len(inputs)}
    diff.write(found, settings.path("reference", batch_id_of(specs[0])))
    counts = {f"{table} {change}": count for (table, change), count in found.change_counts.items()}
    return {**counts, "refused": len(found.refused), "open_claims": found.open_claim_count}


def business_date(parameter: str | None, run_type: str, logical_date: datetime | None) -> str:
    """The run's ``as_of_date``: its parameter, else the setting, else a back-fill's date, else today."""
    if parameter:
        return date.fromisoformat(parameter).isoformat()
    if configured := Settings().as_of_date:
        return configured.isoformat()
    if run_type == "backfill" and logical_date:
        return logical_date.date().isoformat()
    return datetime.now(UTC).date().isoformat()


@step
def build_layer(layer: str, as_of_date: str) -> dict[str, int]:
    """Bring the warehouse's ledger up to date and build one dbt layer."""
    from ketaclaims.raw import warehouse_sync

    settings = Settings()
    with warehouse(settings):
        with duckdb.connect(str(settings.warehouse_file)) as connection:
            warehouse_sync.sync(connection, settings)
        return dbt.build_layer(settings, layer, date.fromisoformat(as_of_date))


@step
def check_contracts(stage: Literal["audit", "marts"]) -> None:
    """Run the contract suites; a failure stops the run, so yesterday's publication stays."""
    from ketaclaims.quality import contracts

    settings = Settings()
    with warehouse(settings), duckdb.connect(str(settings.warehouse_file)) as connection:
        result = contracts.check_contracts(settings, connection, stage)
    for failure in result.failures:
        log.warning("%s: %s", failure.severity, _failure_text(failure))
    blocking = [_failure_text(failure) for failure in result.blocking]
    _failures_file(settings, stage).write_text(json.dumps(blocking))
    if blocking:
        raise KetaclaimsError(
            "CONTRACT_FAILED",
            f"{len(blocking)} expectation(s): {'; '.join(blocking)}",
            where=f"{stage} contracts",
            next_step="Nothing was published, the previous one stays: docs/runbooks/contract-failed.md.",
        )


def _failure_text(failure: "ContractFailure") -> str:
    columns = ", ".join(failure.columns)
    return f"{failure.suite}: {failure.expectation}({columns}), {failure.failing_row_count} rows"


@step
def judge_rules(as_of_date: str) -> dict[str, int]:
    """Judge new or changed rows with the coding suites; commits changed findings only."""
    from ketaclaims.quality import judge

    settings = Settings()
    with warehouse(settings), duckdb.connect(str(settings.warehouse_file)) as connection:
        result = judge.judge(settings, connection, date.fromisoformat(as_of_date))
    return {"rows_judged": result.rows_judged, "opened": result.opened, "resolved": result.resolved}


@step
def publish_marts(as_of_date: str) -> str:
    """Write the identifier-free copy and, unless the date lies in the past, switch readers to it."""
    from ketaclaims.publish import publish
    from ketaclaims.quality import data_docs

    settings, as_of = Settings(), date.fromisoformat(as_of_date)
    run_id = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    docs = settings.path("quality", "data_docs")
    with warehouse(settings):
        with duckdb.connect(str(settings.warehouse_file)) as connection:
            data_docs.build_data_docs(connection, docs)
        folder = publish.publish(
            settings,
            run_id,
            as_of,
            dbt.manifest_path(settings),
            docs,
            switch=not is_historical(settings, as_of),
        )
    return folder.name


@step
def send_alerts(as_of_date: str) -> int:
    """Decide what is new and send one digest per audience; nothing for a date in the past."""
    from ketaclaims import alerts

    settings, as_of = Settings(), date.fromisoformat(as_of_date)
    if is_historical(settings, as_of):
        return 0
    failures = [line for stage in ("audit", "marts") for line in _read_failures(settings, stage)]
    with warehouse(settings):
        return len(alerts.run(settings, as_of, _current_run(settings) or "none", failures))


def is_historical(settings: Settings, as_of: date) -> bool:
    """Whether the served publication already looks from a later date (see docs/runbooks/backfill.md)."""
    served = settings.published_dir / "current" / "publication.json"
    return served.exists() and date.fromisoformat(_json(served)["as_of_date"]) > as_of


def _current_run(settings: Settings) -> str | None:
    current = settings.published_dir / "current"
    return current.resolve().name if current.exists() else None


def _failures_file(settings: Settings, stage: str) -> Path:
    file = settings.path("quality", f"contract_failures_{stage}.json")
    file.parent.mkdir(parents=True, exist_ok=True)
    return file


def _read_failures(settings: Settings, stage: str) -> list[str]:
    file = _failures_file(settings, stage)
    return list(_json(file)) if file.exists() else []


def _json(file: Path) -> Any:
    return json.loads(file.read_text())
