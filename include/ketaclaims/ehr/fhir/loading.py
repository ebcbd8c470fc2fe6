"""Loading ``fhir_map.yml``: checked against the canonical tables, compiled once."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

import pyarrow as pa
import yaml

from ketaclaims.ehr.fhir.mapping import Column, FhirMap, Match, Store, TableMap
from ketaclaims.ehr.fhir.paths import Walk, compile_path
from ketaclaims.ehr.fhir.scope import Reference, ValueMap
from ketaclaims.ehr.fhir.tables import FHIR_DIRECTORY
from ketaclaims.ehr.fhir.values import (
    CONVERTERS,
    found_in_text,
    store_date,
    store_decimal,
    store_int,
    store_text,
    store_time,
)  # fmt: skip
from ketaclaims.ehr.schema import canonical_tables

_STORES: Mapping[str, Store] = {
    "text": store_text, "list": store_text, "decimal": store_decimal, "int": store_int,
    "date": store_date, "timestamp": store_time,
}  # fmt: skip
_DEFAULT_HOW = {"decimal": "number"}
DIRECTORY_REQUIRED = ("resource_type", "resource_id")


def _place(text: str, lists: Mapping[str, Sequence[str]]) -> tuple[bool, Walk]:
    return text.startswith("$."), compile_path(text.removeprefix("$."), lists)


def _column(
    table: str, name: str, spec: Any, types: Mapping[str, tuple[str, bool]], load: "_Loading"
) -> Column:
    if name not in types:
        raise ValueError(f"fhir_map.yml: table {table} has no column {name}")
    kind, required = types[name]
    spec = spec if isinstance(spec, dict) else {"path": spec}
    unknown = set(spec) - {"path", "how", "values", "const", "entry", "suffix", "note", "pattern"}
    if unknown or kind not in _STORES:
        raise ValueError(f"fhir_map.yml: {table}.{name} has an unknown setting or type")
    paths = spec.get("path", [])
    values = load.value_maps[spec["values"]] if "values" in spec else None
    how = spec.get("how") or ("mapped" if values else _DEFAULT_HOW.get(kind, "text"))
    paths = [paths] if isinstance(paths, str) else paths
    walks = [(*_place(path, load.lists), CONVERTERS[how]) for path in paths]
    if "note" in spec:
        noted = found_in_text(spec["pattern"], is_number=kind == "decimal")
        walks.append((*_place(spec["note"], load.lists), noted))
    return Column(
        name=name,
        where=f"{table}.{name}",
        store=_STORES[kind],
        is_required=required,
        walks=tuple(walks),
        values=values,
        const=spec.get("const"),
        entry=spec.get("entry", ""),
        suffix=compile_path(spec["suffix"], load.lists) if "suffix" in spec else None,
    )


def _types(table: str) -> dict[str, tuple[str, bool]]:
    """Column kinds and whether a row must have them."""
    if table == "fhir_directory":
        names = [f.name for f in FHIR_DIRECTORY if pa.types.is_string(f.type)]
        return {name: ("text", name in DIRECTORY_REQUIRED) for name in names}
    return {
        c.name: (c.kind, c.is_required and c.name != "clinic_id") for c in canonical_tables()[table].columns
    }


@dataclass(frozen=True, slots=True)
class _Loading:
    systems: Mapping[str, frozenset[str]]
    lists: Mapping[str, Sequence[str]]
    value_maps: Mapping[str, ValueMap]
    entries: Mapping[str, Sequence[Mapping[str, Any]]]


def _match(spec: Mapping[str, Any], load: _Loading) -> Match:
    entries = [entry for name in spec["among"] for entry in load.entries[name]]
    coded = [
        (system, code, entry)
        for entry in entries
        for name, codes in entry.get("codes", {}).items()
        for system in load.systems[name]
        for code in codes
    ]
    worded = [(name, entry) for entry in entries for name in entry.get("names", ())]
    needs = spec.get("needs", {})
    names = spec["name"] if isinstance(spec["name"], list) else [spec["name"]]
    return Match(
        code=compile_path(spec["code"], load.lists),
        names=tuple(_place(path, load.lists) for path in names),
        by_code={(system, code): entry for system, code, entry in coded},
        by_bare_code={code: entry for _, code, entry in coded},
        by_name=tuple((re.compile(name, re.I), entry) for name, entry in worded),
        any_name=re.compile("|".join(f"(?:{name})" for name, _ in worded), re.I),
        needs=re.compile(next(iter(needs.values())), re.I) if needs else None,
        needs_in=load.systems["loinc"] if "coded" in needs else frozenset(),
    )


def _table(spec: Mapping[str, Any], load: _Loading) -> TableMap:
    name, types = spec["table"], _types(spec["table"])
    missing = {column for column, (_, required) in types.items() if required} - set(spec["columns"])
    if missing:
        raise ValueError(f"fhir_map.yml: table {name} lacks {', '.join(sorted(missing))}")
    ids = {column: prefix for column, c in spec["columns"].items() if (prefix := _id_prefix(c)) is not None}
    return TableMap(
        table=name,
        columns=tuple(_column(name, column, c, types, load) for column, c in spec["columns"].items()),
        when=tuple(compile_path(path, load.lists) for path in spec.get("when", ())),
        each=compile_path(spec["each"], load.lists) if "each" in spec else None,
        match=_match(spec["match"], load) if "match" in spec else None,
        deleted=_place(spec["deleted"], load.lists) if "deleted" in spec else None,
        id_column=next(iter(ids), "") if "each" not in spec else "",
        id_prefix=next(iter(ids.values()), ""),
    )


def _id_prefix(column: Any) -> str | None:
    """What a column that holds the resource's own id puts before it; None for any other column."""
    if column == "id":
        return ""
    if isinstance(column, dict) and column.get("how") == "typed_id":
        return str(column["path"]).removeprefix("[resourceType=").removesuffix("]") + "/"
    return None


def _value_map(spec: Mapping[str, Any], systems: Mapping[str, frozenset[str]]) -> ValueMap:
    codes = {
        (system, code): value
        for name, pairs in spec.get("codes", {}).items()
        for system in systems[name]
        for code, value in pairs.items()
    }
    return ValueMap(codes, {str(word): value for word, value in spec.get("words", {}).items()})


def parse_map(spec: Mapping[str, Any]) -> FhirMap:
    """Compile the map. ValueError or KeyError names what does not fit the canonical tables."""
    systems = {name: frozenset(uris) for name, uris in spec["systems"].items()}
    lists = {**spec["lists"], **spec["systems"]}
    maps = {name: _value_map(one, systems) for name, one in spec["value_maps"].items()}
    load = _Loading(systems, lists, maps, spec["entries"])
    words = spec["drug_words"]
    reference = Reference(
        systems=systems,
        units={
            unit: {name: Decimal(f) for name, f in known.items()} for unit, known in spec["units"].items()
        },
        drug_words=words,
        drug_pattern=re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b"),
        ndc_products=spec["ndc_products"],
        sentinel_dates=frozenset(spec["sentinel_dates"]),
    )
    tables = {kind: tuple(_table(one, load) for one in specs) for kind, specs in spec["resources"].items()}
    return FhirMap(
        str(spec["version"]),
        spec["source_system"],
        reference,
        tables,
        frozenset(spec["resource_types"].split()),
    )


@cache
def fhir_map() -> FhirMap:
    """The map shipped with the package."""
    text = resources.files("ketaclaims.ehr.fhir").joinpath("fhir_map.yml").read_text(encoding="utf-8")
    return parse_map(yaml.safe_load(text))
