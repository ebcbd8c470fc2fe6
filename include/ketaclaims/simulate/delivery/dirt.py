"""Dirt on whole reports: what stands around, between and instead of the rows, and what must become of it.

Dirt of ``share`` is lossless: the pipeline must end as if the report were clean. Dirt of ``lossy_share`` is
not: each such row is told in ``truth/dirt.csv`` with the outcome it must have.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random

from ketaclaims.simulate.delivery.dirty_forms import DirtyForms
from ketaclaims.simulate.delivery.parcel import Parcel
from ketaclaims.simulate.delivery.report_csv import PLAIN, CsvStyle, write_lines, write_report
from ketaclaims.simulate.delivery.vendor import Report
from ketaclaims.simulate.ehr_writer import Window
from ketaclaims.simulate.model import Row

DIRT_COLUMNS = ("clinic_id", "file", "row_number", "column", "kind", "outcome", "reason")
STYLES = (
    PLAIN,
    CsvStyle("utf-8", ",", b"\xef\xbb\xbf"),
    CsvStyle("utf-16-le", ",", b"\xff\xfe"),
    CsvStyle("cp1252", ",", newline="\n"),
    CsvStyle("utf-8", ";", newline="\n"),
    CsvStyle("utf-8", "\t"),
)
LATER = timedelta(days=1)
TEST_PERSON = {
    "Patient Name": "Test, Zelda", "Client": "Test, Zelda", "first_name": "Zelda", "last_name": "Test",
}  # fmt: skip
TEST_ID = "ZZTEST"
MOST_RUINED = 5  # rows a file: of a file with many, nobody should believe the rest
# what no reader can mend: column -> (kind, text instead, why it must not be loaded)
RUIN: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "Dose": (("dose_without_unit", "56", "MISSING_UNIT"), ("dose_unreadable", "two sprays", "BAD_DOSE")),
    "NDC": (
        ("ndc_in_scientific_notation", "5.0458E+10", "LOST_DIGITS"),
        ("ndc_ten_digits", "5045802802", "AMBIGUOUS_NDC"),
    ),
    "Dose Start": (("day_before_month", "25/12/2025 09:15", "BAD_TIMESTAMP"),),
    "Service Start Date": (("day_before_month", "25/12/2025", "BAD_DATE"),),
    "Total Charges": (("decimal_comma", "1.290,00", "BAD_AMOUNT"),),
    "Diagnosis 1": (("snomed_on_a_claim", "370143000", "SNOMED_NOT_ICD"),),
    "Amount": (("amount_in_words", "ninety", "BAD_AMOUNT"),),
}  # fmt: skip


@dataclass
class Dirt:
    """The dirt of one clinic; the same seed gives the same dirt. ``told`` becomes ``truth/dirt.csv``."""

    clinic_id: str
    rng: Random
    share: float = 0.0
    lossy_share: float = 0.0
    told: list[Row] = field(default_factory=list)

    def forms(self, *, short_years: bool = False) -> DirtyForms:
        """Forms of values."""
        return DirtyForms(self.rng, self.share, short_years)

    def parcels(self, report: Report, window: Window) -> Iterator[Parcel]:
        """The report as one file or two: late rows come a day later, on top of all the other dirt."""
        rows = [dict(row) for row in report.rows]
        late = [row for row in rows[1:] if self._happens()]
        if late:
            held = {id(row) for row in late}
            rows = [row for row in rows if id(row) not in held]
            yield self._parcel(report, f"{report.name}_{window.label}_late.csv", late, window, LATER)
        yield self._parcel(report, f"{report.name}_{window.label}.csv", rows, window, timedelta())

    def canonical(self, parcel: Parcel) -> Parcel:
        """A canonical CSV saved by somebody's spreadsheet, some rows twice. Its values stay as they are."""
        rows = [*csv.reader(io.StringIO(parcel.content.decode("utf-8")))]
        again = [row for row in rows[1:] if self._happens()]
        style = self.rng.choice([style for style in STYLES if style.encoding != "cp1252"])
        return replace(parcel, content=write_lines([*rows, *again], style))

    def ndjson(self, parcel: Parcel) -> Parcel:
        """Bulk export files that overlap: some resources twice."""
        lines = parcel.content.splitlines(keepends=True)
        return replace(parcel, content=b"".join([*lines, *(line for line in lines if self._happens())]))

    def resent(self, parcel: Parcel) -> Iterator[Parcel]:
        """The file, and at times the same bytes again under another name."""
        yield parcel
        if self._happens():
            name, _, ending = parcel.name.rpartition(".")
            yield replace(parcel, name=f"{name}_again.{ending}")

    def _happens(self) -> bool:
        return self.rng.random() < self.share

    def _parcel(
        self, report: Report, name: str, rows: list[dict[str, str]], window: Window, after: timedelta
    ) -> Parcel:
        rows += [row for row in rows if self._happens()]  # exported twice: the ranges overlapped
        if report.has_names and self._happens():
            rows.insert(self.rng.randrange(len(rows) + 1), self._test_patient(rows[0], report))
        below = self._below(rows, report, window) if report.has_footers and self._happens() else []
        style = self.rng.choice(STYLES) if self.share else PLAIN
        self._ruin(rows, name)
        self._tell_tests(rows, name)
        return Parcel(name, write_report(rows, style, below=below), window.moment + after)

    def _test_patient(self, row: Mapping[str, str], report: Report) -> dict[str, str]:
        """A row as trainers leave behind."""
        made = {**row, **{column: name for column, name in TEST_PERSON.items() if column in row}}
        return {**made, **{column: TEST_ID for column in report.ids}}

    def _below(self, rows: Sequence[Mapping[str, str]], report: Report, window: Window) -> list[list[str]]:
        """A totals row under the money column, and the line every report ends with."""
        header = list(rows[0])
        totals = ["Total", *[""] * (len(header) - 1)]
        if report.money:
            totals[header.index(report.money)] = "$999,999.00"
        return [totals, [f"Report generated {window.until:%m/%d/%Y}", *[""] * (len(header) - 1)]]

    def _ruin(self, rows: list[dict[str, str]], name: str) -> None:
        columns = [column for column in RUIN if column in rows[0]]
        ruined = 0
        for at, row in enumerate(rows):
            filled = [column for column in columns if row[column]]
            if filled and ruined < MOST_RUINED and self.rng.random() < self.lossy_share:
                ruined += 1
                column = self.rng.choice(filled)
                kind, text, reason = self.rng.choice(RUIN[column])
                rows[at] = {**row, column: text}
                self._tell(name, at, column, kind, "quarantined", reason)

    def _tell_tests(self, rows: Sequence[Mapping[str, str]], name: str) -> None:
        for at, row in enumerate(rows):
            if TEST_ID in row.values():
                self._tell(name, at, "", "test_patient", "left_out", "")

    def _tell(self, file: str, at: int, column: str, kind: str, outcome: str, reason: str) -> None:
        """``at``: position among the rows; row 1 of a file is its header."""
        row: Row = {
            "clinic_id": self.clinic_id, "file": file, "row_number": at + 2, "column": column, "kind": kind,
            "outcome": outcome, "reason": reason,
        }  # fmt: skip
        self.told.append(row)
