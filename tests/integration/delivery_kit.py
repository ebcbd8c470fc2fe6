"""Warehouses of simulated practices without Airflow: read, commit, run the models. dbt seeds once."""

import os
import shutil
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
from pipeline_kit import AS_OF, KNOWLEDGE_TIME

from ketaclaims.orchestration.environment import DBT_PROJECT, make_private_folders, settings_environment
from ketaclaims.quality import judge
from ketaclaims.raw import ingest, warehouse_sync
from ketaclaims.settings import Settings
from ketaclaims.simulate.run import simulate

SEED, PATIENTS = 7, 12


@dataclass
class Workshop:
    """Builds one warehouse per delivery of the same practice: one clinic, one month."""

    root: Path
    seeded: Path = field(init=False)

    def __post_init__(self) -> None:
        settings = self._settings(self.root / "seeded")
        self._dbt(settings, "seed")
        self.seeded = settings.warehouse_file
        with duckdb.connect(str(self.seeded)) as connection:
            connection.execute("checkpoint")

    def build(self, delivery: str, name: str = "", **dirt: float) -> Path:
        """The warehouse of one delivery: marts with what the rules find."""
        folder = self.root / (name or delivery)
        simulate(folder / "practice", 1, 1, SEED, patients=PATIENTS, delivery=delivery, **dirt)
        settings = self._settings(folder)
        for feed in ("remits", "ehr"):
            ingest.commit(settings, [ingest.read(settings, spec) for spec in ingest.plan(settings, feed)])
        shutil.copyfile(self.seeded, settings.warehouse_file)
        self._dbt(settings, "run")
        with duckdb.connect(str(settings.warehouse_file)) as connection:
            judge.judge(settings, connection, date.fromisoformat(AS_OF))
        self._dbt(settings, "run", "--select", "stg_quality__finding_events+")
        return settings.warehouse_file

    def _settings(self, folder: Path) -> Settings:
        os.environ |= {
            "KETACLAIMS_DATA_ROOT": str(folder / "data"),
            "KETACLAIMS_LANDING": str(folder / "practice" / "landing"),
            "KETACLAIMS_STABILITY_SECONDS": "0",
        }
        settings = Settings()
        make_private_folders(settings)
        os.environ |= settings_environment(settings)
        return settings

    def _dbt(self, settings: Settings, *command: str) -> None:
        with duckdb.connect(str(settings.warehouse_file)) as connection:
            warehouse_sync.sync(connection, settings)
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner

        try:
            outcome = dbtRunner().invoke(
                [
                    *(*command, "--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
                    *("--target-path", str(self.root / "target"), "--log-path", str(self.root / "logs")),
                    *("--vars", f"{{as_of_date: '{AS_OF}'}}", "--quiet", "--no-use-colors"),
                ]
            )
        finally:
            DuckDBConnectionManager.close_all_connections()
        failed = [f"{r.node.name}: {r.message}" for r in outcome.result or () if str(r.status) == "error"]
        assert outcome.success, failed or outcome.exception


def rows(warehouse: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def inputs_not_read(warehouse: Path) -> list[tuple]:
    """Inputs that are not committed whole, but for second copies of the same bytes."""
    return rows(
        warehouse,
        "select input_kind, profile, status, reason_code, quarantined_rows from raw.ledger_input"
        " where status not in ('committed', 'duplicate') or quarantined_rows > 0",
    )


def marts(warehouse: Path) -> dict[str, list[str]]:
    """Columns of every mart but those that say when something became known."""
    found: dict[str, list[str]] = {}
    for table, column in rows(
        warehouse,
        "select table_name, column_name from information_schema.columns where table_schema = 'marts'"
        " order by table_name, ordinal_position",
    ):
        if column not in KNOWLEDGE_TIME.get(table, ()):
            found.setdefault(table, []).append(column)
    return found


def claim_names(warehouse: Path) -> dict[str, str]:
    """Keys made of a claim id -> the same made of the patient control number, which every form carries."""
    claims = rows(warehouse, "select claim_key, patient_control_number from marts.fct_claims")
    names = {key: f"claim {number}" for key, number in claims}
    lines = rows(warehouse, "select claim_line_key, claim_key, line_number from marts.fct_claim_lines")
    return names | {key: f"{names[claim]} line {number}" for key, claim, number in lines}


def content(warehouse: Path, mart: str, columns: list[str], where: str) -> Counter:
    """Rows of a mart as a bag, keys of claims and lines translated."""
    names = claim_names(warehouse)
    listed = ", ".join(f'"{column}"' for column in columns)
    found = rows(warehouse, f"select {listed} from marts.{mart} where {where}")
    return Counter(tuple(names.get(value, value) for value in row) for row in found)
