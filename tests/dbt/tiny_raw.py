"""A raw store of a few rows, written by hand: Parquet files and the ledger tables of docs/architecture.md."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ketaclaims.raw.tables import raw_table_schemas

SCHEMAS: dict[str, pa.Schema] = raw_table_schemas()
Row = Mapping[str, Any]

EPOCH = datetime(2026, 1, 1)
LEDGER = """
create schema if not exists raw;
create table if not exists raw.consumed_commit (model_name varchar, commit_number bigint);
create or replace table raw.ledger_commit (
    commit_number bigint, commit_id varchar, kind varchar, committed_at timestamp
);
create or replace table raw.ledger_input (
    file_sha256 varchar, commit_number bigint, commit_id varchar, input_kind varchar, status varchar,
    reason_code varchar, is_active boolean, reader varchar, reader_version varchar, profile varchar,
    profile_version varchar, landing_path varchar, container_sha256 varchar, exported_at timestamp,
    size_bytes bigint, quarantined_rows bigint
);
create or replace table raw.ledger_data_file (
    commit_number bigint, commit_id varchar, table_name varchar, relative_path varchar, row_count bigint
);
create or replace table raw.ledger_action (
    commit_number bigint, file_sha256 varchar, st_index bigint, action varchar, reason varchar,
    acted_at timestamp
);
"""


@dataclass(frozen=True)
class File:
    """One input: rows by table, and the day its source wrote it (orders versions)."""

    name: str
    rows: Mapping[str, Sequence[Row]]
    exported_day: int = 0

    @property
    def sha256(self) -> str:
        """A stand-in for the hash of its bytes; a reread keeps it."""
        return hashlib.sha256(self.name.encode()).hexdigest()

    @property
    def exported_at(self) -> datetime:
        """UTC, without zone."""
        return EPOCH + timedelta(days=self.exported_day)


@dataclass
class TinyRaw:
    """Commits files in order; ``sync`` writes the ledger of the commits so far into a warehouse."""

    root: Path
    commits: list[tuple[str, list[File]]] = field(default_factory=list)
    actions: list[tuple[int, str, int | None, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for table, schema in SCHEMAS.items():
            self._write(Path("empty") / f"{table}.parquet", schema, [])

    def commit(self, *files: File) -> None:
        """One batch with these inputs."""
        commit_id = f"batch-{len(self.commits) + 1:04d}"
        for table in {table for file in files for table in file.rows}:
            rows = [
                {**self._position(table, number), **row, "_file_sha256": file.sha256, "_commit_id": commit_id}
                for file in files
                for number, row in enumerate(file.rows.get(table, ()), start=1)
            ]
            self._write(Path("data") / commit_id / "w1" / f"{table}.parquet", SCHEMAS[table], rows)
        self.commits.append((commit_id, list(files)))

    def act(self, file: File, action: str, st_index: int | None = None) -> None:
        """A release or rejection, as a commit of its own."""
        self.commits.append((f"act-{len(self.commits) + 1:04d}", []))
        self.actions.append((len(self.commits), file.sha256, st_index, action))

    def sync(self, warehouse: Path) -> None:
        """Replace the ledger tables of the warehouse by the commits so far."""
        newest = {file.sha256: commit_id for commit_id, files in self.commits for file in files}
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute(LEDGER)
            for number, (commit_id, files) in enumerate(self.commits, start=1):
                kind = "batch" if files else "release"
                values = [number, commit_id, kind, EPOCH]
                connection.execute("insert into raw.ledger_commit values (?, ?, ?, ?)", values)
                self._sync_inputs(connection, number, commit_id, files, newest)
            for number, sha256, st_index, action in self.actions:
                values = [number, sha256, st_index, action, "test", EPOCH]
                connection.execute("insert into raw.ledger_action values (?, ?, ?, ?, ?, ?)", values)

    def _sync_inputs(
        self,
        connection: duckdb.DuckDBPyConnection,
        number: int,
        commit_id: str,
        files: Sequence[File],
        newest: Mapping[str, str],
    ) -> None:
        for file in files:
            given = {
                "file_sha256": file.sha256,
                "commit_number": number,
                "commit_id": commit_id,
                "status": "committed",
                "is_active": newest[file.sha256] == commit_id and not self._is_rejected(file, number),
                "landing_path": file.name,
                "exported_at": file.exported_at,
            }
            places = ", ".join("?" for _ in given)
            connection.execute(
                f"insert into raw.ledger_input ({', '.join(given)}) values ({places})", list(given.values())
            )
        for table in sorted({table for file in files for table in file.rows}):
            path = f"data/{commit_id}/w1/{table}.parquet"
            row_count = sum(len(file.rows.get(table, ())) for file in files)
            connection.execute(
                "insert into raw.ledger_data_file values (?, ?, ?, ?, ?)",
                [number, commit_id, table, path, row_count],
            )

    def _is_rejected(self, file: File, number: int) -> bool:
        return any(
            sha256 == file.sha256 and st_index is None and action == "reject" and acted > number
            for acted, sha256, st_index, action in self.actions
        )

    def _position(self, table: str, number: int) -> dict[str, int]:
        columns = ("_segment_number", "_row_number")
        return {column: number for column in columns if column in SCHEMAS[table].names}

    def _write(self, relative: Path, schema: pa.Schema, rows: Sequence[Row]) -> None:
        for row in rows:
            unknown = set(row) - set(schema.names)
            if unknown:
                raise KeyError(json.dumps(sorted(unknown)))
        path = self.root / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        filled = [{name: row.get(name) for name in schema.names} for row in rows]
        pq.write_table(pa.Table.from_pylist(filled, schema=schema), path)
