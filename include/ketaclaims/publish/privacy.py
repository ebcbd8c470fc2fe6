"""What may leave the warehouse: the privacy of every mart column, read from dbt's manifest.

The one home of the declaration is the yml of the mart (``columns[].config.meta.privacy``). Publishing fails
closed: a mart column without a declaration, or a column of the warehouse that the manifest does not know,
stops the publication.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from ketaclaims.errors import KetaclaimsError

Privacy = Literal["plain", "pseudonymise", "withhold"]
MART_SCHEMA = "marts"


@dataclass(frozen=True, slots=True)
class MartColumn:
    """One declared column of a mart."""

    name: str
    privacy: Privacy
    description: str


@dataclass(frozen=True, slots=True)
class Mart:
    """One mart table: its name in schema ``marts`` of the warehouse, and its columns by name."""

    name: str
    description: str
    columns: Mapping[str, MartColumn]


def read_marts(manifest_path: Path) -> tuple[Mart, ...]:
    """The marts of a dbt ``manifest.json``, by name. Raises when a column has no valid privacy."""
    nodes = _load(manifest_path).get("nodes", {})
    models = [
        n for n in nodes.values() if n.get("resource_type") == "model" and n.get("schema") == MART_SCHEMA
    ]
    if not models:
        raise KetaclaimsError(
            "NO_MARTS", f"the manifest names no model of schema {MART_SCHEMA}", where=str(manifest_path)
        )
    faults: list[str] = []
    marts = [_mart(node, faults) for node in models]
    if faults:
        raise KetaclaimsError(
            "PRIVACY_UNDECLARED",
            "nothing was published: no valid privacy for " + ", ".join(sorted(faults)),
            where=str(manifest_path),
            next_step=f"Declare config.meta.privacy ({' | '.join(get_args(Privacy))}) in the mart's yml.",
        )
    return tuple(sorted(marts, key=lambda mart: mart.name))


def published_columns(mart: Mart, warehouse_columns: Iterable[str]) -> tuple[MartColumn, ...]:
    """The columns of one mart that leave the warehouse, in warehouse order.

    Raises when the warehouse and the manifest do not name the same columns, or when nothing would be left.
    """
    present = list(warehouse_columns)
    unknown = [name for name in present if name not in mart.columns]
    absent = [name for name in mart.columns if name not in present]
    if unknown or absent:
        raise KetaclaimsError(
            "PRIVACY_UNDECLARED",
            f"nothing was published: columns without a declaration: {unknown or 'none'}; "
            f"declared but absent from the warehouse: {absent or 'none'}",
            where=f"{MART_SCHEMA}.{mart.name}",
            next_step="Declare every column of the mart with its privacy; run dbt build and publish again.",
        )
    kept = tuple(mart.columns[name] for name in present if mart.columns[name].privacy != "withhold")
    if not kept:
        raise KetaclaimsError("ALL_WITHHELD", "every column is withheld", where=f"{MART_SCHEMA}.{mart.name}")
    return kept


def _load(manifest_path: Path) -> dict[str, Any]:
    try:
        content = json.loads(manifest_path.read_bytes())
    except FileNotFoundError:
        raise KetaclaimsError(
            "NO_MANIFEST",
            "dbt has written no manifest",
            where=str(manifest_path),
            next_step="Run dbt build first.",
        ) from None
    except ValueError:
        raise KetaclaimsError(
            "BAD_MANIFEST", "not readable as JSON", where=str(manifest_path), next_step="Run dbt build again."
        ) from None
    if not isinstance(content, dict):
        raise KetaclaimsError("BAD_MANIFEST", "not a dbt manifest", where=str(manifest_path))
    return content


def _mart(node: Mapping[str, Any], faults: list[str]) -> Mart:
    name = str(node.get("alias") or node["name"])
    columns = {}
    for key, column in node.get("columns", {}).items():
        privacy: Any = ((column.get("config") or {}).get("meta") or {}).get("privacy")
        if privacy not in get_args(Privacy):
            faults.append(f"{name}.{key}")
            continue
        columns[key] = MartColumn(key, privacy, _one_line(column.get("description")))
    return Mart(name, _one_line(node.get("description")), columns)


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())
