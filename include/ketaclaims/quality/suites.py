"""Expectation suites as files: load them, tell what they read, hold them in step with the catalogue."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from ketaclaims.errors import KetaclaimsError
from ketaclaims.quality.rules import PROJECT_ROOT, Rule

EXPECTATIONS_DIR = PROJECT_ROOT / "expectations"
Definition = dict[str, Any]
Stage = Literal["audit", "marts"]
# the C parser where PyYAML has it: the suites are thousands of lines
_SAFE_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One suite run on one warehouse table at one stage."""

    suite: str
    table: str  # schema.table
    stage: Stage
    kind: Literal["contract", "coding"]


def load_suite(name: str, root: Path = EXPECTATIONS_DIR) -> Definition:
    """One suite as plain values, good for ``ExpectationSuite(**definition)``. Raises SUITE_INVALID."""
    path = root / "suites" / f"{name}.yml"
    try:
        definition = yaml.load(path.read_text(encoding="utf-8"), Loader=_SAFE_LOADER)
    except (OSError, yaml.YAMLError) as error:
        raise KetaclaimsError(
            "SUITE_INVALID", f"cannot be read ({type(error).__name__})", where=f"suites/{path.name}"
        ) from error
    if (
        not isinstance(definition, dict)
        or definition.get("name") != name
        or not definition.get("expectations")
    ):
        raise KetaclaimsError(
            "SUITE_INVALID",
            "needs a name equal to its file name, and expectations",
            where=f"suites/{path.name}",
        )
    return definition


def load_checkpoints(root: Path = EXPECTATIONS_DIR) -> tuple[Checkpoint, ...]:
    """Every (suite, table, stage, kind) in the order they run: coding suites by name, then the contracts.

    A coding suite is any ``suites/coding_*.yml``; its ``meta.audit_model`` names its table. The contracts
    stand in ``checkpoints.yml``. Raises SUITE_INVALID.
    """
    path = root / "checkpoints.yml"
    coding = (_coding_checkpoint(file.stem, root) for file in sorted((root / "suites").glob("coding_*.yml")))
    try:
        contracts = yaml.safe_load(path.read_text(encoding="utf-8"))["checkpoints"]
        return (*coding, *(Checkpoint(**item) for item in contracts))
    except (OSError, yaml.YAMLError, TypeError, KeyError) as error:
        raise KetaclaimsError(
            "SUITE_INVALID", f"cannot be read ({type(error).__name__})", where="checkpoints.yml"
        ) from error


def _coding_checkpoint(name: str, root: Path) -> Checkpoint:
    return Checkpoint(name, f"audit.{audit_model_of(load_suite(name, root))}", "audit", "coding")


def audit_model_of(definition: Definition) -> str:
    """The audit model a coding suite judges. Raises SUITE_INVALID when its meta does not say so."""
    meta = definition.get("meta") or {}
    if meta.get("kind") != "coding" or not str(meta.get("audit_model", "")).startswith("audit_"):
        raise KetaclaimsError(
            "SUITE_INVALID",
            "a coding suite needs meta {kind: coding, audit_model: audit_…}",
            where=f"suites/{definition['name']}.yml",
        )
    return str(meta["audit_model"])


def condition_leaves(condition: Any) -> Iterator[dict[str, Any]]:
    """The comparisons and null tests of a serialised row condition."""
    if isinstance(condition, dict):
        if "conditions" in condition:
            for part in condition["conditions"]:
                yield from condition_leaves(part)
        else:
            yield condition


def judged_columns(expectation: Definition) -> tuple[str, ...]:
    """Columns an expectation is about, without those of its row condition."""
    kwargs = expectation["kwargs"]
    named = [kwargs[key] for key in ("column", "column_A", "column_B") if key in kwargs]
    return (*named, *kwargs.get("column_list", ()))


def columns_of(expectations: Sequence[Definition]) -> tuple[str, ...]:
    """Every column the expectations read, row conditions included, in order of first use."""
    found: dict[str, None] = {}
    for expectation in expectations:
        found.update(dict.fromkeys(judged_columns(expectation)))
        for leaf in condition_leaves(expectation["kwargs"].get("row_condition")):
            found[leaf["column"]["name"]] = None
    return tuple(found)


def expectations_of(definition: Definition, rule_id: str) -> list[Definition]:
    """Both parts of one rule, in file order."""
    return [e for e in definition["expectations"] if e["meta"].get("rule_id") == rule_id]


def rule_hash(rule: Rule, definition: Definition) -> str:
    """md5 of everything that decides a verdict: the catalogue row and the rule's expectations."""
    text = json.dumps(
        [rule.as_dict(), expectations_of(definition, rule.rule_id)], sort_keys=True, default=str
    )
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _problems_of_rule(rule: Rule, definition: Definition) -> Iterator[str]:
    expectations = expectations_of(definition, rule.rule_id)
    parts = [e["meta"].get("part") for e in expectations]
    if set(parts) != {"inputs", "judgement"}:
        yield "needs expectations of part inputs and of part judgement, and no others"
    conditions = {json.dumps(e["kwargs"].get("row_condition"), sort_keys=True) for e in expectations}
    if len(conditions) > 1:
        yield "its expectations differ in their row condition"
    if any(
        e["type"] != "expect_column_values_to_not_be_null"
        for e in expectations
        if e["meta"].get("part") == "inputs"
    ):
        yield "an input is only tested for null"
    judged = [e for e in expectations if e["meta"].get("part") == "judgement"]
    if any(e.get("severity") != rule.severity for e in judged):
        yield "severity differs between catalogue and suite"
    inputs = {c for e in expectations if e["meta"].get("part") == "inputs" for c in judged_columns(e)}
    scope = {
        tuple(leaf["parameter"])
        for e in judged
        for leaf in condition_leaves(e["kwargs"].get("row_condition"))
        if leaf["column"]["name"] == "line_of_business" and leaf["type"] == "comparison"
    }
    if scope != ({rule.lines_of_business} if rule.lines_of_business else set()):
        yield "lines of business differ between catalogue and row condition"
    if rule.lines_of_business and "line_of_business" not in inputs:
        yield "an unknown line of business must be an input"


def check_in_step(rules: Sequence[Rule], root: Path = EXPECTATIONS_DIR) -> dict[str, Definition]:
    """The coding suites by name once catalogue and suites agree; RULE_CATALOGUE names every difference."""
    suites = {c.suite: load_suite(c.suite, root) for c in load_checkpoints(root) if c.kind == "coding"}
    known = {rule.rule_id: rule for rule in rules}
    problems = [text for rule in rules for text in _problems_with_suite(rule, suites)]
    problems += [text for rule in rules for text in _problems_of_suppression(rule, known)]
    for name, definition in suites.items():
        for expectation in definition["expectations"]:
            rule = known.get(expectation.get("meta", {}).get("rule_id"))
            if rule is None or rule.suite != name:
                problems.append(f"{name}: an expectation of no rule of this suite")
    if problems:
        raise KetaclaimsError(
            "RULE_CATALOGUE",
            "; ".join(problems),
            where="rule_catalog.csv",
            next_step="Bring catalogue and suites in step.",
        )
    return suites


def _problems_with_suite(rule: Rule, suites: Mapping[str, Definition]) -> Iterator[str]:
    if rule.suite not in suites:
        yield f"{rule.rule_id}: no suite {rule.suite}"
        return
    if rule.audit_model != audit_model_of(suites[rule.suite]):
        yield f"{rule.rule_id}: audit model differs between catalogue and suite"
    yield from (f"{rule.rule_id}: {text}" for text in _problems_of_rule(rule, suites[rule.suite]))


def _problems_of_suppression(rule: Rule, known: Mapping[str, Rule]) -> Iterator[str]:
    for other in rule.suppresses:
        if other not in known or known[other].audit_model != rule.audit_model:
            yield f"{rule.rule_id}: suppresses {other}, which does not judge {rule.audit_model}"
