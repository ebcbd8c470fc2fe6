"""Codes and small building blocks of the simulated FHIR R4 resources."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ketaclaims.simulate.model import Cell

Resource = dict[str, Any]


@cache
def codes() -> Mapping[str, Any]:
    """``fhir_codes.yml``."""
    text = Path(__file__).with_name("fhir_codes.yml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def resource(kind: str, resource_id: Cell, **elements: Any) -> Resource:
    """A resource without empty elements."""
    return {"resourceType": kind, "id": fhir_id(resource_id), **present(elements)}


def present(elements: Mapping[str, Any]) -> Resource:
    """The elements that say something: FHIR allows no null and nothing empty."""
    return {name: value for name, value in elements.items() if value not in (None, "", [], {})}


def fhir_id(value: Cell) -> str:
    """An id as FHIR allows it: letters, digits, hyphen and dot."""
    return str(value).replace("_", "-")


def reference(kind: str, resource_id: Cell, display: str = "") -> Resource | None:
    """A literal reference, or None without an id."""
    if resource_id in (None, ""):
        return None
    return present({"reference": f"{kind}/{fhir_id(resource_id)}", "display": display})


def coding(system: str, code: str, display: str = "") -> Resource:
    """One coding; ``system`` is a key of ``systems``."""
    return present({"system": codes()["systems"][system], "code": code, "display": display})


def concept(text: str, *codings: Resource) -> Resource:
    """A codeable concept; codings without a code are left out."""
    return present({"coding": [item for item in codings if "code" in item], "text": text})


def identifier(value: Cell, system: str = "", text: str = "") -> Resource | None:
    """An identifier, or None without a value."""
    if value in (None, ""):
        return None
    uri = codes()["systems"][system] if system else ""
    return present({"type": present({"text": text}), "system": uri, "value": str(value)})


def moment(value: Cell) -> str | None:
    """A date or a date and time with its offset."""
    return value.isoformat() if isinstance(value, date) else None


def period(start: Cell, end: Cell) -> Resource:
    """A period, open where nothing is known."""
    return present({"start": moment(start), "end": moment(end)})


def quantity(value: Cell, unit: str) -> Resource | None:
    """A UCUM quantity. Never money, so a JSON number may carry it."""
    if value is None or isinstance(value, str | datetime | date):
        return None
    number = float(value) if isinstance(value, Decimal) and value % 1 else int(value)
    return {"value": number, "unit": unit, "system": codes()["systems"]["ucum"], "code": unit}
