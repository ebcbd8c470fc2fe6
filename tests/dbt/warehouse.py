"""dbt on a tiny warehouse, in this process: start-up is paid once per test session."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from tiny_raw import TinyRaw

PROJECT = Path(__file__).parents[2] / "dbt_project"
AUDIT_AND_BELOW = ("path:seeds", "+path:models/audit")


@dataclass(frozen=True)
class Warehouse:
    """One warehouse file beside the raw store it is built from."""

    raw: TinyRaw
    file: Path

    def run(self, *arguments: str, as_of_date: str = "2026-06-01") -> Any:
        """``dbt <arguments>`` after loading the ledger; raises when a node fails."""
        self.raw.sync(self.file)
        return self.dbt(*arguments, as_of_date=as_of_date)

    def dbt(self, *arguments: str, as_of_date: str = "2026-06-01") -> Any:
        """The same with the ledger as it stands."""
        from dbt.cli.main import dbtRunner

        os.environ["KETACLAIMS_WAREHOUSE_FILE"] = str(self.file)
        os.environ["KETACLAIMS_RAW_DIR"] = str(self.raw.root)
        shared = self.file.parent.parent / "dbt"  # one target for all warehouses of the session: parsed once
        outcome = dbtRunner().invoke(
            [
                *arguments,
                *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
                *("--target-path", str(shared / "target"), "--log-path", str(shared / "logs")),
                *("--vars", f"{{as_of_date: '{as_of_date}'}}", "--quiet", "--no-use-colors"),
            ]
        )
        results = getattr(outcome.result, "results", None) or []
        failed = [f"{r.node.name}: {r.status}: {r.message}" for r in results if str(r.status) in FAILED]
        assert outcome.success, failed or outcome.exception
        return outcome.result

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Rows of a query."""
        with duckdb.connect(str(self.file)) as connection:
            return connection.execute(sql, parameters).fetchall()

    def one(self, sql: str, parameters: Sequence[object] = ()) -> dict[str, Any]:
        """The only row of a query, by column name."""
        with duckdb.connect(str(self.file)) as connection:
            cursor = connection.execute(sql, parameters)
            names = [column[0] for column in cursor.description or ()]
            (row,) = cursor.fetchall()
        return dict(zip(names, row, strict=True))

    def content(
        self, schemas: Iterable[str], without: Iterable[str] = ()
    ) -> dict[str, list[tuple[Any, ...]]]:
        """All rows of every table and view of the schemas, sorted, by name."""
        wanted, skipped = list(schemas), set(without)
        with duckdb.connect(str(self.file)) as connection:
            tables = connection.execute(
                "select table_schema, table_name from information_schema.tables"
                " where list_contains(?, table_schema) order by all",
                [wanted],
            ).fetchall()
            return {
                table: sorted(connection.execute(f'select * from "{schema}"."{table}"').fetchall(), key=repr)
                for schema, table in tables
                if table not in skipped
            }


FAILED = {"error", "fail", "runtime error"}
