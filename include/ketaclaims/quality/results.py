"""Newest result of every suite, as counts only, kept in the warehouse for Data Docs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from ketaclaims.quality.run import Outcome
from ketaclaims.quality.suites import Definition

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """Outcomes of one suite on one table, row positions left out. ``row_count``: rows that were judged."""

    suite: str
    table: str
    stage: str
    kind: str
    as_of_date: date
    row_count: int
    outcomes: Sequence[Outcome]


def merge_outcomes(merged: Sequence[Outcome], outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Counts over all chunks so far; the same expectations in the same order."""
    if not merged:
        return list(outcomes)
    return [so_far.plus(outcome) for so_far, outcome in zip(merged, outcomes, strict=True)]


def save_result(connection: "duckdb.DuckDBPyConnection", result: SuiteResult) -> None:
    """Replace the kept result of this suite."""
    outcomes = [
        {
            "expectation": outcome.expectation,
            "success": outcome.success,
            "element_count": outcome.element_count,
            "unexpected_count": outcome.unexpected_count,
        }
        for outcome in result.outcomes
    ]
    connection.execute("delete from quality.suite_result where suite = ?", [result.suite])
    connection.execute(
        "insert into quality.suite_result values (?, ?, ?, ?, cast(? as date), ?, ?)",
        [
            result.suite,
            result.table,
            result.stage,
            result.kind,
            result.as_of_date.isoformat(),
            result.row_count,
            json.dumps(outcomes, default=str),
        ],
    )


def forget_others(connection: "duckdb.DuckDBPyConnection", kind: str, suites: Sequence[str]) -> None:
    """Drop the kept results of suites of this kind that are no more: Data Docs tell of the present."""
    connection.execute(
        "delete from quality.suite_result where kind = ? and not list_contains(?, suite)",
        [kind, list(suites)],
    )


def load_results(connection: "duckdb.DuckDBPyConnection") -> list[SuiteResult]:
    """The kept results, by suite name."""
    rows = connection.execute(
        "select suite, table_name, stage, kind, as_of_date, row_count, outcomes "
        "from quality.suite_result order by suite"
    ).fetchall()
    return [
        SuiteResult(suite, table, stage, kind, as_of, rows_judged, _outcomes(text))
        for suite, table, stage, kind, as_of, rows_judged, text in rows
    ]


def _outcomes(text: str) -> list[Outcome]:
    def one(item: Definition) -> Outcome:
        return Outcome(item["expectation"], item["success"], item["element_count"], item["unexpected_count"])

    return [one(item) for item in json.loads(text)]
