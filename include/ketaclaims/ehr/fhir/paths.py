"""The path language of ``fhir_map.yml``: which values of a resource a column is taken from.

``a.b.c`` walks objects; lists are walked element by element. ``a[type.coding.code=PPRF]`` keeps the elements
under which the inner path finds the value, ``a[system=@npi]`` any value of a named list, ``a[text~regex]`` a
text the expression is found in (any letter case). ``**item`` finds the elements named item at any depth.
An empty step (``[code.coding.code=x].value``) filters the node itself. ``$.`` starts at the resource.
"""

import re
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Walk = Callable[[Any], list[Any]]
_NOTHING: list[Any] = []  # shared, never changed
_PLAIN = re.compile(r"\w+(?:\.\w+)*")
_STEP = re.compile(
    r"(?P<name>\*\*\w+|\w*)(?:\[(?P<inner>[^\]=~]+)(?P<test>[=~])(?P<wanted>[^\]]*)\])?(?:\.|$)"
)


def compile_path(text: str, sets: Mapping[str, Sequence[str]]) -> Walk:
    """The walk of a path. Raises ValueError for a path that is none."""
    steps: list[tuple[Walk, Callable[[Any], bool] | None]] = []
    at = 0
    while at < len(text):
        match = _STEP.match(text, at)
        if match is None or match.end() == at:
            raise ValueError(f"fhir_map.yml: not a path: {text}")
        steps.append((_child(match["name"]), _test(match, sets) if match["inner"] else None))
        at = match.end()

    def walk(node: Any) -> list[Any]:
        nodes = [node]
        for child, test in steps:
            nodes = child(nodes[0]) if len(nodes) == 1 else [found for each in nodes for found in child(each)]
            if test:
                nodes = [found for found in nodes if test(found)]
            if not nodes:
                break
        return nodes

    return _short(text.split("."), walk) if _PLAIN.fullmatch(text) else walk


def _short(names: Sequence[str], walk: Walk) -> Walk:
    """The same walk for plain names, quick where no list stands on the way, as nearly always."""
    *outer, last = names

    def short(node: Any) -> list[Any]:
        inner = node
        for name in outer:
            if type(inner) is not dict:
                return walk(node) if type(inner) is list else _NOTHING
            inner = inner.get(name)
        if type(inner) is not dict:
            return walk(node) if type(inner) is list else _NOTHING
        value = inner.get(last)
        if type(value) is list:
            return [one for one in value if one is not None]
        return _NOTHING if value is None else [value]

    return short


def _child(name: str) -> Walk:
    if not name:
        return lambda node: [node]
    if name.startswith("**"):
        return lambda node: _descend(node, name[2:])

    def child(node: Any) -> list[Any]:
        value = node.get(name) if type(node) is dict else None
        if value is None:
            return []
        # a null in a list only keeps the place of an extension
        return [one for one in value if one is not None] if type(value) is list else [value]

    return child


def _descend(node: Any, name: str) -> list[Any]:
    """Elements called ``name`` at any depth, outer ones first; no recursion, whatever the depth."""
    found: list[Any] = []
    waiting = deque([node])
    while waiting:
        each = waiting.popleft()
        if type(each) is list:
            waiting.extend(each)
        elif type(each) is dict:
            for key, value in each.items():
                if key == name:
                    found.extend(value if type(value) is list else [value])
                if type(value) in (dict, list):
                    waiting.append(value)
    return found


def _test(match: re.Match[str], sets: Mapping[str, Sequence[str]]) -> Callable[[Any], bool]:
    inner, wanted = compile_path(match["inner"], sets), match["wanted"]
    if match["test"] == "~":
        expression = re.compile(wanted, re.IGNORECASE)
        return lambda node: any(isinstance(v, str) and expression.search(v) for v in inner(node))
    if wanted.startswith("@"):
        if wanted[1:] not in sets:
            raise ValueError(f"fhir_map.yml: no list named {wanted[1:]}")
        values = frozenset(sets[wanted[1:]])
    else:
        values = frozenset([wanted])
    return lambda node: any(isinstance(v, str) and v in values for v in inner(node))
