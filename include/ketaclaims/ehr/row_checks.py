"""What is said of rows of a report besides their values: test patients, and oddities flagged, not mended."""

from datetime import datetime
from itertools import compress

import pyarrow as pa
import pyarrow.compute as pc

from ketaclaims.ehr.cells import Cells
from ketaclaims.ehr.profile import Output, RowRules

Flags = dict[str, list[int]]  # code -> row numbers
FLAG_MESSAGES = {
    "CLOCK_ORDER": "The end is at or before the start, or on another day.",
    "FUTURE_SERVICE": "The date of service lies after the export.",
    "CHARGED_NO_SHOW": "A charge for a visit that did not take place.",
    "NO_VALUES": "The row holds no value that a table takes.",
}
_SPANS = {
    "encounter": ("start_at", "end_at"),
    "administration": ("start_at", "stop_at"),
    "time_log": ("start_at", "end_at"),
}
_SERVICE_DATES = {"claim_line": "dos_from", "encounter": "start_at", "administration": "start_at"}
_NOT_ZERO = "[1-9]"


def is_test_patient(cells: Cells) -> list[bool] | None:
    """Which rows are of test patients by the profile's rule; None when none is."""
    rules = cells.match.report.rules
    found = None
    for column in rules.test_columns:
        hit = pc.match_substring_regex(cells.text(column), rules.test_pattern, ignore_case=True)
        hit = pc.fill_null(hit, False)
        found = hit if found is None else pc.or_(found, hit)
    return found.to_pylist() if found is not None and pc.any(found).as_py() else None


def flag_rows(cells: Cells, good: pa.Array | None) -> Flags:
    """Good rows with a charge and a status that says the visit did not take place."""
    rules = cells.match.report.rules
    if not rules.no_show_column or not cells.rows:
        return {}
    status = pc.utf8_lower(cells.text(rules.no_show_column))
    absent = pc.is_in(status, value_set=pa.array(rules.no_show_values, pa.string()))
    charged = pc.fill_null(pc.match_substring_regex(cells.text(rules.no_show_charge), _NOT_ZERO), False)
    hit = pc.and_(absent, charged)
    hit = pc.and_(hit, good) if good is not None else hit
    rows = list(compress(cells.numbers(), hit.to_pylist()))
    return {"CHARGED_NO_SHOW": rows} if rows else {}


def flag_empty(
    flags: Flags, numbers: list[int], good: pa.Array | None, wanted: list[pa.Array | None]
) -> None:
    """Add good rows of which no table takes anything. ``wanted`` is None for a table that takes all rows."""
    masks = [mask for mask in wanted if mask is not None]
    if not numbers or len(masks) < len(wanted):
        return
    taken = masks[0]
    for mask in masks[1:]:
        taken = pc.or_(taken, mask)
    empty = pc.invert(taken) if good is None else pc.and_(pc.invert(taken), good)
    hits = pa.array(numbers, pa.int64()).filter(empty).to_pylist()
    if hits:
        flags["NO_VALUES"] = hits


def flag_table(
    flags: Flags, output: Output, batch: pa.RecordBatch, rules: RowRules, exported_at: datetime | None
) -> None:
    """Add the rows of one table's batch whose clock or date of service is odd to ``flags``."""
    table = output.table.name
    if "clock_order" in rules.flags and table in _SPANS:
        start, end = (batch.column(name) for name in _SPANS[table])
        other_day = pc.not_equal(
            pc.cast(start, pa.date32(), safe=False), pc.cast(end, pa.date32(), safe=False)
        )
        _flag(flags, "CLOCK_ORDER", batch, pc.or_kleene(pc.less_equal(end, start), other_day))
    if "future_service" in rules.flags and table in _SERVICE_DATES and exported_at is not None:
        day = pc.cast(batch.column(_SERVICE_DATES[table]), pa.date32(), safe=False)
        # the export's date in UTC is never behind the local one of a site in the United States
        _flag(flags, "FUTURE_SERVICE", batch, pc.greater(day, pa.scalar(exported_at.date())))


def _flag(flags: Flags, code: str, batch: pa.RecordBatch, mask: pa.Array) -> None:
    hits = batch.column("_row_number").filter(pc.fill_null(mask, False)).to_pylist()
    if hits:
        flags[code] = sorted({*flags.get(code, []), *hits})
