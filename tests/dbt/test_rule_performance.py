"""Rules are measured by what they had said before the payer answered, and every denied dollar counts once."""

from collections.abc import Callable
from decimal import Decimal
from math import sqrt
from typing import Any

import pytest
from performance_history import FIRST, SECOND, commits
from warehouse import Warehouse

MakeWarehouse = Callable[[str], Warehouse]


@pytest.fixture(scope="module")
def warehouse(make_warehouse: MakeWarehouse) -> Warehouse:
    built = make_warehouse("performance")
    for commit in commits():
        built.raw.commit(commit)
    build = ("build", "--select", "+fct_rule_performance", "+fct_coding_findings", "+audit_service_line")
    built.run(*build, "--exclude", "resource_type:test", "resource_type:unit_test")
    tested = ("fct_rule_performance", "fct_coding_findings", "int_quality__rule_*", "int_quality__subject_*")
    built.dbt("test", "--select", *tested, "int_quality__finding_states", "int_quality__line_answers")
    return built


def measured(warehouse: Warehouse, rule_id: str, period: str = "all") -> dict[str, Any]:
    return warehouse.one(
        "select * from marts.fct_rule_performance where rule_id = ? and period = ?", [rule_id, period]
    )


def counts(row: dict[str, Any]) -> dict[str, int]:
    return {name.removesuffix("_count"): row[name] for name in row if name.endswith("_count") and row[name]}


def wilson(hits: int, trials: int) -> tuple[Decimal, Decimal]:
    z, share = 1.959964, hits / trials
    middle, half = share + z * z / 2 / trials, z * sqrt(share * (1 - share) / trials + (z / 2 / trials) ** 2)
    low, high = ((middle + sign * half) / (1 + z * z / trials) * 100 for sign in (-1, 1))
    return Decimal(f"{low:.1f}"), Decimal(f"{high:.1f}")


def test_a_rule_is_credited_with_what_it_said_in_time(warehouse: Warehouse) -> None:
    row = measured(warehouse, FIRST)
    assert counts(row) == {
        "fired": 7,  # predicted, otherwise, paid, taken back, mended after, waiver over, whole claim
        "predicted_denial": 4,  # predicted, mended after, waiver over, whole claim
        "other_denial": 1,
        "paid": 2,  # paid, and the denial the payer took back while the claim stood as it was
        "missed": 6,  # silent, other rule, late, unknown, back-dated, second line of the whole claim
        "missed_untold": 4,  # not: other rule, whole claim
        "missed_explained": 1,  # whole claim: told by its first line
        "late": 2,  # late, and back-dated: said for an earlier day when the answer was here
        "mended": 1,
        "not_evaluable": 1,
        "waived": 1,
        "waived_denial": 1,
    }
    assert row["lead_days_median"] == 17


def test_precision_and_recall_have_wilson_intervals(warehouse: Warehouse) -> None:
    row = measured(warehouse, FIRST)
    assert (row["precision_pct"], row["recall_pct"]) == (Decimal("57.1"), Decimal("44.4"))
    assert (row["precision_low_pct"], row["precision_high_pct"]) == wilson(4, 7)
    assert (row["recall_low_pct"], row["recall_high_pct"]) == wilson(4, 9)
    other = measured(warehouse, SECOND)
    assert (other["precision_pct"], other["recall_pct"]) == (Decimal(0), None)
    assert (other["precision_low_pct"], other["precision_high_pct"]) == wilson(0, 2)


def test_money_counts_once(warehouse: Warehouse) -> None:
    row, other, every = (measured(warehouse, rule) for rule in (FIRST, SECOND, "any-rule"))
    assert (row["at_stake_amount"], row["caught_denial_amount"], row["missed_denial_amount"]) == (
        700,
        500,
        500,
    )
    assert (other["at_stake_amount"], other["caught_denial_amount"]) == (0, 0)
    assert (every["at_stake_amount"], every["caught_denial_amount"]) == (700, 500)
    assert every["missed_denial_amount"] == 400


def test_all_rules_together_are_counted_by_line(warehouse: Warehouse) -> None:
    assert counts(measured(warehouse, "any-rule")) == {
        "fired": 8,
        "predicted_denial": 4,
        "other_denial": 2,
        "paid": 2,
        "missed": 4,  # silent, late, unknown, back-dated
        "missed_untold": 4,
        "waived": 1,
        "waived_denial": 1,
    }


def test_a_rule_that_predicts_the_same_reason_did_not_miss_what_another_caught(warehouse: Warehouse) -> None:
    row = measured(warehouse, "pa-date-covered")
    assert (row["fired_count"], row["precision_pct"], row["recall_pct"]) == (0, None, Decimal(0))
    # all 197 but those the payer took back; the caught and the waived are explained by pa-present
    assert (row["missed_count"], row["missed_explained_count"], row["missed_untold_count"]) == (10, 5, 4)


def test_a_rule_nobody_could_measure_has_a_row_without_precision(warehouse: Warehouse) -> None:
    row = measured(warehouse, "gcode-one-unit")
    assert counts(row) == {} and row["precision_pct"] is None and row["recall_pct"] is None


def test_findings_tell_whether_the_claim_was_sent(warehouse: Warehouse) -> None:
    by_moment = "select moment, count(*), count(*) filter (subject_key like 'DRAFT/%') from"
    assert warehouse.rows(f"{by_moment} marts.fct_coding_findings group by all order by 1") == [
        ("after_submission", 15, 0),  # a date of submission, an answer or a status says it was sent
        ("before_submission", 1, 1),
    ]


def test_drafts_are_judged_like_claims_sent(warehouse: Warehouse) -> None:
    assert warehouse.rows(
        "select subject_key, claim_status from audit.audit_service_line where subject_key like 'DRAFT/%'"
    ) == [("DRAFT/1", "draft")]
