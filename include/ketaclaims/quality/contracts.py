"""Run the contract suites of one stage; a failure blocks publishing, so yesterday's publication stays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ketaclaims.quality import state
from ketaclaims.quality.frames import (
    Column,
    quote_table,
    read_chunks,
    read_frame,
    require_columns,
    table_columns,
)
from ketaclaims.quality.results import SuiteResult, merge_outcomes, save_result
from ketaclaims.quality.run import Outcome, SuiteRunner
from ketaclaims.quality.suites import Checkpoint, Definition, Stage, columns_of, load_checkpoints, load_suite
from ketaclaims.settings import Settings

if TYPE_CHECKING:
    import duckdb

# these need all rows at once: a repeat may stand in another chunk
_WHOLE_TABLE = frozenset({"expect_column_values_to_be_unique", "expect_compound_columns_to_be_unique"})


@dataclass(frozen=True, slots=True)
class ContractFailure:
    """One expectation of a contract that does not hold. Counts only, never values."""

    suite: str
    table: str
    expectation: str
    columns: tuple[str, ...]
    severity: str
    failing_row_count: int


@dataclass(frozen=True, slots=True)
class ContractResult:
    """What the contract suites of one stage found."""

    stage: Stage
    suites_run: int
    failures: tuple[ContractFailure, ...]

    @property
    def blocking(self) -> tuple[ContractFailure, ...]:
        """The critical failures: with one of them nothing is published."""
        return tuple(failure for failure in self.failures if failure.severity == "critical")

    @property
    def is_publishable(self) -> bool:
        """No critical expectation failed."""
        return not self.blocking


def check_contracts(
    settings: Settings, connection: "duckdb.DuckDBPyConnection", stage: Stage
) -> ContractResult:
    """Run every contract suite of ``stage`` on its table in the warehouse.

    Raises RULE_ERROR when a table or column is missing or an expectation cannot be computed.
    """
    state.create_tables(connection)
    runner = SuiteRunner()
    as_of_date = settings.as_of_date or datetime.now(UTC).date()
    checkpoints = [c for c in load_checkpoints() if c.stage == stage and c.kind == "contract"]
    failures: list[ContractFailure] = []
    for checkpoint in checkpoints:
        outcomes, row_count = run_contract(connection, runner, checkpoint, load_suite(checkpoint.suite))
        save_result(
            connection,
            SuiteResult(
                checkpoint.suite, checkpoint.table, stage, "contract", as_of_date, row_count, outcomes
            ),
        )
        failures += [_failure(checkpoint, outcome) for outcome in outcomes if not outcome.success]
    return ContractResult(stage, len(checkpoints), tuple(failures))


def run_contract(
    connection: "duckdb.DuckDBPyConnection",
    runner: SuiteRunner,
    checkpoint: Checkpoint,
    definition: Definition,
) -> tuple[list[Outcome], int]:
    """Outcomes of one contract suite in file order, and the number of rows of its table."""
    columns = table_columns(connection, checkpoint.table)
    expectations: list[Definition] = definition["expectations"]
    require_columns(columns, columns_of(expectations), checkpoint.table, checkpoint.suite)
    table = quote_table(checkpoint.table)
    row_wise = [e for e in expectations if e["type"] not in _WHOLE_TABLE]
    whole = [e for e in expectations if e["type"] in _WHOLE_TABLE]

    def read(part: Sequence[Definition]) -> list[Column]:
        return [columns[name] for name in columns_of(part)]

    found: dict[int, Outcome] = {}
    merged: list[Outcome] = []
    row_count = 0
    if row_wise:
        for chunk in read_chunks(connection, table, read(row_wise)):
            merged = merge_outcomes(merged, runner.run(checkpoint.suite, row_wise, chunk))
            row_count += len(chunk)
        found.update({id(e): outcome for e, outcome in zip(row_wise, merged, strict=False)})
    if whole:
        frame = read_frame(connection, table, read(whole))
        row_count = len(frame)
        outcomes = runner.run(checkpoint.suite, whole, frame)
        found.update({id(e): outcome for e, outcome in zip(whole, outcomes, strict=True)})
    return [found[id(e)] for e in expectations if id(e) in found], row_count


def _failure(checkpoint: Checkpoint, outcome: Outcome) -> ContractFailure:
    return ContractFailure(
        suite=checkpoint.suite,
        table=checkpoint.table,
        expectation=outcome.expectation["type"],
        columns=outcome.columns,
        severity=outcome.expectation.get("severity", "critical"),
        failing_row_count=outcome.unexpected_count or 0,
    )
