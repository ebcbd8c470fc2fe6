"""A raw store of a few rows, written by hand: Parquet files and the ledger tables dbt reads (docs/architecture.md)."""

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
from ketaclaims.x12.tables import REMIT_TABLES

SCHEMAS: dict[str, pa.Schema] = raw_table_schemas()
Row = Mapping[str, Any]

LEDGER = """
create schema if not exists raw;
create table if not exists raw.consumed_commit (model_name varchar, commit_number bigint);
create or replace table raw.ledger_commit (
    commit_number bigint, commit_id varchar, kind varchar, committed_at varchar
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
    commit_number bigint, file_sha256 varchar, st_index integer, action varchar, reason varchar, acted_at varchar
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
    def exported_at(self) -> str:
        return (datetime(2026, 1, 1) + timedelta(days=self.exported_day)).isoformat()


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
                {**row, "_file_sha256": file.sha256, "_commit_id": commit_id, **self._position(table, number)}
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
                connection.execute(
                    "insert into raw.ledger_commit values (?, ?, ?, ?)", [number, commit_id, kind, ""]
                )
                for file in files:
                    connection.execute(
                        "insert into raw.ledger_input values (?, ?, ?, 'test', 'committed', null, ?, 'test', '1', '', '', ?, null, ?, 1, 0)",
                        [
                            file.sha256,
                            number,
                            commit_id,
                            newest[file.sha256] == commit_id,
                            file.name,
                            file.exported_at,
                        ],
                    )
                for table in sorted({table for file in files for table in file.rows}):
                    connection.execute(
                        "insert into raw.ledger_data_file values (?, ?, ?, ?, ?)",
                        [number, commit_id, table, f"data/{commit_id}/w1/{table}.parquet", 0],
                    )
            for number, sha256, st_index, action in self.actions:
                connection.execute(
                    "insert into raw.ledger_action values (?, ?, ?, ?, 'test', '')",
                    [number, sha256, st_index, action],
                )

    def _position(self, table: str, number: int) -> dict[str, int]:
        column = "_segment_number" if table in REMIT_TABLES else "_row_number"
        return {column: number} if column in SCHEMAS[table].names else {}

    def _write(self, relative: Path, schema: pa.Schema, rows: Sequence[Row]) -> None:
        for row in rows:
            unknown = set(row) - set(schema.names)
            if unknown:
                raise KeyError(json.dumps(sorted(unknown)))
        path = self.root / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        filled = [{name: row.get(name) for name in schema.names} for row in rows]
        pq.write_table(pa.Table.from_pylist(filled, schema=schema), path)
