"""Bringing the warehouse's copy of the ledger up to date, before dbt starts."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ketaclaims.errors import KetaclaimsError
from ketaclaims.landing.private_files import create_private, private_dir
from ketaclaims.raw.ledger import Ledger, open_ledger
from ketaclaims.raw.tables import raw_table_schemas
from ketaclaims.settings import Settings

_T, _N, _AT = pa.string(), pa.int64(), pa.timestamp("us")
_TABLES: dict[str, dict[str, pa.DataType]] = {
    "ledger_commit": {"commit_number": _N, "commit_id": _T, "kind": _T, "committed_at": _AT},
    "ledger_input": {
        "file_sha256": _T, "commit_number": _N, "commit_id": _T, "input_kind": _T, "status": _T,
        "reason_code": _T, "is_active": pa.bool_(), "reader": _T, "reader_version": _T, "profile": _T,
        "profile_version": _T, "landing_path": _T, "container_sha256": _T, "exported_at": _AT,
        "size_bytes": _N, "quarantined_rows": _N,
    },
    "ledger_data_file": {
        "commit_number": _N, "commit_id": _T, "table_name": _T, "relative_path": _T, "row_count": _N,
    },
    "ledger_action": {
        "commit_number": _N, "file_sha256": _T, "st_index": _N, "action": _T, "reason": _T, "acted_at": _AT,
    },
}  # fmt: skip
_QUERIES = {
    "ledger_commit": "select commit_number, commit_id, kind, committed_at from commits",
    "ledger_input": """select inputs.file_sha256, inputs.commit_number, commits.commit_id, inputs.kind,
        inputs.status, inputs.reason_code, 0, inputs.reader, inputs.reader_version, inputs.profile,
        inputs.profile_version, inputs.landing_path, inputs.container_sha256, inputs.exported_at,
        inputs.size_bytes, inputs.quarantined_rows
        from inputs join commits using (commit_number)""",
    "ledger_data_file": """select commit_number, commit_id, table_name, relative_path, row_count
        from data_files join commits using (commit_number)""",
    "ledger_action": "select commit_number, file_sha256, st_index, action, reason, acted_at from actions",
}
# the rows whose standing the new commits may have changed
_TOUCHED = """
    select file_sha256 from inputs where commit_number > ?
    union select file_sha256 from actions where commit_number > ?
"""
_ACTIVE = f"select file_sha256, commit_number from active_inputs where file_sha256 in ({_TOUCHED})"
_SQL_TYPES = {_T: "varchar", _N: "bigint", _AT: "timestamp", pa.bool_(): "boolean"}


def sync(connection: duckdb.DuckDBPyConnection, settings: Settings) -> int:
    """Load commits the warehouse does not know into schema ``raw``, in one transaction; returns the newest.

    Also writes the typed empty file of every raw table. Raises WAREHOUSE_OTHER_STORE when the warehouse has
    consumed commits this raw store does not have.
    """
    write_empty_tables(settings)
    with open_ledger(settings) as ledger:
        connection.execute("begin transaction")
        try:
            _create_tables(connection)
            newest = ledger.applied()
            loaded = _loaded(connection, ledger)
            if newest > loaded:
                _load(connection, ledger, loaded)
        except BaseException:
            connection.execute("rollback")
            raise
        connection.execute("commit")
    return newest


def write_empty_tables(settings: Settings) -> None:
    """``raw/empty/<table>.parquet``: what a reader of "no files yet" reads; rewritten if a schema changes."""
    folder = private_dir(settings.raw_dir / "empty")
    for table, schema in raw_table_schemas().items():
        path = folder / f"{table}.parquet"
        if path.exists() and pq.read_schema(path).equals(schema):
            continue
        draft = folder / f".{table}.{uuid.uuid4().hex[:8]}"
        with create_private(draft) as out:
            pq.write_table(schema.empty_table(), out)
        draft.replace(path)


def _create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("create schema if not exists raw")
    for table, columns in _TABLES.items():
        typed = ", ".join(f"{name} {_SQL_TYPES[kind]}" for name, kind in columns.items())
        connection.execute(f"create table if not exists raw.{table} ({typed})")
    connection.execute(
        "create table if not exists raw.consumed_commit (model_name varchar, commit_number bigint)"
    )


def _loaded(connection: duckdb.DuckDBPyConnection, ledger: Ledger) -> int:
    newest = connection.execute(
        "select commit_number, commit_id from raw.ledger_commit order by commit_number desc limit 1"
    ).fetchone()
    if newest is None:
        return 0
    if ledger.commit_number(newest[1]) != newest[0]:
        raise KetaclaimsError(
            "WAREHOUSE_OTHER_STORE",
            f"The warehouse was built from commit {newest[0]}, which this raw store does not have.",
            where="warehouse.duckdb",
            next_step="Restore the raw store, or remove the warehouse file: it is rebuilt from raw.",
        )
    return int(newest[0])


def _load(connection: duckdb.DuckDBPyConnection, ledger: Ledger, loaded: int) -> None:
    for table, query in _QUERIES.items():
        rows = ledger.rows(f"{query} where commit_number > ? order by commit_number", (loaded,))
        _insert(connection, f"raw.{table}", _arrow(table, rows))
    touched = ledger.rows(_TOUCHED, (loaded, loaded))
    active = ledger.rows(_ACTIVE, (loaded, loaded))
    connection.register(
        "touched_inputs", pa.table({"file_sha256": pa.array([row[0] for row in touched], _T)})
    )
    connection.register(
        "active_now",
        pa.table(
            {
                "file_sha256": pa.array([row[0] for row in active], _T),
                "commit_number": pa.array([row[1] for row in active], _N),
            }
        ),
    )
    connection.execute(
        """
        update raw.ledger_input as inputs
        set is_active = inputs.status = 'committed'
            and exists (
                select 1 from active_now
                where active_now.file_sha256 = inputs.file_sha256
                    and active_now.commit_number = inputs.commit_number
            )
        where inputs.file_sha256 in (select file_sha256 from touched_inputs)
        """
    )
    connection.unregister("touched_inputs")
    connection.unregister("active_now")


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    if rows.num_rows:
        connection.register("rows_to_insert", rows)
        connection.execute(f"insert into {table} select * from rows_to_insert")
        connection.unregister("rows_to_insert")


def _arrow(table: str, rows: Sequence[Any]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(_TABLES[table])
    arrays = [_array(values, kind) for values, kind in zip(columns, _TABLES[table].values(), strict=True)]
    return pa.Table.from_arrays(arrays, names=list(_TABLES[table]))


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    if kind == _AT:
        values = [_utc(value) for value in values]
    elif kind == pa.bool_():
        values = [bool(value) for value in values]
    return pa.array(values, kind)


def _utc(iso: str | None) -> datetime | None:
    return datetime.fromisoformat(iso).astimezone(UTC).replace(tzinfo=None) if iso else None
