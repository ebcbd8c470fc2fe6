"""Run expectations on frames with Great Expectations and take from the results counts and row positions only.

Cell values never leave this module: results are asked for without them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ketaclaims.errors import KetaclaimsError
from ketaclaims.quality import quiet_gx
from ketaclaims.quality.suites import Definition, columns_of, judged_columns

if TYPE_CHECKING:
    import pandas as pd

# Row positions come back as the index of the frame. Asking for key columns instead
# (unexpected_index_column_names) makes GX build one dict per failing row: 10 to 40 times the cost.
_RESULT_FORMAT = {
    "result_format": "COMPLETE",
    "exclude_unexpected_values": True,
    "partial_unexpected_count": 0,
    "return_unexpected_index_query": False,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one expectation found: counts, and the positions of failing rows in the frame."""

    expectation: Definition
    success: bool
    element_count: int | None  # rows under the row condition; None for expectations about the table
    unexpected_count: int | None
    failing_positions: tuple[int, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns it judged."""
        return judged_columns(self.expectation)

    def plus(self, other: "Outcome") -> "Outcome":
        """Both outcomes of the same expectation on two parts of a table as one, positions left out."""

        def add(a: int | None, b: int | None) -> int | None:
            return None if a is None and b is None else (a or 0) + (b or 0)

        return replace(
            self,
            success=self.success and other.success,
            element_count=add(self.element_count, other.element_count),
            unexpected_count=add(self.unexpected_count, other.unexpected_count),
            failing_positions=(),
        )


class SuiteRunner:
    """Runs suites in one ephemeral context, without telemetry, progress bars or log lines."""

    def __init__(self) -> None:
        asset = (
            quiet_gx.context(mode="ephemeral").data_sources.add_pandas("frames").add_dataframe_asset("frame")
        )
        self._batches = asset.add_batch_definition_whole_dataframe("whole")

    def run(self, name: str, expectations: Sequence[Definition], frame: "pd.DataFrame") -> list[Outcome]:
        """Outcomes in the order of the expectations.

        Raises RULE_ERROR when a column is missing or an expectation could not be computed.
        """
        from great_expectations.core import ExpectationSuite

        missing = [column for column in columns_of(expectations) if column not in frame.columns]
        if missing:
            raise _rule_error(name, f"columns missing from the frame: {', '.join(missing)}")
        numbered = [
            {**e, "meta": {**e.get("meta", {}), "position": position}}
            for position, e in enumerate(expectations)
        ]
        try:
            suite = ExpectationSuite(name=name, expectations=numbered)
            results = (
                self._batches.get_batch({"dataframe": frame})
                .validate(suite, result_format=_RESULT_FORMAT)
                .results
            )
        except Exception as error:  # noqa: BLE001  GX raises anything, and its texts may hold cell values
            raise _rule_error(name, f"Great Expectations stopped with {type(error).__name__}") from None
        outcomes: dict[int, Outcome] = {}
        for result in results:
            position = result.expectation_config.meta["position"]
            outcomes[position] = _outcome(name, expectations[position], result)
        if len(outcomes) != len(expectations):
            raise _rule_error(name, f"{len(expectations) - len(outcomes)} expectations gave no result")
        return [outcomes[position] for position in range(len(expectations))]


def _rule_error(suite: str, cause: str) -> KetaclaimsError:
    return KetaclaimsError(
        "RULE_ERROR",
        cause,
        where=suite,
        next_step="This is an error of the rule, not of the data; nothing was judged.",
    )


def _has_raised(exception_info: Mapping[str, Any]) -> bool:
    """Whether an expectation raised; GX gives one exception, or one per metric."""
    if "raised_exception" in exception_info:
        return bool(exception_info["raised_exception"])
    return any(isinstance(info, Mapping) and info.get("raised_exception") for info in exception_info.values())


def _outcome(suite: str, expectation: Definition, result: Any) -> Outcome:
    details = result.result
    label = f"{expectation['type']}({', '.join(judged_columns(expectation))})"
    if _has_raised(result.exception_info or {}):
        raise _rule_error(suite, f"{label} could not be computed")
    failing = details.get("unexpected_index_list") or []
    unexpected = details.get("unexpected_count")
    if unexpected is not None and len(failing) != unexpected:
        raise _rule_error(suite, f"{label} names {len(failing)} of {unexpected} failing rows")
    if not result.success and unexpected == 0:
        raise _rule_error(suite, f"{label} failed without a failing row")
    return Outcome(
        expectation=expectation,
        success=bool(result.success),
        element_count=details.get("element_count"),
        unexpected_count=unexpected,
        failing_positions=tuple(int(position) for position in failing),
    )
