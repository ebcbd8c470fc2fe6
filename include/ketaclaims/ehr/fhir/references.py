"""References of FHIR to ids. An id is an id: nothing is looked up outside the resource.

``Patient/7``, an absolute address ending in it, ``urn:uuid:7`` and a version suffix all give 7; a contained
resource is followed; a logical reference (``identifier``) and a conditional one (``Type?identifier=s|v``)
give the identifier's value. What an id of a clinician, payer or drug stands for is in ``fhir_directory``;
until it is looked up there the column holds ``Type/id``.
"""

import re
from typing import Any
from urllib.parse import unquote

from ketaclaims.ehr.fhir.scope import Scope, elements

_LITERAL = re.compile(r"(?:^|/)(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9\-._~:]+)(?:/_history/[^/]+)?$")
_CONDITIONAL = re.compile(r"^(?P<type>[A-Z][A-Za-z]+)\?(?:.*&)?identifier=(?P<token>[^&]+)")
_PERSONS = ("Patient", "RelatedPerson")


def parts(node: Any, scope: Scope) -> tuple[str, str, str]:
    """(type, system, value) a reference points to; system is empty unless the value is an identifier."""
    if type(node) is not dict:
        return "", "", ""
    kind, text = node.get("type"), node.get("reference")
    kind = kind if isinstance(kind, str) else ""
    text = scope.aliases.get(text, text) if isinstance(text, str) else None
    if text and not text.startswith("#") and (found := _literal(text, kind)):
        return found
    if text and text.startswith("#"):
        inner = scope.contained(text[1:]) or {}
        return str(inner.get("resourceType") or kind), "", text[1:]
    identifier = node.get("identifier")
    if type(identifier) is dict and isinstance(identifier.get("value"), str):
        return kind, str(identifier.get("system") or "identifier"), identifier["value"].strip()
    return kind, "", ""


def _literal(text: str, kind: str) -> tuple[str, str, str] | None:
    if match := _LITERAL.search(text):
        return match["type"], "", match["id"]
    if match := _CONDITIONAL.match(text):
        system, _, value = unquote(match["token"]).rpartition("|")
        return match["type"], system or "identifier", value
    if text.startswith(("urn:uuid:", "urn:oid:")):
        return kind, "", text.split(":", 2)[2]
    return (kind, "", text) if re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", text) else None


def identifier_of(node: Any, scope: Scope) -> str | None:
    """The id a reference points to, of whatever type; None for a resource that is only contained."""
    text = node.get("reference") if type(node) is dict else None
    if isinstance(text, str) and text.startswith("#"):
        return None
    return parts(node, scope)[2] or None


def typed(node: Any, scope: Scope) -> str | None:
    """``Type/id`` of a reference, or ``Type?identifier=system|value`` of a logical one."""
    kind, system, value = parts(node, scope)
    if not value:
        return None
    return f"{kind}?identifier={system}|{value}" if system else f"{kind}/{value}" if kind else value


def npi_of(node: Any, scope: Scope) -> str | None:
    """The NPI a reference to a clinician gives by itself, else ``Practitioner/<id>`` to be looked up."""
    kind, system, value = parts(node, scope)
    if not value or kind in _PERSONS:
        return None
    if scope.is_system(system, "npi"):
        return value
    inner = _contained(node, scope)
    if inner is not None:
        return _npi(inner, scope) or npi_of(inner.get("practitioner"), scope)
    return typed(node, scope)


def payer_of(node: Any, scope: Scope) -> str | None:
    """A payer's name, else its identifier, else ``Organization/<id>``; a person who pays is ``self_pay``."""
    kind, system, value = parts(node, scope)
    if kind in _PERSONS:
        return "self_pay"
    inner = _contained(node, scope) or {}
    for name in (inner.get("name"), node.get("display") if type(node) is dict else None):
        if isinstance(name, str) and name.strip():
            return name.strip()
    return value if system else None if inner else typed(node, scope)


def site_of(node: Any, scope: Scope) -> str | None:
    """A Location's id as it is; another type keeps its name before the id, so that ids cannot collide."""
    kind, _, value = parts(node, scope)
    if not value or _contained(node, scope) is not None:
        return None
    if kind in ("Location", ""):
        return value
    return f"{kind}/{value}"


def _contained(node: Any, scope: Scope) -> dict[str, Any] | None:
    text = node.get("reference") if type(node) is dict else None
    return scope.contained(text[1:]) if isinstance(text, str) and text.startswith("#") else None


def _npi(resource: dict[str, Any], scope: Scope) -> str | None:
    for one in elements(resource.get("identifier")):
        if scope.is_system(one.get("system"), "npi") and isinstance(one.get("value"), str):
            return str(one["value"])
    return None
