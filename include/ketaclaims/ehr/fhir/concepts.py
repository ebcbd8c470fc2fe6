"""CodeableConcepts to canonical words: value maps, diagnosis codes, drug names, NDC."""

import re
from collections.abc import Iterator
from typing import Any

from ketaclaims.ehr.fhir import references
from ketaclaims.ehr.fhir.scope import Scope, elements

_NDC_HYPHENS = re.compile(r"^(\d{4,5})-(\d{3,4})-(\d{1,2})$")
_UNKNOWN = object()


def codings(node: Any) -> Iterator[dict[str, Any]]:
    """The codings of a CodeableConcept, or the node itself if it is a Coding."""
    if type(node) is not dict:
        return
    if "coding" in node:
        yield from elements(node["coding"])
    elif "code" in node:
        yield node


def words(node: Any) -> Iterator[str]:
    """What a code, Coding or CodeableConcept says in words, most exact first."""
    if isinstance(node, str):
        yield node
        return
    found = list(codings(node))
    texts = [one.get(name) for name in ("code", "display") for one in found]
    texts.append(node.get("text") if type(node) is dict else None)
    yield from (text for text in texts if isinstance(text, str))


def mapped(nodes: list[Any], scope: Scope) -> str | None:
    """The canonical value of the first node the value map of the column knows; none is counted."""
    found = _UNKNOWN
    for node in nodes:
        found = _lookup(node, scope)
        if found is not _UNKNOWN:
            return found if isinstance(found, str) else None
    scope.note("UNMAPPED_VALUE")
    return None


def _lookup(node: Any, scope: Scope) -> object:
    assert scope.values is not None  # the map's loader sees to it
    for one in codings(node):
        key = (str(one.get("system")), str(one.get("code")))
        if key in scope.values.codes:
            return scope.values.codes[key]
    for word in words(node):
        folded = word.strip().lower()
        if folded in scope.values.words:
            return scope.values.words[folded]
    return _UNKNOWN


def pa_status(nodes: list[Any], scope: Scope) -> str | None:
    """One status of several items: what they share, else ``partial`` where some are approved."""
    found = {mapped([node], scope) for node in nodes} - {None}
    if len(found) > 1:
        return "partial" if found & {"approved", "partial"} else "pended" if "pended" in found else None
    return found.pop() if found else None


def concept(nodes: list[Any], scope: Scope) -> str | None:
    """A concept as a person reads it: text, else display, else code."""
    for node in nodes:
        text = node.get("text") if type(node) is dict else None
        displays = [one.get(name) for name in ("display", "code") for one in codings(node)]
        for each in (text, *displays):
            if isinstance(each, str) and each.strip():
                return each.strip()
    return None


def _diagnosis(nodes: list[Any], scope: Scope) -> tuple[str, str] | None:
    found = [one for node in nodes for one in codings(node) if isinstance(one.get("code"), str)]
    for name in ("icd10cm", "snomed"):
        for one in found:
            if scope.is_system(one.get("system"), name):
                return one["code"].strip(), name
    return (found[0]["code"].strip(), "other") if found else None


def diagnosis_code(nodes: list[Any], scope: Scope) -> str | None:
    """The ICD-10-CM code (upper case), else the SNOMED CT one, else the first code given."""
    found = _diagnosis(nodes, scope)
    if found is None:
        return None
    return found[0].upper() if found[1] == "icd10cm" else found[0]


def diagnosis_system(nodes: list[Any], scope: Scope) -> str | None:
    """The system of :func:`diagnosis_code`."""
    found = _diagnosis(nodes, scope)
    return found[1] if found else None


def medication(node: Any, scope: Scope) -> dict[str, Any]:
    """The CodeableConcept of a medication given inline, as a contained resource, or by display only."""
    if type(node) is not dict:
        return {}
    text = node.get("reference")
    if isinstance(text, str) and text.startswith("#"):
        code = (scope.contained(text[1:]) or {}).get("code")
        return code if type(code) is dict else {}
    if text or "identifier" in node:
        return {"text": node.get("display")}
    return node


def drug(nodes: list[Any], scope: Scope) -> str | None:
    """The drug's canonical word where its text or NDC names one we know, else its text, else a pointer."""
    known = drug_if_known(nodes, scope)
    if known:
        return known
    given = [medication(node, scope) for node in nodes]
    text = concept(given, scope)
    return text or next((found for node in nodes if (found := references.typed(node, scope))), None)


def drug_if_known(nodes: list[Any], scope: Scope) -> str | None:
    """The canonical word of a drug we know, by whole word of any text, else by NDC product."""
    given = [medication(node, scope) for node in nodes]
    for each in given:
        for word in words(each):
            if match := scope.reference.drug_pattern.search(word.lower()):
                return scope.reference.drug_words[match[0]]
    for code in _ndcs(given, scope):
        if code and code[:9] in scope.reference.ndc_products:
            return scope.reference.ndc_products[code[:9]]
    return None


def ndc11(nodes: list[Any], scope: Scope) -> str | None:
    """The NDC as 11 digits; ten digits without hyphens could be any of three codes and stay empty."""
    found = list(_ndcs([medication(node, scope) for node in nodes], scope))
    code = next((one for one in found if one), None)
    if found and code is None:
        scope.note("NDC_AMBIGUOUS")
    return code


def _ndcs(given: list[dict[str, Any]], scope: Scope) -> Iterator[str | None]:
    for each in given:
        for one in codings(each):
            if scope.is_system(one.get("system"), "ndc") and isinstance(one.get("code"), str):
                yield _eleven(one["code"].strip())


def _eleven(code: str) -> str | None:
    if re.fullmatch(r"\d{11}", code):
        return code
    match = _NDC_HYPHENS.match(code)
    if match is None or sum(map(len, match.groups())) < 10:
        return None
    labeler, product, package = match.groups()
    return f"{labeler:0>5}{product:0>4}{package:0>2}"
