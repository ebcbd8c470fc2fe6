"""Converters: the nodes of a path to one value, and values to what a column stores.

A value that cannot be taken is left empty and counted (``Scope.note``), the row stays.
Quantities are Decimals from the first byte; dates are stored as days, times as microseconds of the wall
clock as written with its offset beside it, decimals as thousandths.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ketaclaims.ehr.casts import MAX_FIELD_CHARS
from ketaclaims.ehr.fhir import concepts, references
from ketaclaims.ehr.fhir.scope import Scope

Convert = Callable[[list[Any], Scope], Any]
MOST = Decimal(10) ** 9  # decimal(12,3)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_EPOCH = datetime(1970, 1, 1)
_THOUSANDTH = Decimal("0.001")
_CLOCK_AT = 11  # CCYY-MM-DDThh
_SHORTEST_TIME = 16


def first_text(nodes: list[Any], scope: Scope) -> str | None:
    """The first scalar as text, trimmed."""
    for node in nodes:
        if isinstance(node, str):
            if text := node.strip():
                return text
        elif isinstance(node, int | Decimal) and abs(Decimal(node)) < MOST:
            return str(node).lower()
    return None


def joined(nodes: list[Any], scope: Scope) -> str | None:
    """All texts, upper case, each once, split by ``;``."""
    found = dict.fromkeys(n.strip().upper() for n in nodes if isinstance(n, str) and n.strip())
    return ";".join(found) or None


def reference(nodes: list[Any], scope: Scope) -> str | None:
    """The id the first reference points to."""
    return _first(references.identifier_of, nodes, scope)


def _first(find: Callable[[Any, Scope], str | None], nodes: list[Any], scope: Scope) -> str | None:
    return next((found for node in nodes if (found := find(node, scope))), None)


def npi(nodes: list[Any], scope: Scope) -> str | None:
    """The NPI of the first clinician, or a pointer to be looked up."""
    return _first(references.npi_of, nodes, scope)


def payer(nodes: list[Any], scope: Scope) -> str | None:
    """The payer's name, identifier or a pointer to be looked up."""
    return _first(references.payer_of, nodes, scope)


def site(nodes: list[Any], scope: Scope) -> str | None:
    """The id of the first place."""
    return _first(references.site_of, nodes, scope)


def typed_id(nodes: list[Any], scope: Scope) -> str | None:
    """``Type/id`` of a whole resource."""
    node = nodes[0]
    return f"{node['resourceType']}/{node['id']}" if isinstance(node.get("id"), str) else None


def request_id(nodes: list[Any], scope: Scope) -> str | None:
    """The id of the request an answer belongs to; without one the answer's own id."""
    if type(nodes[0]) is dict and "resourceType" in nodes[0]:
        return first_text([nodes[0].get("id")], scope)
    return _first(references.identifier_of, nodes, scope)


def name(nodes: list[Any], scope: Scope) -> str | None:
    """The name of an organisation, or given and family name of the first HumanName."""
    node = nodes[0]
    if type(node) is not dict:
        return first_text(nodes, scope)
    given = node.get("given")
    words = [*given, node.get("family")] if type(given) is list else [node.get("family")]
    return " ".join(word for word in words if isinstance(word, str)) or first_text([node.get("text")], scope)


def statement_source(nodes: list[Any], scope: Scope) -> str:
    """Who reported a medication: the patient's side, else the record."""
    return "patient" if str(nodes[0]).startswith(("Patient/", "RelatedPerson/")) else "emr"


def number(nodes: list[Any], scope: Scope) -> Decimal | None:
    """A plain number or the value of a Quantity."""
    for node in nodes:
        value = node.get("value") if type(node) is dict else node
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
            return Decimal(value)
    return None


def whole(nodes: list[Any], scope: Scope) -> int | None:
    """A number rounded to a whole one; a rounding is counted."""
    value = number(nodes, scope)
    if value is None or not _fits(value, scope):
        return None
    rounded = value.quantize(Decimal(1), ROUND_HALF_UP)
    if rounded != value:
        scope.note("ROUNDED")
    return int(rounded)


def _in_unit(unit: str) -> Convert:
    """A Quantity in another unit of the same kind; one of no such unit is counted and left empty."""

    def convert(nodes: list[Any], scope: Scope) -> Decimal | None:
        factors = scope.reference.units[unit]
        for node in nodes:
            value = number([node], scope)
            factor = factors.get(_unit(node, factors))
            if value is not None and factor is not None:
                return value * factor
            if value is not None:
                scope.note("UNIT_NOT_CONVERTED")
        return None

    return convert


def _unit(node: Any, known: Mapping[str, Decimal]) -> str:
    """The unit's code or word, whichever is known."""
    given = [node.get("code"), node.get("unit")] if type(node) is dict else []
    words = [word.strip().lower() for word in given if isinstance(word, str)]
    return next((word for word in words if word in known), "")


milligrams, kilograms = _in_unit("mg"), _in_unit("kg")


def most_milligrams(nodes: list[Any], scope: Scope) -> Decimal | None:
    """The largest of several doses."""
    doses = [dose for node in nodes if (dose := milligrams([node], scope)) is not None]
    return max(doses, default=None)


def found_in_text(pattern: str, *, is_number: bool) -> Convert:
    """The first group that an expression finds in a text, as text or as a number."""
    expression = re.compile(pattern, re.IGNORECASE)

    def convert(nodes: list[Any], scope: Scope) -> str | Decimal | None:
        matches = [
            found for node in nodes if isinstance(node, str) and (found := expression.search(node.strip()))
        ]
        if not matches:
            return None
        text = matches[0][1]
        return Decimal(text) if is_number else text

    return convert


def measured(nodes: list[Any], scope: Scope) -> Decimal | None:
    """A measurement in the unit its entry asks for; an entry without one has its values elsewhere."""
    wanted = (scope.entry or {}).get("value")
    return None if wanted is None else CONVERTERS[wanted](nodes, scope)


CONVERTERS: Mapping[str, Convert] = {
    "concept": concepts.concept,
    "diagnosis_code": concepts.diagnosis_code,
    "diagnosis_system": concepts.diagnosis_system,
    "drug": concepts.drug,
    "drug_if_known": concepts.drug_if_known,
    "joined": joined,
    "kg": kilograms,
    "mapped": concepts.mapped,
    "measured": measured,
    "mg": milligrams,
    "most_mg": most_milligrams,
    "name": name,
    "ndc11": concepts.ndc11,
    "npi": npi,
    "number": number,
    "pa_status": concepts.pa_status,
    "payer": payer,
    "reference": reference,
    "request_id": request_id,
    "site": site,
    "statement_source": statement_source,
    "text": first_text,
    "typed_id": typed_id,
    "whole": whole,
}


def _fits(value: Decimal, scope: Scope) -> bool:
    if value.is_finite() and abs(value) < MOST:
        return True
    scope.note("BAD_NUMBER")
    return False


def store_text(value: Any, scope: Scope) -> str | None:
    """Text as it is, unless too long for a field."""
    text = str(value)
    if len(text) > MAX_FIELD_CHARS:
        scope.note("FIELD_TOO_LONG")
        return None
    return text


def store_decimal(value: Any, scope: Scope) -> int | None:
    """Thousandths; a rounding is counted."""
    if not isinstance(value, Decimal) or not _fits(value, scope):
        return None
    rounded = value.quantize(_THOUSANDTH, ROUND_HALF_UP)
    if rounded != value:
        scope.note("ROUNDED")
    return int(rounded.scaleb(3))


def store_int(value: Any, scope: Scope) -> int | None:
    """A whole number, also one written as text."""
    if isinstance(value, str) and value.isascii() and value.removeprefix("-").isdigit() and len(value) < 18:
        return int(value)
    return value if isinstance(value, int) and abs(value) < MOST else None


def store_date(value: Any, scope: Scope) -> int | None:
    """Days since 1970 of the date as written: a dateTime gives its local date, a partial date none."""
    text = str(value)
    day = text[:10]
    if len(day) < 10 and day.replace("-", "").isdigit():
        scope.note("PARTIAL_DATE")
    elif day in scope.reference.sentinel_dates:
        scope.note("SENTINEL_DATE")
    else:
        try:
            if text[4:5] != "-" or (len(text) > 10 and text[10] != "T"):
                raise ValueError
            return date.fromisoformat(day).toordinal() - _EPOCH_DAY
        except ValueError:
            scope.note("BAD_DATE")
    return None


def store_time(value: Any, scope: Scope) -> tuple[int, int | None] | None:
    """Wall clock in microseconds since 1970 and its offset in minutes, as written; Z is offset 0.

    A date alone is its midnight without offset, counted: the day is sure, the hour is not.
    """
    text = str(value)
    if len(text) < _SHORTEST_TIME:
        day = store_date(text, scope)
        if day is None:
            return None
        scope.note("DATE_WITHOUT_TIME")
        return day * 86_400_000_000, None
    if text[:10] in scope.reference.sentinel_dates:
        scope.note("SENTINEL_DATE")
        return None
    try:
        if text[4] != "-" or text[10] != "T" or text[_CLOCK_AT + 2] != ":":
            raise ValueError
        at = datetime.fromisoformat(text)
    except ValueError:
        scope.note("BAD_TIMESTAMP")
        return None
    shift = at.utcoffset()
    wall = at.replace(tzinfo=None) - _EPOCH
    micros = (wall.days * 86_400 + wall.seconds) * 1_000_000 + wall.microseconds
    return micros, None if shift is None else int(shift.total_seconds()) // 60
