"""From which canonical columns a rule's facts are made: declared in ``expectations/fact_inputs``, read here.

A file holds, per audit model, every fact a rule reads and its inputs as ``table.column`` of canonical tables.
``a.b | c.d``: either will do. ``(a.b)``: it is read, but leaving it empty says something too.
A fact that needs nothing a clinic delivers has an empty list. Files are merged: each topic can have its own.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from ketaclaims.errors import KetaclaimsError
from ketaclaims.quality.rules import Rule
from ketaclaims.quality.suites import EXPECTATIONS_DIR, columns_of, expectations_of

Alternatives = tuple[str, ...]  # canonical columns as table.column; any one of them will do
FactInputs = Mapping[tuple[str, str], tuple[Alternatives, ...]]  # (audit model, fact) -> inputs


def load_fact_inputs(root: Path = EXPECTATIONS_DIR) -> FactInputs:
    """Inputs of every declared fact. Raises FACT_INPUTS when a file is malformed or a fact stands twice."""
    found: dict[tuple[str, str], tuple[Alternatives, ...]] = {}
    for path in sorted((root / "fact_inputs").glob("*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for (model, fact), inputs in _facts(path, content):
            if (model, fact) in found:
                raise KetaclaimsError("FACT_INPUTS", f"{model}.{fact} stands twice", where=path.name)
            found[model, fact] = tuple(tuple(part.strip() for part in each.split("|")) for each in inputs)
    return found


def _facts(path: Path, content: Any) -> Iterable[tuple[tuple[str, str], list[str]]]:
    if not isinstance(content, dict) or not all(isinstance(facts, dict) for facts in content.values()):
        raise KetaclaimsError("FACT_INPUTS", "needs audit models, each with its facts", where=path.name)
    for model, facts in content.items():
        for fact, inputs in facts.items():
            if not isinstance(inputs, list):
                raise KetaclaimsError("FACT_INPUTS", f"{model}.{fact} needs a list", where=path.name)
            yield (model, fact), inputs


def rule_facts(rules: Iterable[Rule], root: Path = EXPECTATIONS_DIR) -> dict[str, tuple[str, ...]]:
    """Facts each rule reads, its row condition included, by rule_id."""
    suites = [
        yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in sorted((root / "suites").glob("coding_*.yml"))
    ]
    return {
        rule.rule_id: columns_of([e for suite in suites for e in expectations_of(suite, rule.rule_id)])
        for rule in rules
    }


def undeclared(rule: Rule, facts: Iterable[str], declared: FactInputs) -> tuple[str, ...]:
    """Facts a rule reads whose inputs no file names: then nobody can say what the rule needs."""
    return tuple(fact for fact in facts if (rule.audit_model, fact) not in declared)


def inputs_of(rule: Rule, facts: Iterable[str], declared: FactInputs) -> tuple[Alternatives, ...]:
    """Every declared input of a rule, once, in order of first use."""
    found: dict[Alternatives, None] = {}
    for fact in facts:
        found.update(dict.fromkeys(declared.get((rule.audit_model, fact), ())))
    return tuple(found)
