"""Analyst SQL on the served publication: read-only, shut off from files, network and settings."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from ketaclaims.errors import KetaclaimsError
from ketaclaims.publish.database import DATABASE_NAME
from ketaclaims.publish.store import current_version
from ketaclaims.settings import Settings

_ALLOWED = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows of one query; ``is_cut`` when the limit left some out."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    is_cut: bool


@contextmanager
def open_published(database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that can read this one database file and do nothing else."""
    try:
        con = duckdb.connect(
            str(database.resolve()),
            read_only=True,
            config={
                "enable_external_access": "false",
                "autoload_known_extensions": "false",
                "autoinstall_known_extensions": "false",
                "threads": "2",
                "lock_configuration": "true",
            },
        )
    except duckdb.Error as error:
        raise KetaclaimsError(
            "PUBLICATION_UNREADABLE",
            f"{type(error).__name__}: the published database cannot be opened",
            where=str(database),
            next_step="Check it with `ketaclaims publications --verify`, and publish again.",
        ) from None
    try:
        yield con
    finally:
        con.close()


def ask(settings: Settings, sql: str, limit: int) -> Answer:
    """Run one query on ``published/current``; at most ``limit`` rows, all of them when it is 0.

    Raises NOTHING_PUBLISHED, BAD_SQL (one statement that reads, please) or REFUSED_SQL.
    """
    database = current_version(settings.published_dir) / DATABASE_NAME
    with open_published(database) as con:
        try:
            statements = con.extract_statements(sql)
            if len(statements) != 1 or statements[0].type not in _ALLOWED:
                raise KetaclaimsError(
                    "REFUSED_SQL",
                    "only one statement that reads (select, describe, show, explain) is run",
                    next_step="Tables: ketaclaims query 'show tables'",
                )
            cursor = con.execute(statements[0])
            rows = cursor.fetchmany(limit + 1) if limit else cursor.fetchall()
        except duckdb.PermissionException:
            raise KetaclaimsError(
                "REFUSED_SQL", "files, network and settings are shut off for queries"
            ) from None
        except duckdb.Error as error:
            raise KetaclaimsError(
                "BAD_SQL", str(error).strip(), next_step="Columns: ketaclaims query 'describe <table>'"
            ) from None
        names = [column[0] for column in cursor.description or ()]
    return Answer(_told_apart(names), rows[:limit] if limit else rows, bool(limit) and len(rows) > limit)


def _told_apart(names: list[str]) -> tuple[str, ...]:
    """Column names with ``_2``, ``_3`` … on repeats, so that no column of an answer hides another."""
    told: list[str] = []
    for name in names:
        candidate, number = name, 2
        while candidate in told:
            candidate, number = f"{name}_{number}", number + 1
        told.append(candidate)
    return tuple(told)
