"""Rows of an export corrected by a person: kept beside the original, put in its place whenever it is read.

A correction file is CSV in the archive, named by its sha256 like every other content: ``_row_number`` (the
row of the original, the header being row 1) and the original's columns. The original is never changed. The
record of an input names its corrections, so a later reading of the same bytes holds them too.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.compute as pc

from ketaclaims.ehr.header import read_header
from ketaclaims.ehr.profile_build import all_profiles
from ketaclaims.ehr.records import Row, open_text, read_records
from ketaclaims.errors import KetaclaimsError
from ketaclaims.landing.private_files import create_private
from ketaclaims.raw.contract import InputReport, Issue, ReadContext, Reader, Sink

ROW_NUMBER = "_row_number"
CORRECTABLE_KINDS = frozenset({"ehr_csv"})  # exports of rows under a header


@dataclass(frozen=True, slots=True)
class Head:
    """The records of an export up to its header, which is the last of them."""

    records: tuple[tuple[str, ...], ...]
    delimiter: str

    @property
    def names(self) -> tuple[str, ...]:
        """The header's cells."""
        return self.records[-1]


def read_head(source: Path, profiles_dir: Path | None) -> Head:
    """The head of an export whose header is known. Raises NOT_CORRECTABLE for any other."""
    header = read_header(source, all_profiles(profiles_dir))
    if isinstance(header, Issue):
        raise KetaclaimsError(
            "NOT_CORRECTABLE",
            "Its header is not recognised now, so its rows cannot be told apart.",
            next_step="Correct the profile, then run `ketaclaims reread`.",
        )
    records: list[tuple[str, ...]] = []
    with open_text(source) as stream:
        for record in read_records(stream, header.delimiter):
            if isinstance(record, Row):
                records.append(tuple(record.fields))
            if record.row_number >= header.row_number:
                break
    return Head(tuple(records), header.delimiter)


def parse(content: bytes) -> dict[int, tuple[str, ...]]:
    """Corrected fields by row number of the original, from a correction file."""
    rows = csv.reader(io.StringIO(content.decode("utf-8"), newline=""))
    next(rows)
    return {int(row[0]): tuple(row[1:]) for row in rows}


def render(names: Sequence[str], rows: Mapping[int, Sequence[str]]) -> bytes:
    """A correction file; the same corrections give the same bytes."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([ROW_NUMBER, *names])
    writer.writerows([str(number), *rows[number]] for number in sorted(rows))
    return out.getvalue().encode("utf-8")


def corrected(reader: Reader, corrections: Path) -> Reader:
    """A reader that takes the corrected rows in place of those the original holds."""

    def read(source: Path, context: ReadContext, sink: Sink) -> InputReport:
        rows = parse(corrections.read_bytes())
        rest = _WithoutRows(sink, rows)
        report = reader(source, context, rest)
        if report.status == "rejected":
            return report
        with TemporaryDirectory() as scratch:
            small = Path(scratch) / "rows.csv"
            head = read_head(source, context.profiles_dir)
            with create_private(small) as out:
                out.write(_as_export(head, rows.values()))
            renumbered = _Renumbered(sink, len(head.records), sorted(rows))
            # a row that is still bad stays in quarantine; it must not refuse the others
            again = reader(small, replace(context, max_bad_row_share=1.0), renumbered)
        if renumbered.seen != rest.numbers:
            raise ValueError("the reader lost corrected rows")
        return _joined(report, again, rest, renumbered)

    return read


def _as_export(head: Head, rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=head.delimiter, lineterminator="\n")
    writer.writerows(head.records)
    writer.writerows(rows)
    return out.getvalue().encode("utf-8")


class _WithoutRows:
    """Passes on the rows of the original but those that were corrected."""

    def __init__(self, sink: Sink, rows: Mapping[int, Sequence[str]]) -> None:
        self._sink, self._wanted = sink, pa.array(sorted(rows), pa.int64())
        self.numbers = frozenset(rows)
        self.left_out: Counter[str] = Counter()
        self.left_out_cents: Counter[str] = Counter()

    def __call__(self, table: str, batch: pa.RecordBatch) -> None:
        is_left_out = pc.is_in(batch.column(ROW_NUMBER), value_set=self._wanted)
        out = batch.filter(is_left_out)
        self.left_out[table] += out.num_rows
        for field in out.schema:
            if pa.types.is_decimal(field.type) and out.num_rows:
                total = pc.sum(out.column(field.name)).as_py()
                self.left_out_cents[field.name] += int((total or 0) * 100)
        kept = batch.filter(pc.invert(is_left_out))
        if kept.num_rows:
            self._sink(table, kept)


class _Renumbered:
    """Passes on the corrected rows under their numbers in the original."""

    def __init__(self, sink: Sink, head_rows: int, numbers: Sequence[int]) -> None:
        self._sink, self._head_rows, self._numbers = sink, head_rows, pa.array(numbers, pa.int64())
        self.rows: Counter[str] = Counter()
        self.seen: set[int] = set()

    def __call__(self, table: str, batch: pa.RecordBatch) -> None:
        at = batch.schema.get_field_index(ROW_NUMBER)
        positions = pc.subtract(batch.column(at), self._head_rows + 1)
        numbers = self._numbers.take(positions)
        self._sink(table, batch.set_column(at, batch.schema.field(at), numbers))
        self.seen.update(numbers.to_pylist())
        self.rows[table] += batch.num_rows


def _joined(
    report: InputReport, again: InputReport, rest: _WithoutRows, renumbered: _Renumbered
) -> InputReport:
    """The report of the original as if it had held the corrected rows; row issues of corrected rows go."""
    rows = Counter(report.rows)
    rows.subtract(rest.left_out)
    rows.update(renumbered.rows)
    totals = Counter(report.control_totals_cents)
    for name in totals:
        totals[name] += again.control_totals_cents.get(name, 0) - rest.left_out_cents[name]
    still_bad = report.quarantined_rows - rest.left_out["quarantined_record"]
    issues = [issue for issue in report.issues if not _is_of(issue, rest)]
    bad_again = renumbered.rows["quarantined_record"]
    if bad_again:
        text = f"{bad_again} corrected rows are still bad: `ketaclaims quarantine rows` names them."
        issues.append(Issue("CORRECTION_STILL_BAD", "warning", text))
    return replace(
        report,
        status="warned" if issues else "clean",
        clinic_ids=tuple(sorted({*report.clinic_ids, *again.clinic_ids})),
        rows={name: count for name, count in rows.items() if count},
        control_totals_cents=dict(totals),
        issues=tuple(issues),
        quarantined_rows=still_bad + bad_again,
    )


def _is_of(issue: Issue, rest: _WithoutRows) -> bool:
    return issue.row_number is not None and issue.row_number in rest.numbers
