"""Rows of our own in the raw store: findings and waivers, one commit each; and where a table's rows lie."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from ketaclaims.errors import KetaclaimsError
from ketaclaims.landing.private_files import create_private, private_dir, sync_dir
from ketaclaims.raw import store
from ketaclaims.raw.committing import put, verify
from ketaclaims.raw.contract import LINEAGE
from ketaclaims.raw.ledger import commit_lock, open_ledger
from ketaclaims.raw.manifest import DataFile, InputRecord
from ketaclaims.raw.tables import raw_table_schemas
from ketaclaims.settings import Settings


def append(settings: Settings, kind: Literal["findings", "waiver"], table: str, rows: pa.Table) -> int:
    """Commit rows of ``table`` (its columns without lineage, any order); returns the commit number.

    The commit stands in for the input: ``_file_sha256`` and ``_commit_id`` are the commit id. No rows, no
    commit: then the newest number is returned. Raises BAD_ROWS when the columns do not fit the table.
    """
    if not rows.num_rows:
        with open_ledger(settings) as ledger:
            return ledger.applied()
    batch_id = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid4().hex[:12]}"
    fitted = _fit(table, rows, batch_id)
    private_dir(store.inflight_dir(settings, batch_id))
    folder = private_dir(store.data_dir(settings, batch_id) / "0000")
    with create_private(folder / f"{table}.parquet") as out:
        pq.write_table(fitted, out, compression="zstd")
    sync_dir(folder)
    path = (folder / f"{table}.parquet").relative_to(settings.raw_dir).as_posix()
    file = DataFile(table_name=table, relative_path=path, row_count=rows.num_rows)
    verify(settings, file)
    record = InputRecord(file_sha256=batch_id, kind=kind, status="committed", rows={table: rows.num_rows})
    with commit_lock(settings), open_ledger(settings) as ledger:
        return put(settings, ledger, batch_id, kind, [record], [file])


def _fit(table: str, rows: pa.Table, commit_id: str) -> pa.Table:
    schema = raw_table_schemas()[table]
    lineage = {field.name: pa.array([commit_id] * rows.num_rows, pa.string()) for field in LINEAGE}
    wanted, given = set(schema.names) - set(lineage), set(rows.column_names) - set(lineage)
    if wanted != given:
        raise KetaclaimsError("BAD_ROWS", f"Columns differ from those of {table}: {sorted(wanted ^ given)}.")
    columns = [lineage[name] if name in lineage else rows.column(name) for name in schema.names]
    return pa.table(dict(zip(schema.names, columns, strict=True))).cast(schema)


def raw_files(settings: Settings, table: str) -> list[Path]:
    """Parquet files of a raw table in which at least one input counts, oldest commit first.

    A file can also hold rows of inputs that do not count; compare ``_file_sha256`` and ``_commit_id`` with
    the ledger where that matters (it cannot for findings and waivers).
    """
    with open_ledger(settings) as ledger:
        found = ledger.rows(
            "select relative_path from data_files where table_name = ? and exists"
            " (select 1 from active_inputs where active_inputs.commit_number = data_files.commit_number)"
            " order by commit_number, relative_path",
            (table,),
        )
    return [settings.raw_dir / row[0] for row in found]
