"""Process environment of Airflow and dbt: one place, so the command line, tests and containers agree."""

import os
from pathlib import Path

from ketaclaims.settings import Settings

PROJECT_ROOT = Path(__file__).resolve().parents[3]
DBT_PROJECT = PROJECT_ROOT / "dbt_project"

TELEMETRY_OFF = {
    "DO_NOT_TRACK": "1",
    "SCARF_NO_ANALYTICS": "1",
    "GX_ANALYTICS_ENABLED": "False",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "False",
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
}


def airflow_environment(settings: Settings) -> dict[str, str]:
    """Environment of an Airflow on SQLite below ``data_root/airflow``, on loopback only."""
    home = settings.path("airflow")
    return {
        **TELEMETRY_OFF,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT_ROOT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        **settings_environment(settings),
    }


def settings_environment(settings: Settings) -> dict[str, str]:
    """The paths a task must agree on with its caller, absolute."""
    return {
        "KETACLAIMS_DATA_ROOT": str(settings.data_root.absolute()),
        "KETACLAIMS_LANDING": str(settings.landing_dir),
        "KETACLAIMS_RAW_DIR": str(settings.raw_dir),
        "KETACLAIMS_WAREHOUSE_FILE": str(settings.warehouse_file),
    }


def make_private_folders(settings: Settings) -> None:
    """Create the data root for this user only; everything written later is private unless published."""
    os.umask(0o077)
    for folder in (
        settings.data_root,
        settings.warehouse_file.parent,
        settings.path("airflow"),
        settings.path("dbt"),
    ):
        folder.mkdir(parents=True, exist_ok=True)
