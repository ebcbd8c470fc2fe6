"""Measuring on known answers: what was missed, made up, or a near miss named, each counted and told."""

from decimal import Decimal
from pathlib import Path

import pytest

from ketaclaims.errors import KetaclaimsError
from ketaclaims.quality.truth_measure import Answers, Measure, added, as_markdown, measure, read_truth


def verdict(rule: str, key: str, status: str = "fail") -> tuple[str, str, str, str, str]:
    return rule, "c1", "claim", key, status


TRUTH = Answers(
    frozenset({verdict("a", "1"), verdict("a", "2"), verdict("a", "3", "not_evaluable"), verdict("b", "1")}),
    frozenset({("a", "c1", "claim", "8"), ("a", "c1", "claim", "9")}),
)


def test_counts_of_each_rule() -> None:
    found = [verdict("a", "1"), verdict("a", "3", "not_evaluable"), verdict("a", "9"), verdict("x", "1")]
    a, b, c, x = measure(["a", "b", "c"], {"a": 50, "b": 7}, found, TRUTH)
    assert a == Measure("a", 50, 49, 3, 2, 1, 2, 1)
    assert (a.precision, a.recall, a.is_perfect) == (Decimal("0.667"), Decimal("0.667"), False)
    assert b == Measure("b", 7, 7, 1, 0, 0, 0, 0) and (b.precision, b.recall) == (None, Decimal(0))
    assert (c.recall, c.is_perfect) == (None, True)  # the truth says nothing of it
    assert x == Measure("x", 0, 0, 0, 0, 1, 0, 0) and not x.is_perfect  # a rule no catalogue holds


def test_another_status_is_a_miss_and_a_false_alarm() -> None:
    (a,) = measure(
        ["a"],
        {"a": 9},
        [verdict("a", "1", "not_evaluable")],
        Answers(frozenset({verdict("a", "1")}), frozenset()),
    )
    assert (a.hits, a.false_alarms, a.is_perfect) == (0, 1, False)


def test_practices_add_up_and_rules_without_truth_are_told() -> None:
    one, other = Measure("a", 10, 9, 2, 2, 0, 1, 1), Measure("a", 5, 5, 1, 0, 0, 0, 0)
    total = added([[one, Measure("c", 4, 4, 0, 0, 0, 0, 0)], [other]])
    assert total[0] == Measure("a", 15, 14, 3, 2, 0, 1, 1)
    assert as_markdown(total).splitlines()[2:] == [
        "| `a` | 15 | 14 | 3 | 2 | 0 | 1 of 1 | 1.000 | 0.667 |",
        "| `c` | 4 | 4 | 0 | 0 | 0 | none planted | no finding | none planted |",
    ]


def _truth(folder: Path, found: str, declared: str) -> Path:
    (folder / "findings.csv").write_text(f"rule_id,clinic_id,subject,subject_key,status\n{found}\n")
    (folder / "expected_findings.csv").write_text(
        f"rule_id,clinic_id,subject,subject_key,status\n{declared}\n"
    )
    (folder / "near_misses.csv").write_text("rule_id,clinic_id,subject,subject_key\na,c1,claim,9\n")
    return folder


def test_truth_is_read_with_its_extra_days(tmp_path: Path) -> None:
    (tmp_path / "extra_1").mkdir()
    _truth(tmp_path / "extra_1", "b,c1,claim,2,fail", "b,c1,claim,2,fail")
    truth = read_truth(_truth(tmp_path, "a,c1,claim,1,fail", "a,c1,claim,1,fail"))
    assert truth.findings == {verdict("a", "1"), verdict("b", "2")}
    assert truth.near_misses == {("a", "c1", "claim", "9")}


def test_a_truth_that_contradicts_itself_or_is_absent_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KetaclaimsError, match=r"NO_TRUTH.*2 findings stand in only one"):
        read_truth(_truth(tmp_path, "a,c1,claim,1,fail", "a,c1,claim,2,fail"))
    with pytest.raises(KetaclaimsError, match="NO_TRUTH"):
        read_truth(tmp_path / "nowhere")
