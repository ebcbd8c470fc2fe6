"""The identifier-free copy: marts of the warehouse → one DuckDB file, and one Parquet file per table."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ketaclaims.errors import KetaclaimsError
from ketaclaims.publish.privacy import MART_SCHEMA, Mart, MartColumn, published_columns
from ketaclaims.publish.pseudonyms import install_macro

# The oldest storage every DuckDB from 1.0 on reads; a newer engine here does not shut older readers out.
STORAGE_VERSION = "v1.0.0"
DATABASE_NAME = "analytics.duckdb"
_TARGET = "published"


@dataclass(frozen=True, slots=True)
class CopyResult:
    """What one copy holds: rows per table, a hash of names and types, the newest raw commit behind it."""

    row_counts: Mapping[str, int]
    schema_hash: str
    newest_commit: int


@contextmanager
def open_warehouse(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the warehouse attached read-only under its own name, which its views refer to.

    Raises when it is absent, damaged, or being written.
    """
    if not warehouse.exists():
        raise KetaclaimsError(
            "NO_WAREHOUSE",
            "there is no warehouse yet",
            where=str(warehouse),
            next_step="Run the pipeline first.",
        )
    con = duckdb.connect(config={"threads": 2})
    try:
        try:
            con.execute(f"attach {text_literal(str(warehouse))} as {quoted(warehouse.stem)} (read_only)")
        except duckdb.Error as error:
            raise _unreadable(warehouse, error) from None
        con.execute(f"use {quoted(warehouse.stem)}")
        yield con
    finally:
        con.close()


def copy_marts(
    warehouse: Path, marts: tuple[Mart, ...], secret: bytes, folder: Path, publication: Mapping[str, object]
) -> CopyResult:
    """Write ``analytics.duckdb`` and ``parquet/`` below ``folder``.

    ``publication`` becomes a table of one row with the same name, so that every reader can tell which version
    it holds. Raises before writing anything if a mart column has no declared privacy.
    """
    with open_warehouse(warehouse) as con:
        plan = [
            (mart, published_columns(mart, _column_names(con, warehouse.stem, mart.name))) for mart in marts
        ]
        row = con.execute("select coalesce(max(commit_number), 0) from raw.ledger_commit").fetchone()
        newest_commit = int(row[0]) if row else 0
        install_macro(con, secret)
        database = folder / DATABASE_NAME
        con.execute(
            f"attach {text_literal(str(database))} as {_TARGET} (storage_version '{STORAGE_VERSION}')"
        )
        counts = {mart.name: _copy_table(con, warehouse.stem, mart, columns) for mart, columns in plan}
        _write_publication(con, {**publication, "newest_commit": newest_commit})
        _write_parquet(con, counts, folder / "parquet")
        schema_hash = _schema_hash(con)
        con.execute(f"checkpoint {_TARGET}")
        con.execute(f"detach {_TARGET}")
    return CopyResult(counts, schema_hash, newest_commit)


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def text_literal(text: str) -> str:
    """A text as an SQL literal, for the statements that take no parameters."""
    return "'" + text.replace("'", "''") + "'"


def _unreadable(warehouse: Path, error: duckdb.Error) -> KetaclaimsError:
    if "set lock on file" in str(error) or "different configuration" in str(error):
        return KetaclaimsError(
            "WAREHOUSE_BUSY",
            "the warehouse is being written by another process or connection",
            where=str(warehouse),
            next_step="Wait for the running build to end and try again.",
        )
    return KetaclaimsError(
        "WAREHOUSE_UNREADABLE",
        f"{type(error).__name__}: the file cannot be opened",
        where=str(warehouse),
        next_step="Move it aside and rebuild it from the raw store: raw alone holds everything.",
    )


def _column_names(con: duckdb.DuckDBPyConnection, catalog: str, table: str) -> list[str]:
    rows = con.execute(
        "select column_name from duckdb_columns() "
        "where database_name = ? and schema_name = ? and table_name = ? order by column_index",
        [catalog, MART_SCHEMA, table],
    ).fetchall()
    if not rows:
        raise KetaclaimsError(
            "MART_ABSENT",
            "the manifest names this mart, the warehouse does not hold it",
            where=f"{MART_SCHEMA}.{table}",
            next_step="Run dbt build for the marts, then publish again.",
        )
    return [row[0] for row in rows]


def _copy_table(
    con: duckdb.DuckDBPyConnection, catalog: str, mart: Mart, columns: tuple[MartColumn, ...]
) -> int:
    exprs = ", ".join(
        f"pseudonym({quoted(c.name)}) as {quoted(c.name)}" if c.privacy == "pseudonymise" else quoted(c.name)
        for c in columns
    )
    target = f"{_TARGET}.main.{quoted(mart.name)}"
    source = f"{quoted(catalog)}.{MART_SCHEMA}.{quoted(mart.name)}"
    con.execute(f"create table {target} as select {exprs} from {source}")
    con.execute(f"comment on table {target} is {text_literal(mart.description)}")
    for column in columns:
        con.execute(f"comment on column {target}.{quoted(column.name)} is {text_literal(_comment(column))}")
    row = con.execute(f"select count(*) from {target}").fetchone()
    return int(row[0]) if row else 0


def _comment(column: MartColumn) -> str:
    if column.privacy != "pseudonymise":
        return column.description
    return (
        f"{column.description} Pseudonym: equal values are equal in every table; cannot be reversed.".strip()
    )


def _write_publication(con: duckdb.DuckDBPyConnection, publication: Mapping[str, object]) -> None:
    marks = ", ".join(f"? as {quoted(name)}" for name in publication)
    con.execute(f"create table {_TARGET}.main.publication as select {marks}", list(publication.values()))
    con.execute(
        f"comment on table {_TARGET}.main.publication is "
        "'One row: the run that published this database, its business date, the newest raw commit in it.'"
    )


def _write_parquet(con: duckdb.DuckDBPyConnection, tables: Mapping[str, int], folder: Path) -> None:
    folder.mkdir()
    for table in tables:
        file = folder / f"{table}.parquet"
        source, target = f"{_TARGET}.main.{quoted(table)}", text_literal(str(file))
        con.execute(f"copy {source} to {target} (format parquet, compression zstd)")


def _schema_hash(con: duckdb.DuckDBPyConnection) -> str:
    rows = con.execute(
        "select table_name, column_name, data_type from duckdb_columns() "
        "where database_name = ? and not internal order by table_name, column_index",
        [_TARGET],
    ).fetchall()
    return hashlib.sha256("\n".join("\t".join(row) for row in rows).encode()).hexdigest()
