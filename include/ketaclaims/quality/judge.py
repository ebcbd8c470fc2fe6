"""Judge what changed and commit what that changes in the findings."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from ketaclaims.quality import events, state, verdicts
from ketaclaims.quality.frames import Column, chunk_bounds, read_frame, require_columns, table_columns
from ketaclaims.quality.results import SuiteResult, forget_others, merge_outcomes, save_result
from ketaclaims.quality.rules import Rule, load_catalogue
from ketaclaims.quality.run import Outcome, SuiteRunner
from ketaclaims.quality.suites import Definition, audit_model_of, check_in_step, columns_of, rule_hash
from ketaclaims.raw.append import append
from ketaclaims.settings import Settings

if TYPE_CHECKING:
    import duckdb

_KEYS = ("clinic_id", "subject_key", "row_hash", "recheck_on")


@dataclass(frozen=True, slots=True)
class RuleCount:
    """Open findings of one rule."""

    rule_id: str
    fail: int
    not_evaluable: int
    dollars_at_stake: Decimal


@dataclass(frozen=True, slots=True)
class JudgeResult:
    """What a judging run did. ``by_rule``: open findings after it, or the verdicts of a historical run."""

    as_of_date: date
    is_historical: bool
    rows_judged: int
    opened: int  # new, reopened or changed
    resolved: int
    commit_number: int | None
    by_rule: tuple[RuleCount, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class _Model:
    """One audit model, its coding suites and its rules."""

    name: str
    suites: tuple[Definition, ...]
    rules: tuple[tuple[int, Rule, str], ...]  # catalogue order, rule, rule hash
    columns: Mapping[str, Column]

    @property
    def rules_hash(self) -> str:
        """Changes when any rule of the model does."""
        text = "|".join(hash_ for _, _, hash_ in self.rules)
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def judge(settings: Settings, connection: "duckdb.DuckDBPyConnection", as_of_date: date) -> JudgeResult:
    """Judge every audit row whose facts, rules or recheck date changed; commit the findings that changes.

    ``connection``: the warehouse, read-write. Nothing changed → no commit. A date earlier than the newest one
    judged is historical: every row is judged, nothing is committed or noted.

    Raises RULE_CATALOGUE, RULE_ERROR.
    """
    rules, suites, models = _models(connection)
    state.create_tables(connection)
    events.fold(connection, settings)
    newest = events.newest_judged_as_of(connection)
    is_historical = newest is not None and as_of_date < newest
    verdicts.prepare(connection, rules)
    runner, rows_judged = SuiteRunner(), 0
    for model in models:
        results = _judge_model(connection, runner, model, as_of_date, is_historical)
        rows_judged += results[0].row_count
        if results[0].row_count and not is_historical:  # Data Docs tell of the present
            for result in results:
                save_result(connection, result)
    verdicts.count_money_once(connection)
    if is_historical:
        return JudgeResult(as_of_date, True, rows_judged, 0, 0, None, _counts(connection, "verdict"))
    changed = events.changes(connection, rules, as_of_date, datetime.now(UTC))
    commit_number = append(settings, "findings", "finding_event", changed) if changed.num_rows else None
    forget_others(connection, "coding", list(suites))
    state.mark_judged(connection, [(model.name, model.rules_hash) for model in models], as_of_date)
    resolved = sum(1 for status in changed["status"].to_pylist() if status == "resolved")
    events.fold(connection, settings)
    return JudgeResult(
        as_of_date,
        False,
        rows_judged,
        changed.num_rows - resolved,
        resolved,
        commit_number,
        _counts(connection, "prior"),
    )


def _model(
    connection: "duckdb.DuckDBPyConnection", name: str, suites: Sequence[Definition], rules: Sequence[Rule]
) -> _Model:
    by_name = {suite["name"]: suite for suite in suites}
    mine = tuple(
        (order, rule, rule_hash(rule, by_name[rule.suite]))
        for order, rule in enumerate(rules)
        if rule.suite in by_name
    )
    columns = table_columns(connection, f"audit.{name}")
    needed = {suite: columns_of(definition["expectations"]) for suite, definition in by_name.items()}
    for suite, names in needed.items():
        require_columns(columns, names, f"audit.{name}", suite)
    catalogued = tuple(column for _, rule, _ in mine for column in rule.columns)
    require_columns(columns, (*_KEYS, *catalogued), f"audit.{name}", "the rule catalogue")
    read = {*_KEYS, *catalogued, *(column for names in needed.values() for column in names)}
    return _Model(name, tuple(suites), mine, {name: columns[name] for name in columns if name in read})


def replay(connection: "duckdb.DuckDBPyConnection", as_of_date: date) -> dict[str, int]:
    """Judge every row anew into the temporary table ``verdict``; nothing is committed or noted.

    ``connection``: a warehouse whose audit layer is built, read-write. Returns how many rows each rule of the
    catalogue applied to. Raises RULE_CATALOGUE, RULE_ERROR.
    """
    rules, _, models = _models(connection)
    state.create_tables(connection)
    verdicts.prepare(connection, rules)
    runner, applied = SuiteRunner(), {rule.rule_id: 0 for rule in rules}
    for model in models:
        for result in _judge_model(connection, runner, model, as_of_date, every_row=True):
            for outcome in result.outcomes:
                rule_id = outcome.expectation["meta"]["rule_id"]
                applied[rule_id] = max(applied[rule_id], outcome.element_count or 0)
    verdicts.count_money_once(connection)
    return applied


def _models(
    connection: "duckdb.DuckDBPyConnection",
) -> tuple[tuple[Rule, ...], dict[str, Definition], list["_Model"]]:
    """Catalogue, coding suites by name, and the audit models they judge."""
    rules = load_catalogue()
    suites = check_in_step(rules)
    models = [
        _model(connection, name, [suite for suite in suites.values() if audit_model_of(suite) == name], rules)
        for name in sorted({audit_model_of(suite) for suite in suites.values()})
    ]
    return rules, suites, models


def _judge_model(
    connection: "duckdb.DuckDBPyConnection",
    runner: SuiteRunner,
    model: _Model,
    as_of_date: date,
    every_row: bool,
) -> list[SuiteResult]:
    """Add the verdicts on one audit model; what each of its suites found, all over the same rows."""
    row_count = verdicts.select_rows(
        connection, model.name, model.rules_hash, as_of_date.isoformat(), every_row, tuple(model.columns)
    )
    results = []
    for suite in model.suites:
        merged = _judge_suite(connection, runner, model, suite, row_count)
        results.append(
            SuiteResult(
                suite["name"], f"audit.{model.name}", "audit", "coding", as_of_date, row_count, merged
            )
        )
    for order, rule, hash_ in model.rules:
        verdicts.add_verdicts(connection, rule, order, hash_, model.columns)
    return results


def _judge_suite(
    connection: "duckdb.DuckDBPyConnection",
    runner: SuiteRunner,
    model: _Model,
    suite: Definition,
    row_count: int,
) -> list[Outcome]:
    """Note the failing rows of one suite, reading only the columns it needs; outcomes over all chunks."""
    expectations = suite["expectations"]
    read = [model.columns[name] for name in columns_of(expectations)]
    merged: list[Outcome] = []
    for start, stop in chunk_bounds(row_count):
        where = f"judging_position >= {start} and judging_position < {stop}"
        frame = read_frame(connection, "judging", read, where, "judging_position")
        outcomes = runner.run(suite["name"], expectations, frame)
        verdicts.note_failing(connection, outcomes, start)
        merged = merge_outcomes(merged, outcomes)
    return merged


def _counts(connection: "duckdb.DuckDBPyConnection", table: str) -> tuple[RuleCount, ...]:
    found = connection.execute(
        f"""
        select
            rule_id,
            count(*) filter (where status = 'fail'),
            count(*) filter (where status = 'not_evaluable'),
            sum(dollars_at_stake)
        from {table}
        where status <> 'resolved'
        group by rule_id
        order by rule_id
        """
    ).fetchall()
    return tuple(RuleCount(*row) for row in found)
