"""Reading one work list: every input through its reader into Parquet, the outcome into a fragment."""

import os
import shutil
import traceback
import uuid
from collections.abc import Callable
from pathlib import Path

from ketaclaims.errors import KetaclaimsError
from ketaclaims.landing.clinic import clinic_of
from ketaclaims.landing.private_files import sync_dir, write_private
from ketaclaims.landing.register import archive_path
from ketaclaims.landing.release import release_of
from ketaclaims.raw import specs, store
from ketaclaims.raw.contract import InputReport, Issue, ReadContext, Reader
from ketaclaims.raw.ledger import open_ledger
from ketaclaims.raw.manifest import DataFile, InputRecord, shown
from ketaclaims.raw.registry import Readers
from ketaclaims.raw.sink import ParquetSink
from ketaclaims.settings import Settings

# what a fault in a reader raises; the machine's own faults (OSError, MemoryError) stop the run instead
_READER_FAULTS = (
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    RecursionError,
)


def read(
    settings: Settings,
    spec: str,
    readers: Readers | None = None,
    progress: Callable[[str], None] | None = None,
) -> str:
    """Read the inputs of one work list; returns the fragment's path below raw.

    May run again, also at the same time: every attempt writes its own folder, the last whole one counts.
    Raises BATCH_GONE when the batch was swept.
    """
    batch_id = specs.batch_id_of(spec)
    batch, work = specs.load_batch(settings, batch_id), specs.load(settings, spec, specs.Spec)
    if batch is None or work is None:
        return _already_committed(settings, batch_id, spec)
    folder = store.data_dir(settings, batch_id) / f"{work.worker}-{uuid.uuid4().hex[:8]}"
    sink = ParquetSink(folder, batch_id)
    try:
        records = []
        for each in work.inputs:
            os.utime(store.inflight_dir(settings, batch_id))  # alive: not to be swept
            records.append(_settle(each, batch, settings, readers or Readers(), sink))
            if progress:
                progress(f"{each.record.file_sha256[:12]} {records[-1].status}")
        sink.close()
        fragment = _fragment(settings, work, records, folder, sink)
        relative = specs.fragment_path(batch_id, work.worker)
        write_private(settings.raw_dir / relative, fragment.model_dump_json(exclude_defaults=True).encode())
    except BaseException as error:
        sink.abandon()
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, FileNotFoundError) and not store.inflight_dir(settings, batch_id).exists():
            return _already_committed(settings, batch_id, spec)  # a second run of this task came too late
        raise
    return relative


def _already_committed(settings: Settings, batch_id: str, spec: str) -> str:
    with open_ledger(settings) as ledger:
        if ledger.commit_number(batch_id) is None:
            raise KetaclaimsError(
                "BATCH_GONE",
                "The batch of this work list is neither in flight nor committed: it was swept as stray.",
                where=f"batch {batch_id}",
                next_step="Run the ingest again; its inputs are found anew.",
            )
    return spec.replace(".spec.json", ".fragment.json")


def _fragment(
    settings: Settings, work: specs.Spec, records: list[InputRecord], folder: Path, sink: ParquetSink
) -> specs.Fragment:
    if sink.totals:
        sync_dir(folder)
        sync_dir(folder.parent)
    files = tuple(
        DataFile(
            table_name=table,
            relative_path=(folder / f"{table}.parquet").relative_to(settings.raw_dir).as_posix(),
            row_count=sink.totals[table],
        )
        for table in sorted(sink.totals)
    )
    return specs.Fragment(batch_id=work.batch_id, worker=work.worker, inputs=tuple(records), data_files=files)


def _settle(
    each: specs.SpecInput, batch: specs.Batch, settings: Settings, readers: Readers, sink: ParquetSink
) -> InputRecord:
    if each.step == "settled":
        return each.record
    record = each.record
    reader = readers.of(record.kind)
    sink.start(record.file_sha256)
    if reader is None:
        report = _unsupported(record.kind)
    else:
        report = _run(reader, record, batch, settings, sink)
        _check_counts(report, sink, record.file_sha256)
    return _outcome(record, report, readers.signature(record.kind, settings), dict(sink.counts))


def _run(
    reader: Reader, record: InputRecord, batch: specs.Batch, settings: Settings, sink: ParquetSink
) -> InputReport:
    allowed = batch.overrides
    context = ReadContext(
        file_sha256=record.file_sha256,
        commit_id=batch.batch_id,
        accept_test_files=settings.accept_test_files or allowed.accept_test_files,
        complete_transactions=allowed.complete_transactions,
        max_segment_bytes=settings.max_segment_bytes,
        max_bad_row_share=1.0 if allowed.accept_bad_rows else settings.max_bad_row_share,
        max_bad_rows_tolerated=settings.max_bad_rows_tolerated,
        profiles_dir=settings.profiles_dir,
        known_partners=() if allowed.accept_test_files else tuple(settings.known_partners),
        exported_at=record.exported_at,
        clinic_id=clinic_of(record.landing_path, record.member_name, settings.clinic_id),
        release_date=release_of(record.landing_path, record.member_name),
    )
    if record.corrections_sha256:
        from ketaclaims.raw.corrections import corrected

        reader = corrected(reader, archive_path(settings, record.corrections_sha256))
    try:
        return reader(archive_path(settings, record.file_sha256), context, sink)
    except _READER_FAULTS as fault:
        # one file that breaks a reader must not stop the others; only the place of the fault is kept
        frame = traceback.extract_tb(fault.__traceback__)[-1]
        place = f"{type(fault).__name__} in {Path(frame.filename).name} line {frame.lineno}"
        message = f"The reader failed on this input ({place}). Report it; a corrected reader reads it again."
        issue = Issue("READER_FAILED", "error", message)
        return InputReport("rejected", record.kind, "", "", rows=dict(sink.counts), issues=(issue,))


def _unsupported(kind: str) -> InputReport:
    message = (
        f"No reader takes {kind} yet. Export the same report as CSV; "
        "this file is kept, and read as soon as there is a reader."
    )
    return InputReport("rejected", kind, "", "", issues=(Issue("UNSUPPORTED_KIND", "error", message),))


def _check_counts(report: InputReport, sink: ParquetSink, file_sha256: str) -> None:
    said = {table: count for table, count in report.rows.items() if count}
    if said != dict(sink.counts):
        raise KetaclaimsError(
            "ROW_COUNT_MISMATCH",
            "The reader's report and the rows it pushed differ: a fault of the reader.",
            where=f"sha256 {file_sha256[:12]}",
            next_step="Report it; nothing of this batch was committed.",
        )


def _outcome(record: InputRecord, report: InputReport, signature: str, rows: dict[str, int]) -> InputRecord:
    rejected = report.status == "rejected"
    first_error = next((issue.code for issue in report.issues if issue.severity == "error"), "REJECTED")
    return record.model_copy(
        update={
            "status": "quarantined" if rejected else "committed",
            "reason_code": first_error if rejected else None,
            "report_status": report.status,
            "reader": report.reader or None,
            "reader_version": report.reader_version or None,
            "profile": report.profile or None,
            "profile_version": report.profile_version or None,
            "read_signature": signature,
            "clinic_ids": tuple(report.clinic_ids),
            "rows": rows,
            "control_totals_cents": dict(report.control_totals_cents),
            "issues": shown(report.issues),
            "issue_count": len(report.issues),
            "quarantined_rows": report.quarantined_rows,
        }
    )
