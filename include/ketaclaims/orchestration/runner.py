"""Running the five DAGs through Airflow without a server: SQLite, this process, one DAG after the other."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.status import Status

from ketaclaims import locks
from ketaclaims.errors import KetaclaimsError
from ketaclaims.orchestration.environment import PROJECT_ROOT, airflow_environment, make_private_folders
from ketaclaims.settings import Settings

DAG_ORDER = (
    "ingest_remittances",
    "ingest_ehr_exports",
    "refresh_reference_data",
    "build_billing_marts",
    "send_quality_alerts",
)


def run_pipeline(settings: Settings, as_of: date | None) -> None:
    """Run the five DAGs in order, showing each task as it ends.

    Raises KetaclaimsError LOCKED when another run uses the same data root, RUN_FAILED naming the DAGs and
    tasks that failed. A failed build still leads to the alerts, as it would on the schedule.
    """
    make_private_folders(settings)
    os.environ.update(airflow_environment(settings))
    with locks.held(settings.path("run.lock"), f"The data root {settings.data_root}"):
        log_file = settings.path("airflow", "run.log")
        with _terminal_kept(log_file) as console, console.status("Preparing Airflow …") as status:
            prepare_airflow(settings)
            failed = _run_dags(as_of, console, status)
    if failed:
        raise KetaclaimsError(
            "RUN_FAILED",
            f"Failed: {', '.join(failed)}.",
            next_step=f"The reason is in {log_file}. Run again once mended: what was done is kept.",
        )


def prepare_airflow(settings: Settings) -> None:
    """Create or upgrade the metadata database and the one-slot warehouse pool, once per Airflow version.

    A new database is made beside its place and renamed, so a kill in between leaves none or a whole one.
    """
    home = settings.path("airflow")
    marker = home / f"prepared-{version('apache-airflow')}"
    if marker.exists():
        return
    database, fresh = home / "airflow.db", home / "airflow.db.new"
    if not database.exists():
        fresh.unlink(missing_ok=True)
        _airflow("db", "migrate", AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{fresh}")
        fresh.replace(database)
    else:
        _airflow("db", "migrate")
    _airflow("pools", "set", "warehouse_writer", "1", "DuckDB has one writer")
    marker.touch()


def _airflow(*arguments: str, **environment: str) -> None:
    command = [sys.executable, "-m", "airflow", *arguments]
    if subprocess.run(command, env={**os.environ, **environment}, check=False).returncode:
        raise KetaclaimsError(
            "AIRFLOW_FAILED", f"`airflow {' '.join(arguments[:2])}` failed; see the run's log."
        )


def _run_dags(as_of: date | None, console: Console, status: Status) -> list[str]:
    from airflow.dag_processing.dagbag import BundleDagBag
    from airflow.sdk.listener import get_listener_manager

    from ketaclaims.orchestration.progress import TaskProgress

    dags_folder = PROJECT_ROOT / "dags"
    bag = BundleDagBag(dag_folder=str(dags_folder), bundle_path=dags_folder, bundle_name="dags-folder")
    if bag.import_errors:
        raise KetaclaimsError("DAG_IMPORT", f"{len(bag.import_errors)} DAG file(s) cannot be imported.")
    progress = TaskProgress(console, status)
    get_listener_manager().add_listener(progress)
    failed = []
    for dag_id in DAG_ORDER:
        progress.start(dag_id)
        dag = bag.dags[dag_id]
        conf = {"as_of_date": as_of.isoformat()} if as_of and "as_of_date" in dag.params else None
        run = dag.test(run_conf=conf)
        if str(run.state) != "success":
            failed.append(dag_id)
    return failed


@contextmanager
def _terminal_kept(log_file: Path) -> Iterator[Console]:
    """Keep the terminal for progress; everything libraries print goes to ``log_file``."""
    log_file.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [os.dup(1), os.dup(2)]
    log = os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    terminal = os.fdopen(os.dup(1), "w", encoding="utf-8")
    try:
        os.dup2(log, 1)
        os.dup2(log, 2)
        yield Console(file=terminal)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for number, descriptor in enumerate(kept, start=1):
            os.dup2(descriptor, number)
            os.close(descriptor)
        os.close(log)
        terminal.close()
