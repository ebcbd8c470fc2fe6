"""One resource to its canonical rows, as the compiled map says (``loading.py`` compiles it)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import Any

from ketaclaims.ehr.fhir.concepts import codings
from ketaclaims.ehr.fhir.paths import Walk
from ketaclaims.ehr.fhir.scope import Notes, Reference, Scope, ValueMap
from ketaclaims.ehr.fhir.values import Convert

Row = dict[str, Any]
Store = Callable[[Any, Scope], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a row: constant, field of the matched entry, or a value found on paths."""

    name: str
    where: str
    store: Store
    is_required: bool
    walks: tuple[tuple[bool, Walk, Convert], ...] = ()  # (from the resource, not the element; walk; convert)
    values: ValueMap | None = None
    const: Any = None
    entry: str = ""
    suffix: Walk | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """How an element is told by code, else by name."""

    code: Walk
    names: tuple[tuple[bool, Walk], ...]
    by_code: Mapping[tuple[str, str], Mapping[str, Any]]
    by_bare_code: Mapping[str, Mapping[str, Any]]
    by_name: tuple[tuple[re.Pattern[str], Mapping[str, Any]], ...]
    any_name: re.Pattern[str]
    needs: re.Pattern[str] | None
    needs_in: frozenset[str]  # only where a code of one of these systems is given; empty: always


@dataclass(frozen=True, slots=True)
class TableMap:
    """How a resource becomes rows of one table."""

    table: str
    columns: tuple[Column, ...]
    when: tuple[Walk, ...]
    each: Walk | None
    match: Match | None
    deleted: tuple[bool, Walk] | None
    id_column: str  # the column that is the resource's id, by which a deletion finds the row; or empty
    id_prefix: str  # what stands before the id in it


@dataclass(frozen=True, slots=True)
class FhirMap:
    """The whole map."""

    version: str
    source_system: str
    reference: Reference
    resources: Mapping[str, tuple[TableMap, ...]]
    resource_types: frozenset[str]


@dataclass(slots=True)
class Mapped:
    """Rows of one resource as (table, row), or why there are none and which column lacked its value."""

    rows: list[tuple[str, Row]]
    reason: str = "not_mapped"
    column: str = ""


def map_resource(
    resource: Row, fhir: FhirMap, notes: Notes, aliases: Mapping[str, str] = MappingProxyType({})
) -> Mapped:
    """The canonical rows of a resource. A row that lacks what it must have is not made.

    ``aliases``: addresses a bundle uses for its resources, as ``Type/id``.
    """
    kind = resource.get("resourceType")
    tables = fhir.resources.get(kind) if isinstance(kind, str) else None
    outcome = Mapped([])
    if not tables:
        return outcome
    outcome.reason = "not_selected"
    scope = Scope(fhir.reference, notes, resource, aliases)
    for table in tables:
        if all(walk(resource) for walk in table.when):
            for element in table.each(resource) if table.each else (resource,):
                _add(table, element, scope, outcome)
    return outcome


def map_deletion(kind: str, resource_id: str, fhir: FhirMap) -> list[tuple[str, Row]]:
    """Rows that say a resource was deleted, for the tables whose row bears its id."""
    rows: list[tuple[str, Row]] = []
    for table in fhir.resources.get(kind, ()):
        if table.id_column:
            row: Row = {table.id_column: f"{table.id_prefix}{resource_id}", "is_deleted": True}
            if table.table == "fhir_directory":
                row["resource_type"] = kind
            rows.append((table.table, row))
    return rows


def _add(table: TableMap, element: Any, scope: Scope, outcome: Mapped) -> None:
    if table.match:
        scope.entry = _entry(table.match, element, scope.root)
        if scope.entry is None:
            return
    row: Row = {}
    for column in table.columns:
        value = _value(column, element, scope)
        if value is not None:
            row[column.name] = value
        elif column.is_required:
            outcome.reason, outcome.column = "missing_value", column.where
            return
    if table.deleted and _walk(table.deleted, element, scope.root):
        row["is_deleted"] = True
    outcome.rows.append((table.table, row))


def _walk(walk: tuple[bool, Walk], element: Any, root: Row) -> list[Any]:
    return walk[1](root if walk[0] else element)


def _value(column: Column, element: Any, scope: Scope) -> Any:
    if column.const is not None:
        return column.const
    scope.where = column.where
    if column.entry:
        return (scope.entry or {}).get(column.entry)
    scope.values = column.values
    value = None
    for from_root, walk, convert in column.walks:
        nodes = walk(scope.root if from_root else element)
        if nodes:
            value = convert(nodes, scope)
            if value is not None:
                break
    if value is None:
        return None
    if column.suffix and (more := column.suffix(element)):
        value = f"{value}#{more[0]}"
    return column.store(value, scope)


def _entry(match: Match, element: Any, root: Row) -> Mapping[str, Any] | None:
    for node in match.code(element):
        keys = [(str(one.get("system")), str(one.get("code"))) for one in codings(node)]
        found = [match.by_code[key] for key in keys if key in match.by_code]
        if isinstance(node, str) and node.strip("/") in match.by_bare_code:
            found = [match.by_bare_code[node.strip("/")]]
        if found:
            return found[0]
    return _by_name(match, element, root) if match.by_name else None


def _by_name(match: Match, element: Any, root: Row) -> Mapping[str, Any] | None:
    own = [text for walk in match.names if not walk[0] for text in walk[1](element) if isinstance(text, str)]
    if match.needs and _is_asked(match, element) and not any(match.needs.search(text) for text in own):
        return None
    shared = [text for walk in match.names if walk[0] for text in walk[1](root) if isinstance(text, str)]
    for text in chain(own, shared):
        if match.any_name.search(text):
            return next(entry for pattern, entry in match.by_name if pattern.search(text))
    return None


def _is_asked(match: Match, element: Any) -> bool:
    """Whether the element's name must hold what ``needs`` says."""
    systems = {str(one.get("system")) for node in match.code(element) for one in codings(node)}
    return not match.needs_in or bool(match.needs_in & systems)
