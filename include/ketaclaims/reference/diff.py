"""What a new reference table changes, and which open claims it touches, before it is taken in."""

import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ketaclaims.errors import KetaclaimsError
from ketaclaims.landing.private_files import private_dir, write_private
from ketaclaims.publish.database import open_warehouse
from ketaclaims.publish.output import write_csv
from ketaclaims.raw.contract import ReadContext
from ketaclaims.reference import queries
from ketaclaims.reference.reader import read_reference
from ketaclaims.reference.tables import REFERENCE_TABLES
from ketaclaims.settings import Settings

_OF_CLAIM = 2  # clinic_id and claim_id lead each row of the open claims
_FILES = {"changes.csv": "changes", "open_claims.csv": "open_claims"}


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows with their column names."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True, slots=True)
class Diff:
    """What new tables change. ``open_claims`` names claims: only for private files."""

    refused: tuple[str, ...]  # reason codes of inputs that would be quarantined
    releases: Listing
    changes: Listing
    open_claims: Listing

    @property
    def change_counts(self) -> dict[tuple[str, str], int]:
        """Changes by table and kind."""
        return dict(sorted(Counter((row[0], row[1]) for row in self.changes.rows).items()))

    @property
    def open_claim_count(self) -> int:
        """Claims no payer has answered that a change touches."""
        return len({row[:_OF_CLAIM] for row in self.open_claims.rows})


def compare(settings: Settings, inputs: Iterable[tuple[Path, ReadContext]]) -> Diff:
    """Read tables without committing them and set them against the warehouse.

    Raises NO_WAREHOUSE, WAREHOUSE_BUSY, and WAREHOUSE_INCOMPLETE before the marts exist.
    """
    tables, refused = _read(inputs)
    with open_warehouse(settings.warehouse_file) as con:
        for name, rows in tables.items():
            con.register(name.replace("reference_", "new_"), rows)
        try:
            return _compared(con, refused)
        except duckdb.Error as error:  # its message could quote data
            raise KetaclaimsError(
                "WAREHOUSE_INCOMPLETE",
                f"{type(error).__name__}: reference models or marts are missing or of another version",
                where=str(settings.warehouse_file),
                next_step="Run the pipeline to its end, then ask again.",
            ) from None


def write(diff: Diff, folder: Path) -> None:
    """The changes, and the open claims they touch, as CSV files for this user only."""
    private_dir(folder)
    for name, part in _FILES.items():
        listing: Listing = getattr(diff, part)
        text = io.StringIO()
        write_csv(text, listing.columns, listing.rows)
        write_private(folder / name, text.getvalue().encode())


def _read(inputs: Iterable[tuple[Path, ReadContext]]) -> tuple[dict[str, pa.Table], tuple[str, ...]]:
    batches: dict[str, list[pa.RecordBatch]] = {name: [] for name in REFERENCE_TABLES}
    refused = []
    for path, context in inputs:
        own: dict[str, list[pa.RecordBatch]] = defaultdict(list)
        report = read_reference(path, context, partial(_collect, own))
        if report.status == "rejected":
            refused.append(report.issues[0].code)
            continue
        for name in own.keys() & batches.keys():
            batches[name] += own[name]
    tables = {name: pa.Table.from_batches(found, REFERENCE_TABLES[name]) for name, found in batches.items()}
    return tables, tuple(refused)


def _collect(into: dict[str, list[pa.RecordBatch]], table: str, rows: pa.RecordBatch) -> None:
    into[table].append(rows)


def _compared(con: duckdb.DuckDBPyConnection, refused: tuple[str, ...]) -> Diff:
    for statement in (queries.WINDOWS, queries.PRACTICE_CODES):
        con.execute(statement)
    con.execute(f"create temp table reference_change as {' union all '.join(_each(queries.CHANGES))}")
    return Diff(
        refused,
        _listing(
            con,
            "select reference_table, release_date, max(covers_to_date) as covers_to_date,"
            " sum(row_count) as row_count from new_release group by all order by all",
        ),
        _listing(con, "select * from reference_change order by all"),
        _listing(con, queries.OPEN_CLAIMS),
    )


def _each(statements: Sequence[str]) -> list[str]:
    return [f"select * from ({statement})" for statement in statements]


def _listing(con: duckdb.DuckDBPyConnection, query: str) -> Listing:
    cursor = con.execute(query)
    return Listing(tuple(column[0] for column in cursor.description or ()), tuple(cursor.fetchall()))
