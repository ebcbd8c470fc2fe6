"""What a converter may know beside the nodes of its path, and what it may say."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


def elements(value: Any) -> list[dict[str, Any]]:
    """The objects of a list, or the object alone; whatever else stands there is no element."""
    return [one for one in (value if type(value) is list else [value]) if type(one) is dict]


@dataclass(frozen=True, slots=True)
class ValueMap:
    """Codes (by system URI and code) and words (lower case) to a canonical value; None means empty."""

    codes: Mapping[tuple[str, str], str | None]
    words: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Reference:
    """The reference data of the map: code systems, units, drugs, dates that stand for none."""

    systems: Mapping[str, frozenset[str]]
    units: Mapping[str, Mapping[str, Decimal]]
    drug_words: Mapping[str, str]
    drug_pattern: re.Pattern[str]
    ndc_products: Mapping[str, str]
    sentinel_dates: frozenset[str]


@dataclass(slots=True)
class Notes:
    """What could not be taken, by (code, table.column): how often, and on which line first. Never content."""

    line_number: int = 0
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    first_lines: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, code: str, where: str) -> None:
        """Count one value of the present line."""
        self.counts[code, where] += 1
        self.first_lines.setdefault((code, where), self.line_number)


@dataclass(slots=True)
class Scope:
    """One resource on its way to rows: the resource, the element in hand, and the column being filled."""

    reference: Reference
    notes: Notes
    root: dict[str, Any]
    aliases: Mapping[str, str]
    entry: Mapping[str, Any] | None = None
    values: ValueMap | None = None
    where: str = ""

    def note(self, code: str) -> None:
        """Count one value that could not be taken as it is."""
        self.notes.add(code, self.where)

    def contained(self, fragment: str) -> dict[str, Any] | None:
        """The resource inside this one that ``#fragment`` points to."""
        return next((one for one in elements(self.root.get("contained")) if one.get("id") == fragment), None)

    def is_system(self, system: Any, name: str) -> bool:
        """Whether a URI means the code system of this short name."""
        return isinstance(system, str) and system in self.reference.systems[name]
