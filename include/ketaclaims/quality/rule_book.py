"""docs/rule_book.md, made from catalogue and suites: ``python -m ketaclaims.quality.rule_book``."""

from pathlib import Path
from typing import Any

from ketaclaims.quality.rules import PROJECT_ROOT, Rule, load_catalogue
from ketaclaims.quality.suites import Definition, check_in_step, expectations_of, judged_columns, load_suite

RULE_BOOK = PROJECT_ROOT / "docs" / "rule_book.md"
_INTRO = """# Rule book

Made from `dbt_project/seeds/rules/rule_catalog.csv` and `expectations/suites/`; do not edit
(`python -m ketaclaims.quality.rule_book` writes it anew, a test compares).

A rule applies where its condition holds or cannot be told. A missing input makes it `not_evaluable`, never a
pass. Money at stake counts once per subject: with several rules broken, the dearest one that no broken rule
suppresses carries it.
"""
_VERIFICATION = {
    "verified": "",
    "unverified": "; no page was opened for it: unverified",
    "payer_specific": "; differs by payer: ask the payer's policy",
}


def condition_text(condition: Any) -> str:
    """A row condition in words."""
    if not condition:
        return "every row"
    if "conditions" in condition:
        return f" {condition['type']} ".join(
            f"({condition_text(part)})" if "conditions" in part else condition_text(part)
            for part in condition["conditions"]
        )
    name = condition["column"]["name"]
    if condition["type"] == "nullity":
        return f"{name} is {'unknown' if condition['is_null'] else 'known'}"
    operator = {"==": "=", "IN": "in"}.get(condition["operator"], condition["operator"])
    return f"{name} {operator} {_value(condition['parameter'])}"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_value(item) for item in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def judgement_text(expectation: Definition) -> str:
    """One judgement in words."""
    kwargs, columns = expectation["kwargs"], judged_columns(expectation)
    if len(columns) > 1:
        return " = ".join(columns)
    if "value_set" in kwargs:
        return f"{columns[0]} is {_value(kwargs['value_set'])}"
    bounds = [f">= {kwargs['min_value']}"] if "min_value" in kwargs else []
    bounds += [f"<= {kwargs['max_value']}"] if "max_value" in kwargs else []
    return f"{columns[0]} {' and '.join(bounds)}"


def _payer_text(rule: Rule) -> str:
    if not rule.policy_parameters:
        return "the same for all of them"
    return f"as the payer's policy on the date of service says ({', '.join(rule.policy_parameters)})"


def _denial_text(rule: Rule) -> str:
    codes = [", ".join(part) for part in (rule.expected_carc, rule.expected_rarc) if part]
    return "; ".join(codes) or "none: money is lost or at risk without one"


def rule_text(rule: Rule) -> str:
    """One rule as Markdown."""
    expectations = expectations_of(load_suite(rule.suite), rule.rule_id)
    by_part = {
        part: [e for e in expectations if e["meta"]["part"] == part] for part in ("inputs", "judgement")
    }
    in_force = f"from {rule.valid_from}" + (f" to {rule.valid_to}" if rule.valid_to else "")
    inputs = ", ".join(column for e in by_part["inputs"] for column in judged_columns(e))
    facts = {
        "Why": rule.why,
        "Example": rule.example,
        "Applies to": f"{rule.subject}: {condition_text(expectations[0]['kwargs'].get('row_condition'))}",
        "Needs": inputs,
        "Clean when": " and ".join(judgement_text(e) for e in by_part["judgement"]),
        "Dates of service": in_force,
        "Lines of business": ", ".join(rule.lines_of_business) or "all",
        "Payers": _payer_text(rule),
        "At stake": f"{rule.dollars_at_stake_column} of {rule.audit_model}",
        "Suppresses": ", ".join(rule.suppresses) or "nothing",
        "Expected denial": _denial_text(rule),
        "What to do": rule.remediation,
        "Owner": rule.owner,
        "Source": f"{rule.source} (confidence {rule.confidence}{_VERIFICATION[rule.verification]})",
    }
    lines = [f"## {rule.code} {rule.title}", "", f"`{rule.rule_id}`, {rule.severity}", ""]
    return "\n".join([*lines, *(f"- **{name}**: {text}" for name, text in facts.items())]) + "\n"


def rule_book() -> str:
    """The whole book, by code. Raises RULE_CATALOGUE while catalogue and suites differ."""
    rules = load_catalogue()
    check_in_step(rules)
    return "\n".join([_INTRO, *(rule_text(rule) for rule in sorted(rules, key=lambda rule: rule.code))])


def main(path: Path = RULE_BOOK) -> None:
    """Write the book."""
    path.write_text(rule_book(), encoding="utf-8")


if __name__ == "__main__":
    main()
