"""Every coding rule on charts: a hit, a near miss, an unknown; all in one build and one judging run."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import MakeWarehouse
from rule_case_kit import HIT, NEAR, UNKNOWN, Case, all_cases, rows_of, topics
from tiny_raw import File
from warehouse import AUDIT_AND_BELOW

from ketaclaims.quality.findings import Filter, read_findings
from ketaclaims.quality.judge import judge
from ketaclaims.quality.rules import load_catalogue
from ketaclaims.settings import Settings

AS_OF = date(2026, 6, 1)
RULES = {rule.rule_id: rule for rule in load_catalogue()}
CASES = all_cases()
Judged = dict[tuple[str, str], list[dict[str, Any]]]


def case_of(subject_key: str) -> str:
    """``topic-001`` of ``topic-001.e1`` or ``topic-001/2``."""
    return subject_key.split("/")[0].split(".")[0]


@pytest.fixture(scope="module")
def judged(make_warehouse: MakeWarehouse, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """Findings by (case, rule), and under rule ``subjects`` what was there to judge."""
    warehouse = make_warehouse("rule cases")
    warehouse.raw.commit(File("charts", rows_of(CASES)))
    warehouse.run(
        "build",
        "--select",
        *AUDIT_AND_BELOW,
        "--indirect-selection",
        "cautious",
        as_of_date=AS_OF.isoformat(),
    )
    settings = Settings(data_root=tmp_path_factory.mktemp("rule_cases"))
    found: Judged = defaultdict(list)
    with duckdb.connect(str(warehouse.file)) as connection:
        judge(settings, connection, AS_OF)
        for model in sorted({rule.audit_model for rule in RULES.values()}):
            rows = connection.execute(f"select subject_key from audit.{model}").fetchall()
            for (subject_key,) in rows:
                found[case_of(subject_key), model].append({"subject_key": subject_key})
    for finding in read_findings(settings, Filter("all"), AS_OF):
        found[case_of(finding["subject_key"]), finding["rule_id"]].append(finding)
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.case_id} {case.rule_id}: {case.words}")
def test_case(judged: Judged, case: Case) -> None:
    findings = judged.get((case.case_id, case.rule_id), [])
    assert judged.get((case.case_id, RULES[case.rule_id].audit_model)), "the case has nothing to judge"
    assert {finding["status"] for finding in findings} == ({case.verdict} - {NEAR})
    if case.at_stake is not None:
        assert sum((finding["dollars_at_stake"] for finding in findings), Decimal(0)) == case.at_stake


@pytest.mark.parametrize("rule_id", RULES)
def test_every_rule_has_a_hit_a_near_miss_and_an_unknown(rule_id: str) -> None:
    reasons = [
        reason
        for topic in topics()
        for reason in [getattr(topic, "NEVER_UNKNOWN", {}).get(rule_id)]
        if reason
    ]
    wanted = {HIT, NEAR} if reasons else {HIT, NEAR, UNKNOWN}
    assert {case.verdict for case in CASES if case.rule_id == rule_id} == wanted
    assert len(reasons) <= 1


def test_every_case_is_of_a_rule_of_its_topic() -> None:
    for case in CASES:
        topic = case.case_id.rsplit("-", 1)[0]
        assert RULES[case.rule_id].suite.startswith(f"coding_{topic}"), case


def test_case_modules_are_files_of_this_folder() -> None:
    suites = {rule.suite for rule in RULES.values()}
    files = {path.stem for path in (Path(__file__).parent / "rule_cases").glob("[a-z]*.py")}
    assert all(any(suite.startswith(f"coding_{file}") for suite in suites) for file in files)
