"""The rule catalogue: what a rule means, since when, for whom, at what price."""

import csv
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ketaclaims.errors import KetaclaimsError

PROJECT_ROOT = Path(__file__).resolve().parents[3]
CATALOGUE_FILE = PROJECT_ROOT / "dbt_project" / "seeds" / "rules" / "rule_catalog.csv"


@dataclass(frozen=True, slots=True)
class Rule:
    """One coding rule: a row of the catalogue. Its judgement stands in its suite."""

    rule_id: str
    code: str
    title: str
    why: str
    source: str
    confidence: str
    verification: str  # verified | unverified | payer_specific
    policy_parameters: tuple[str, ...]
    severity: str
    valid_from: date
    valid_to: date | None
    lines_of_business: tuple[str, ...]
    expected_carc: tuple[str, ...]
    expected_rarc: tuple[str, ...]
    example: str
    remediation: str
    owner: str
    subject: str
    audit_model: str
    suite: str
    service_date_column: str
    dollars_at_stake_column: str
    suppresses: tuple[str, ...]
    evidence_columns: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the audit model the catalogue row itself needs."""
        return tuple(
            dict.fromkeys((self.service_date_column, self.dollars_at_stake_column, *self.evidence_columns))
        )

    def as_dict(self) -> dict[str, Any]:
        """The row as plain values, for printing and hashing."""
        return asdict(self)


_LISTS = (
    "policy_parameters",
    "lines_of_business",
    "expected_carc",
    "expected_rarc",
    "suppresses",
    "evidence_columns",
)


def _rule(row: dict[str, str]) -> Rule:
    values: dict[str, Any] = dict(row)
    for name in _LISTS:
        values[name] = tuple(part for part in row[name].split("|") if part)
    values["valid_from"] = date.fromisoformat(row["valid_from"])
    values["valid_to"] = date.fromisoformat(row["valid_to"]) if row["valid_to"] else None
    return Rule(**values)


def load_catalogue(path: Path = CATALOGUE_FILE) -> tuple[Rule, ...]:
    """All rules in catalogue order. Raises RULE_CATALOGUE when a row cannot be read or a rule_id repeats."""
    rules: list[Rule] = []
    with path.open(newline="", encoding="utf-8") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            try:
                rules.append(_rule(row))
            except (TypeError, ValueError, KeyError, AttributeError) as error:
                raise KetaclaimsError(
                    "RULE_CATALOGUE",
                    f"row {number} is no rule ({type(error).__name__})",
                    where=path.name,
                    next_step="Compare its columns with rule_catalog.yml.",
                ) from error
    doubled = {rule.rule_id for rule in rules if [r.rule_id for r in rules].count(rule.rule_id) > 1}
    if doubled:
        raise KetaclaimsError("RULE_CATALOGUE", f"rule_id given twice: {sorted(doubled)}", where=path.name)
    return tuple(rules)
