from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from audit_kit import (
    BUNDLE_LINE,
    CLAIM,
    DRUG_LINE,
    EM_LINE,
    ENCOUNTER,
    PATISIRAN_LINE,
    Row,
    create_tables,
    insert,
    suites_of,
    twelve_rules,
)

from ketaclaims.quality import judge as judging
from ketaclaims.quality.findings import Filter, read_findings
from ketaclaims.quality.judge import JudgeResult, judge
from ketaclaims.settings import Settings

AS_OF = date(2026, 4, 1)


@dataclass
class Practice:
    """A small practice: its audit tables, its raw store, and a judge that can be sent over both."""

    settings: Settings
    connection: duckdb.DuckDBPyConnection

    def judge(self, as_of: date = AS_OF) -> JudgeResult:
        return judge(self.settings, self.connection, as_of)

    def change(self, table: str, subject_key: str, **facts: Any) -> None:
        """Change facts of one row; its hash changes with them."""
        changes = {**facts, "row_hash": f"after {sorted(facts.items())}"}
        assignments = ", ".join(f"{name} = ?" for name in changes)
        self.connection.execute(
            f"update audit.{table} set {assignments} where subject_key = ?", [*changes.values(), subject_key]
        )

    def findings(self, show: str = "open") -> dict[tuple[str, str], tuple[str, Decimal]]:
        """(rule, subject key) → (status, money at stake)."""
        found = read_findings(self.settings, Filter(show), AS_OF)  # type: ignore[arg-type]
        return {
            (row["rule_id"], row["subject_key"]): (row["status"], row["dollars_at_stake"]) for row in found
        }


LINES: list[Row] = [
    {**DRUG_LINE, "subject_key": "C1/1"},
    {
        **DRUG_LINE,
        "subject_key": "C2/1",
        "billed_units": 1,
        "unit_difference": -55,
        "unit_difference_amount": "990.00",
    },
    {**BUNDLE_LINE, "subject_key": "C3/1", "covering_prior_auth_count": 0, "pa_units_left": None},
    {**EM_LINE, "subject_key": "C3/2", "conflicting_bundle_line_count": 1},
    {
        **PATISIRAN_LINE,
        "subject_key": "C4/1",
        "billed_units": 1,
        "unit_difference_amount": "1500.00",
        "psychiatric_diagnosis_count": 1,
    },
    {**BUNDLE_LINE, "subject_key": "C5/1", "dose_band_code": None, "administered_esketamine_mg": None},
]
FOUND = {
    ("drug-units-match-dose", "C2/1"): ("fail", Decimal("990.00")),
    ("pa-date-covered", "C3/1"): ("fail", Decimal("950.00")),
    ("gcode-no-em-same-day", "C3/2"): ("fail", Decimal("150.00")),
    # patisiran-trap suppresses the general rule on the same line, although its own stake is lower
    ("patisiran-trap", "C4/1"): ("fail", Decimal("1120.00")),
    ("drug-units-match-dose", "C4/1"): ("fail", Decimal("0.00")),
    ("gcode-dose-band", "C5/1"): ("not_evaluable", Decimal("0.00")),
    ("dx-valid-on-dos", "C2"): ("fail", Decimal("1270.00")),
    ("monitoring-two-hours", "E2"): ("not_evaluable", Decimal("0.00")),
    ("monitoring-two-hours", "E3"): ("fail", Decimal("1120.00")),
}


ENCOUNTERS: list[Row] = [
    ENCOUNTER,
    {**ENCOUNTER, "subject_key": "E2", "monitoring_minutes": None},
    {**ENCOUNTER, "subject_key": "E3", "monitoring_minutes": 90},
]


@pytest.fixture(autouse=True)
def _first_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge knows the first twelve rules."""
    monkeypatch.setattr(judging, "load_catalogue", twelve_rules)
    monkeypatch.setattr(judging, "check_in_step", suites_of)


def _practice(folder: Path, connection: duckdb.DuckDBPyConnection) -> Practice:
    create_tables(connection)
    insert(connection, "audit_encounter", ENCOUNTERS)
    return Practice(Settings(data_root=folder / "data"), connection)


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Practice]:
    """Three sessions and no claims: E2 cannot be judged, E3 was too short. Quick to judge."""
    with duckdb.connect() as connection:
        yield _practice(tmp_path, connection)


@pytest.fixture
def billing_practice(tmp_path: Path) -> Iterator[Practice]:
    """Six lines, two claims, three sessions; ``FOUND`` is what there is to find."""
    with duckdb.connect() as connection:
        made = _practice(tmp_path, connection)
        insert(connection, "audit_service_line", LINES)
        claims = [CLAIM, {**CLAIM, "subject_key": "C2", "judged_invalid_diagnosis_count": 1}]
        insert(connection, "audit_claim", claims)
        yield made
