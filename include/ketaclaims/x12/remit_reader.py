"""The 835 reader: one file in, rows of the remit tables and one report out (design 4.3)."""

from collections.abc import Set
from dataclasses import dataclass, replace
from pathlib import Path

from ketaclaims.raw.contract import InputReport, ReadContext, Sink
from ketaclaims.x12 import claim_runs
from ketaclaims.x12.claim_runs import ClaimRuns
from ketaclaims.x12.file_reading import Progress, read_file
from ketaclaims.x12.remit_file import RemitFile
from ketaclaims.x12.row_buffers import RowBuffers
from ketaclaims.x12.totals import Totals

KIND = "x12_835"
READER = "x12.remit_reader"
READER_VERSION = "3"


@dataclass(frozen=True, slots=True)
class RemitReading:
    """The report for the raw store, and the figures of everything readable."""

    report: InputReport
    totals: Totals


def read_835(source: Path, context: ReadContext, sink: Sink) -> InputReport:
    """Read one 835 file into the tables of ``tables.REMIT_TABLES``.

    Bad input never raises: it becomes issues, held transactions or a rejected report. Rows of a file that
    turns out rejected late may already have been pushed; the report says ``rejected``, nobody counts them.
    """
    return read_remittances(source, context, sink).report


def read_remittances(
    source: Path, context: ReadContext, sink: Sink | None, on_progress: Progress | None = None
) -> RemitReading:
    """As ``read_835``, with the figures; without a sink no rows are made.

    A released truncated file is looked through once beforehand, to know which transactions are whole.
    """
    keep: Set[int] | None = None
    runs = _runs(source)
    if context.complete_transactions:
        scan = replace(context, complete_transactions=False)
        keep = frozenset(_read(source, scan, RowBuffers(None, "", "", runs), None, None).complete)
    buffers = RowBuffers(sink, context.file_sha256, context.commit_id, runs)
    file = _read(source, context, buffers, keep, on_progress)
    report = InputReport(
        status=file.status,
        kind=KIND,
        reader=READER,
        reader_version=READER_VERSION,
        rows=dict(buffers.pushed),
        control_totals_cents=file.totals.cents(),
        issues=file.log.report(),
    )
    return RemitReading(report, file.totals)


def _runs(source: Path) -> ClaimRuns | None:
    """The compiled reader, where the file is worth it and it can be had."""
    if source.stat().st_size < claim_runs.WORTHWHILE_FILE_BYTES:
        return None
    kernel = claim_runs.compiled()
    return None if kernel is None else ClaimRuns(kernel)


def _read(
    source: Path,
    context: ReadContext,
    buffers: RowBuffers,
    keep: Set[int] | None,
    on_progress: Progress | None,
) -> RemitFile:
    file = RemitFile(context, buffers, keep)
    read_file(source, context.max_segment_bytes, file, on_progress)
    return file
