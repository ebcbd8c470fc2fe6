"""Starting dbt: one ``dbt build`` per layer, in this process."""

import hashlib
import logging
import os
from datetime import date
from pathlib import Path

import duckdb

from ketaclaims.errors import KetaclaimsError
from ketaclaims.orchestration.environment import DBT_PROJECT, TELEMETRY_OFF, settings_environment
from ketaclaims.settings import Settings

log = logging.getLogger(__name__)

# What one build of a layer selects. Finding events are staged again with the marts, because judging
# commits them after the audit layer is built.
LAYERS = {
    "staging": ["path:seeds", "path:models/staging"],
    "intermediate": ["path:models/intermediate"],
    "audit": ["path:models/audit"],
    "marts": ["stg_quality__finding_events", "stg_quality__waivers", "int_quality__*", "path:models/marts"],
}


def manifest_path(settings: Settings) -> Path:
    """dbt's manifest of the last build: columns, descriptions, privacy."""
    return settings.path("dbt", "target", "manifest.json")


def build_layer(settings: Settings, layer: str, as_of_date: date) -> dict[str, int]:
    """Build and test one layer; from scratch when the project's files have changed since its last build.

    Returns node counts by status. Raises KetaclaimsError BUILD_FAILED naming the nodes that failed (never
    their messages, which can hold values).
    """
    project_hash = _project_hash()
    full_refresh = _built_hash(settings, layer) != project_hash
    arguments = [
        "build",
        *("--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)),
        *(
            "--target-path",
            str(settings.path("dbt", "target")),
            "--log-path",
            str(settings.path("dbt", "logs")),
        ),
        *("--vars", f"{{as_of_date: '{as_of_date.isoformat()}'}}"),
        *("--indirect-selection", "buildable", "--exclude", "resource_type:unit_test"),
        *("--quiet", "--no-use-colors", "--select", *LAYERS[layer]),
        *(["--full-refresh"] if full_refresh else []),
    ]
    counts = _invoke(settings, arguments, layer)
    _record_built(settings, layer, project_hash)
    return counts


def _invoke(settings: Settings, arguments: list[str], layer: str) -> dict[str, int]:
    os.environ.update({**TELEMETRY_OFF, **settings_environment(settings)})
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager  # 9 s cold: only where dbt is started
    from dbt.cli.main import dbtRunner

    try:
        outcome = dbtRunner().invoke(arguments)
    finally:
        DuckDBConnectionManager.close_all_connections()  # else this process keeps the warehouse open
    results = list(getattr(outcome.result, "results", None) or [])
    counts: dict[str, int] = {}
    for result in results:
        counts[str(result.status)] = counts.get(str(result.status), 0) + 1
        log.debug("%s %s", result.status, result.node.name)
    log.info("layer %s: %s", layer, counts)
    if not outcome.success:
        failed = sorted(r.node.name for r in results if str(r.status) in {"error", "fail", "runtime error"})
        kind = type(outcome.exception).__name__ if outcome.exception else "failed nodes"
        raise KetaclaimsError(
            "BUILD_FAILED",
            f"{kind}: {', '.join(failed) or 'dbt could not start the build'}.",
            where=f"layer {layer}",
            next_step=f"Details (private, may hold values) are in {settings.path('dbt', 'logs', 'dbt.log')}.",
        )
    return counts


def _project_hash() -> str:
    digest = hashlib.sha256()
    for folder in ("macros", "models", "seeds"):
        for file in sorted((DBT_PROJECT / folder).rglob("*")):
            if file.suffix in {".sql", ".csv"}:
                digest.update(file.relative_to(DBT_PROJECT).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _built_hash(settings: Settings, layer: str) -> str | None:
    with duckdb.connect(str(settings.warehouse_file)) as connection:
        connection.execute("create schema if not exists raw")
        connection.execute(
            "create table if not exists raw.layer_built (layer text primary key, project_hash text)"
        )
        row = connection.execute(
            "select project_hash from raw.layer_built where layer = ?", [layer]
        ).fetchone()
    return row[0] if row else None


def _record_built(settings: Settings, layer: str, project_hash: str) -> None:
    with duckdb.connect(str(settings.warehouse_file)) as connection:
        connection.execute("insert or replace into raw.layer_built values (?, ?)", [layer, project_hash])
