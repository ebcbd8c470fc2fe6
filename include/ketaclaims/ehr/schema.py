"""The canonical tables, read from ``canonical_tables.yml``: what every EHR reader must produce.

Grain: one row per record version of the table; lineage first, then the canonical columns in their order,
then the optional columns every canonical CSV may add.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import pyarrow as pa
import yaml

from ketaclaims.raw.contract import LINEAGE

ARROW_TYPES: Mapping[str, pa.DataType] = {
    "text": pa.string(),
    "list": pa.string(),  # kept as text, values split by ;
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "money": pa.decimal128(12, 2),  # US dollars
    "decimal": pa.decimal128(12, 3),
    "int": pa.int64(),
    "bool": pa.bool_(),
}
POSITION = (pa.field("_row_number", pa.int64()), pa.field("exported_at", pa.timestamp("us")))


@dataclass(frozen=True, slots=True)
class CanonicalColumn:
    """One column of a canonical table.

    ``kind`` is a key of ``ARROW_TYPES``; ``enum`` holds the allowed values in lower case (empty: any);
    ``is_required``: may not be empty; ``is_optional``: the header may lack it.
    """

    name: str
    kind: str
    is_required: bool = False
    is_optional: bool = False
    enum: tuple[str, ...] = ()

    def fields(self) -> list[pa.Field]:
        """The Arrow fields it is stored as; a timestamp is wall clock plus its UTC offset in minutes."""
        main = pa.field(self.name, ARROW_TYPES[self.kind])
        if self.kind == "timestamp":
            return [main, pa.field(f"{self.name}_utc_offset_minutes", pa.int32())]
        return [main]


@dataclass(frozen=True, slots=True)
class CanonicalTable:
    """One canonical table: name, business key, columns (the optional columns of all tables last)."""

    name: str
    key: tuple[str, ...]
    columns: tuple[CanonicalColumn, ...]

    @property
    def needed(self) -> frozenset[str]:
        """Columns a header must hold."""
        return frozenset(c.name for c in self.columns if not c.is_optional)

    def schema(self) -> pa.Schema:
        """The Arrow schema of the raw table."""
        return pa.schema(
            [*LINEAGE, *POSITION, *(field for column in self.columns for field in column.fields())]
        )


def _column(name: str, spec: Mapping[str, Any], *, is_optional: bool = False) -> CanonicalColumn:
    unknown = set(spec) - {"type", "required", "optional", "enum"}
    if unknown or spec["type"] not in ARROW_TYPES:
        raise ValueError(f"canonical_tables.yml: column {name} has an unknown type or setting")
    return CanonicalColumn(
        name=name,
        kind=spec["type"],
        is_required=bool(spec.get("required", False)),
        is_optional=is_optional or bool(spec.get("optional", False)),
        enum=tuple(spec.get("enum", ())),
    )


@cache
def canonical_tables() -> Mapping[str, CanonicalTable]:
    """The canonical tables by name, in the order of the contract file."""
    text = resources.files("ketaclaims.ehr").joinpath("canonical_tables.yml").read_text(encoding="utf-8")
    spec = yaml.safe_load(text)
    shared = tuple(_column(name, c, is_optional=True) for name, c in spec["optional_columns"].items())
    return {
        name: CanonicalTable(
            name=name,
            key=tuple(table["key"]),
            columns=(*(_column(column, c) for column, c in table["columns"].items()), *shared),
        )
        for name, table in spec["tables"].items()
    }


def canonical_schemas() -> dict[str, pa.Schema]:
    """Arrow schema of every raw EHR table by table name."""
    return {name: table.schema() for name, table in canonical_tables().items()}
