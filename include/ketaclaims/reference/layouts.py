"""How the rows of each published table are read: from the cells under their header to a raw row.

A row that cannot be read raises ``BadCellError`` naming the column. Layouts as CMS and X12 publish them
(2024-2026).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from ketaclaims.landing.reference_marks import ReferenceTable

Cells = Mapping[str, str]
Values = tuple[Any, ...]
_CODE = re.compile(r"^[0-9A-Z]{5}$")
_MODIFIER = re.compile(r"^[0-9A-Z]{2}$")
_RARC = re.compile(r"^(?:MA?|N)\d{1,4}$")
_CARC = re.compile(r"^(?:\d{1,3}|[ABDPWY]\d{1,2})$")
_ICD10 = re.compile(r"^[A-Z]\d[0-9A-Z]{1,5}$")
_NO_DATE = ("", "*")
_DATE_FORMS = ("%Y%m%d", "%Y-%m-%d", "%m/%d/%Y")


class BadCellError(ValueError):
    """A cell that is not what its column holds; ``column`` is the published column."""

    def __init__(self, column: str) -> None:
        super().__init__(column)
        self.column = column


@dataclass(frozen=True, slots=True)
class Layout:
    """One published table. ``columns``: mark in the header by our name; ``optional`` ones may be missing."""

    raw_table: str
    columns: Mapping[str, str]
    row: Callable[[Cells], Values | None]
    months_covered: int | None  # a release speaks for so many months; None: until the next one
    optional: frozenset[str] = frozenset()


def day(cells: Cells, column: str) -> date | None:
    """A date of the row; None where the table says there is none."""
    text = cells.get(column, "").strip()
    if text in _NO_DATE:
        return None
    found = _date(text)
    if found is None:
        raise BadCellError(column)
    return found


@lru_cache(10_000)  # millions of rows share a few hundred dates
def _date(text: str) -> date | None:
    for form in _DATE_FORMS:
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    return None


def _matching(cells: Cells, column: str, *patterns: re.Pattern[str]) -> str:
    text = cells[column].strip().upper()
    if not any(pattern.match(text) for pattern in patterns):
        raise BadCellError(column)
    return text


def _ptp_row(cells: Cells) -> Values:
    indicator = cells["modifier_indicator"].strip()
    if indicator not in ("0", "1", "9"):
        raise BadCellError("modifier_indicator")
    return (
        _matching(cells, "column_1_code", _CODE),
        _matching(cells, "column_2_code", _CODE),
        cells.get("is_older_than_1996", "").strip() == "*",
        day(cells, "effective_date"),
        day(cells, "deletion_date"),
        indicator,
        cells.get("rationale", "").strip() or None,
    )


def _mue_row(cells: Cells) -> Values:
    units, indicator = cells["mue_units"].strip(), cells["adjudication_indicator"].strip()[:1]
    if not units.isdecimal():
        raise BadCellError("mue_units")
    if indicator not in ("1", "2", "3"):
        raise BadCellError("adjudication_indicator")
    rationale = cells.get("rationale", "").strip() or None
    return _matching(cells, "code", _CODE), int(units), indicator, rationale


def _hcpcs_row(cells: Cells) -> Values | None:
    dates = [day(cells, name) for name in ("add_date", "action_effective_date", "termination_date")]
    if not any(dates):
        return None  # a line that only goes on with the text of the code above
    code = _matching(cells, "code", _CODE, _MODIFIER)
    return ("modifier" if len(code) == 2 else "HCPCS"), code, True, *dates


def _reason_row(cells: Cells) -> Values:
    code = _matching(cells, "code", _RARC, _CARC)
    dates = [day(cells, name) for name in ("start_date", "last_modified_date", "stop_date")]
    return ("RARC" if _RARC.match(code) else "CARC"), code, *dates


def _order_row(cells: Cells) -> Values:
    code = _matching(cells, "code", _ICD10)
    dotted = f"{code[:3]}.{code[3:]}" if len(code) > 3 else code
    return "ICD-10-CM", dotted, cells["is_billable"] == "1", None, None, None


LAYOUTS: dict[ReferenceTable, Layout] = {
    "ptp_practitioner": Layout(
        "reference_ptp_pair",
        {
            "column_1_code": "column 1",
            "column_2_code": "column 2",
            "is_older_than_1996": "1996",
            "effective_date": "effective",
            "deletion_date": "deletion",
            "modifier_indicator": "modifier",
            "rationale": "rationale",
        },
        _ptp_row,
        3,
        frozenset({"is_older_than_1996", "rationale"}),
    ),
    "mue_practitioner": Layout(
        "reference_mue",
        {
            "code": "cpt code",
            "mue_units": "practitioner services mue values",
            "adjudication_indicator": "mue adjudication indicator",
            "rationale": "rationale",
        },
        _mue_row,
        3,
        frozenset({"rationale"}),
    ),
    "hcpcs": Layout(
        "reference_code",
        {
            "code": "hcpc",
            "add_date": "add dt",
            "action_effective_date": "act eff dt",
            "termination_date": "term dt",
        },
        _hcpcs_row,
        3,
    ),
    "icd10cm": Layout("reference_code", {"code": "", "is_billable": ""}, _order_row, 12),
    "reason_code": Layout(
        "reference_reason_code",
        {
            "code": "code",
            "start_date": "start",
            "last_modified_date": "last modified",
            "stop_date": "stop",
        },
        _reason_row,
        None,
    ),
}


def covers_to(table: ReferenceTable, release_date: date) -> date | None:
    """The last day a release speaks for: of its quarter, of its fiscal year (September 30), or open."""
    months = LAYOUTS[table].months_covered
    if months is None:
        return None
    if table == "icd10cm":
        return date(release_date.year + (release_date.month >= 10), 9, 30)
    first = 3 * ((release_date.month - 1) // 3) + 1 + months
    return date(release_date.year + (first > 12), (first - 1) % 12 + 1, 1) - timedelta(days=1)


def first_day(table: ReferenceTable, release_date: date) -> date:
    """A release of the quarterly tables begins with its quarter, whatever day it names."""
    if table in ("ptp_practitioner", "mue_practitioner", "hcpcs"):
        return date(release_date.year, 3 * ((release_date.month - 1) // 3) + 1, 1)
    return release_date
