"""What ``remit inspect`` and ``convert`` look at: inputs, archives opened, and what each one says."""

import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ketaclaims.landing.archives import members
from ketaclaims.raw.contract import InputReport, Issue, ReadContext, Sink
from ketaclaims.settings import Settings
from ketaclaims.x12.file_reading import Progress
from ketaclaims.x12.remit_reader import KIND, READER, READER_VERSION, RemitReading, read_remittances
from ketaclaims.x12.totals import COUNTS, MONEY, Totals
from ketaclaims.x12.values import decimal_text

PAYMENTS_SHOWN = 20
COMMIT_ID = "inspect"


@dataclass(frozen=True, slots=True)
class Input:
    """One file, or one member of an archive; ``reject`` says why it cannot even be opened."""

    label: str
    path: Path
    sha256: str
    reject: Issue | None = None


@dataclass(slots=True)
class Inspection:
    """What one input says: ``payments`` are remittance rows, ``adjusted`` sums CAS by group and reason.

    Cents of CAS that only repeats other CAS are in ``repeated`` alone.
    """

    label: str
    sha256: str
    reading: RemitReading
    payments: list[dict[str, Any]] = field(default_factory=list)
    adjusted: Counter[tuple[str, str]] = field(default_factory=Counter)
    repeated: int = 0


def inputs_of(paths: Iterable[Path], settings: Settings) -> Iterator[Input]:
    """Every file below ``paths``, archives by member. A member is gone once the next is asked for."""
    for path in paths:
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in files:
            yield from _inputs_of_file(file, settings)


def _inputs_of_file(path: Path, settings: Settings) -> Iterator[Input]:
    with tempfile.TemporaryDirectory(prefix="ketaclaims-") as work_dir:
        for member in members(path, Path(work_dir), settings):
            label = str(path) if member.name is None else f"{path}!{member.name}"
            sha256 = member.sha256 or _sha256(path)
            yield Input(label, member.path, sha256, member.reject)
            if member.name is not None:
                member.path.unlink(missing_ok=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def read_input(
    given: Input, settings: Settings, sink: Sink | None, commit_id: str, on_progress: Progress | None = None
) -> RemitReading:
    """Read one input under the settings, but that the test flag is only a warning."""
    if given.reject is not None:
        report = InputReport("rejected", KIND, READER, READER_VERSION, issues=(given.reject,))
        return RemitReading(report, Totals())
    context = ReadContext(
        file_sha256=given.sha256,
        commit_id=commit_id,
        accept_test_files=True,
        max_segment_bytes=settings.max_segment_bytes,
        known_partners=tuple(settings.known_partners),
    )
    return read_remittances(given.path, context, sink, on_progress)


def inspect_input(
    given: Input, settings: Settings, *, with_detail: bool, on_progress: Progress | None = None
) -> Inspection:
    """Read one input; ``with_detail`` also gathers the first payments and the sums by reason."""
    payments: list[dict[str, Any]] = []
    adjusted: Counter[tuple[str, str]] = Counter()
    repeats: Counter[tuple[str, str]] = Counter()

    def sink(table: str, batch: pa.RecordBatch) -> None:
        if table == "remittance":
            payments.extend(batch.slice(0, max(0, PAYMENTS_SHOWN - len(payments))).to_pylist())
        elif table == "remit_adjustment":
            is_repeat = batch.column("is_repeat")
            _add_up(batch.filter(pc.invert(is_repeat)), adjusted)
            _add_up(batch.filter(is_repeat), repeats)

    reading = read_input(given, settings, sink if with_detail else None, COMMIT_ID, on_progress)
    return Inspection(given.label, given.sha256, reading, payments, adjusted, repeats.total())


def _add_up(batch: pa.RecordBatch, adjusted: Counter[tuple[str, str]]) -> None:
    table = pa.Table.from_batches([batch]).group_by(["group_code", "carc"])
    for row in table.aggregate([("adjustment_amount", "sum")]).to_pylist():
        amount: Decimal = row["adjustment_amount_sum"] or Decimal(0)
        adjusted[(row["group_code"] or "", row["carc"] or "")] += int(amount * 100)


def as_json(inspection: Inspection) -> dict[str, Any]:
    """The object of design 4.3: figures as decimal strings, counts as numbers."""
    report, totals = inspection.reading.report, inspection.reading.totals
    return {
        "file": inspection.label,
        "sha256": inspection.sha256,
        "status": report.status,
        "n_st": totals.n_st,
        "totals": figures(totals),
        "balanced": totals.is_balanced,
        "issues": issue_objects(report),
    }


def issue_objects(report: InputReport) -> list[dict[str, Any]]:
    """Issues as objects for programs."""
    return [
        {
            "code": issue.code,
            "severity": issue.severity,
            "segment_number": issue.segment_number,
            "message": issue.message,
        }
        for issue in report.issues
    ]


def figures(totals: Totals) -> dict[str, int | str]:
    """Totals in the order of design 4.3."""
    values: dict[str, int | str] = {name: getattr(totals, name) for name in COUNTS}
    values |= {name: decimal_text(getattr(totals, name)) for name in MONEY}
    order = (*COUNTS[1:6], *MONEY[:-1], "n_reversal", "bpr02")
    return {name: values[name] for name in order}
