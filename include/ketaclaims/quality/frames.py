"""Warehouse tables as pandas frames Great Expectations can judge without losing a cent or a null."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ketaclaims.errors import KetaclaimsError

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

CHUNK_ROWS = 250_000


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a warehouse table and its DuckDB type."""

    name: str
    type_name: str

    @property
    def is_money(self) -> bool:
        """USD by the naming rule of the project (``_amount``), exact by its type."""
        return self.name.endswith("_amount") and self.type_name.endswith(",2)")

    @property
    def select_sql(self) -> str:
        """The column as judged: money as integer cents, quantities and doses as double, the rest as it is."""
        quoted = quote(self.name)
        if self.is_money:
            return f"cast(cast({quoted} as decimal(38, 2)) * 100 as bigint) as {quoted}"
        if self.type_name.startswith("DECIMAL"):
            return f"cast({quoted} as double) as {quoted}"
        return quoted


def quote(identifier: str) -> str:
    """An SQL identifier, quoted."""
    return '"' + identifier.replace('"', '""') + '"'


def quote_table(table: str) -> str:
    """A ``schema.table`` name, quoted."""
    return ".".join(quote(part) for part in table.split("."))


def table_columns(connection: "duckdb.DuckDBPyConnection", table: str) -> dict[str, Column]:
    """Columns of a table by name. Raises RULE_ERROR when the table does not exist."""
    schema_name, table_name = table.split(".")
    found = connection.execute(
        "select column_name, data_type from information_schema.columns "
        "where table_schema = ? and table_name = ? order by ordinal_position",
        [schema_name, table_name],
    ).fetchall()
    if not found:
        raise KetaclaimsError(
            "RULE_ERROR",
            "the table to judge does not exist",
            where=table,
            next_step="Build it with dbt first.",
        )
    return {name: Column(name, type_name) for name, type_name in found}


def require_columns(found: dict[str, Column], needed: Sequence[str], table: str, who: str) -> None:
    """Raise RULE_ERROR when a column that is to be judged is missing: that is our error, never bad data."""
    missing = [name for name in needed if name not in found]
    if missing:
        raise KetaclaimsError(
            "RULE_ERROR",
            f"{who} reads columns the table does not have: {', '.join(missing)}",
            where=table,
            next_step="Bring the suite and the model in step.",
        )


def _nullable_types() -> Any:
    import pandas as pd
    import pyarrow as pa

    kinds = {pa.bool_(): pd.BooleanDtype(), pa.float64(): pd.Float64Dtype()}
    kinds |= {kind: pd.Int64Dtype() for kind in (pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint64())}
    return kinds.get


def _select(relation_sql: str, columns: Sequence[Column], where: str = "", order_by: str = "") -> str:
    query = f"select {', '.join(column.select_sql for column in columns)} from {relation_sql}"
    query += f" where {where}" if where else ""
    return query + (f" order by {order_by}" if order_by else "")


def read_frame(
    connection: "duckdb.DuckDBPyConnection",
    relation_sql: str,
    columns: Sequence[Column],
    where: str = "",
    order_by: str = "",
) -> "pd.DataFrame":
    """The columns of a relation as a frame with a plain row-number index; nulls stay nulls in every type."""
    table = connection.execute(_select(relation_sql, columns, where, order_by)).to_arrow_table()
    frame: pd.DataFrame = table.to_pandas(types_mapper=_nullable_types())
    return frame


def read_chunks(
    connection: "duckdb.DuckDBPyConnection",
    relation_sql: str,
    columns: Sequence[Column],
    chunk_rows: int = CHUNK_ROWS,
) -> Iterator["pd.DataFrame"]:
    """The same, streamed in chunks in no given order; the connection is taken until the last one is read."""
    for batch in connection.execute(_select(relation_sql, columns)).to_arrow_reader(chunk_rows):
        yield batch.to_pandas(types_mapper=_nullable_types())


def chunk_bounds(row_count: int, chunk_rows: int = CHUNK_ROWS) -> Iterator[tuple[int, int]]:
    """Half-open ranges that cover 0 … row_count."""
    for start in range(0, row_count, chunk_rows):
        yield start, min(start + chunk_rows, row_count)
