"""The one committer: fragments of a batch become one manifest, or nothing."""

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ketaclaims.errors import KetaclaimsError
from ketaclaims.raw import specs, store
from ketaclaims.raw.ledger import Ledger, commit_lock, open_ledger
from ketaclaims.raw.manifest import Action, CommitKind, DataFile, InputRecord, Manifest
from ketaclaims.raw.planning import discard
from ketaclaims.settings import Settings


def commit(settings: Settings, fragments: Sequence[str]) -> int | None:
    """Commit a batch; returns its number, or None when there is nothing to commit.

    The same batch twice is one commit. Inputs that another batch has committed since this one was planned
    are left out. Raises BATCH_INCOMPLETE, BATCH_GONE, DATA_FILE_WRONG, LOCKED.
    """
    if not fragments:
        return None
    batch_ids = {specs.batch_id_of(fragment) for fragment in fragments}
    if len(batch_ids) > 1:
        raise KetaclaimsError("BAD_SPEC", "The fragments are of different batches.")
    batch_id = batch_ids.pop()
    with commit_lock(settings), open_ledger(settings) as ledger:
        number = ledger.commit_number(batch_id)
        if number is None:
            number = _commit(settings, ledger, batch_id, fragments)
        else:
            shutil.rmtree(store.inflight_dir(settings, batch_id), ignore_errors=True)
        return number


def _commit(settings: Settings, ledger: Ledger, batch_id: str, fragments: Sequence[str]) -> int | None:
    batch, parts = _load(settings, batch_id, fragments)
    kept = [(part, _settled_anew(ledger, batch, part.inputs)) for part in parts]
    inputs = [record for _, records in kept for record in records]
    if not inputs and not batch.actions:
        discard(settings, batch_id)
        return None
    files = [
        file
        for part, records in kept
        if any(record.status != "duplicate" for record in records)
        for file in part.data_files
    ]
    for file in files:
        verify(settings, file)
    number = put(settings, ledger, batch_id, batch.kind, inputs, files, batch.actions)
    _remove_other_attempts(settings, batch_id, files)
    return number


def put(
    settings: Settings,
    ledger: Ledger,
    batch_id: str,
    kind: CommitKind,
    inputs: Sequence[InputRecord],
    files: Sequence[DataFile],
    actions: Sequence[Action] = (),
) -> int:
    """Put the manifest under the next free number, apply it to the ledger and end the batch's flight."""
    while True:
        number = ledger.catch_up() + 1
        manifest = Manifest(
            commit=number,
            commit_id=batch_id,
            kind=kind,
            committed_at=store.utc_now(),
            inputs=tuple(inputs),
            data_files=tuple(files),
            actions=tuple(actions),
        )
        if store.put_if_absent(settings, manifest):
            break
    ledger.catch_up()
    shutil.rmtree(store.inflight_dir(settings, batch_id), ignore_errors=True)
    return number


def verify(settings: Settings, file: DataFile) -> None:
    """A file named in a manifest exists and holds the rows it should. Raises DATA_FILE_WRONG."""
    path = settings.raw_dir / file.relative_path
    try:
        found = pq.read_metadata(path).num_rows
    except (OSError, pa.ArrowException):
        found = None
    if found != file.row_count:
        state = "is missing or unreadable" if found is None else f"holds {found} rows"
        raise KetaclaimsError(
            "DATA_FILE_WRONG",
            f"The file {state}; {file.row_count} rows were written.",
            where=f"raw/{file.relative_path}",
            next_step="Check the disk, then run the ingest again; nothing was committed.",
        )


def _load(
    settings: Settings, batch_id: str, fragments: Sequence[str]
) -> tuple[specs.Batch, list[specs.Fragment]]:
    batch = specs.load_batch(settings, batch_id)
    if batch is None:
        raise KetaclaimsError(
            "BATCH_GONE",
            "The batch is neither in flight nor committed: it was swept as stray.",
            where=f"batch {batch_id}",
            next_step="Run the ingest again; its inputs are found anew.",
        )
    expected = {spec.replace(".spec.json", ".fragment.json") for spec in batch.specs}
    found = {each: specs.load(settings, each, specs.Fragment) for each in sorted(set(fragments) & expected)}
    parts = [part for part in found.values() if part is not None]
    if len(parts) != len(expected) or not set(fragments) <= expected:
        raise KetaclaimsError(
            "BATCH_INCOMPLETE",
            f"{len(parts)} of {len(expected)} work lists have been read.",
            where=f"batch {batch_id}",
            next_step="Let the remaining reading tasks end, then commit again.",
        )
    return batch, parts


def _settled_anew(ledger: Ledger, batch: specs.Batch, records: Iterable[InputRecord]) -> list[InputRecord]:
    """The records as they stand now: without what others have committed since the batch was planned."""
    if batch.mode == "release":
        return list(records)
    kept = []
    for record in records:
        if batch.mode == "reread":
            if _is_better_version(ledger, record):
                kept.append(record)
        elif not _ended_since(ledger, batch, record, same_place=True):
            other = _ended_since(ledger, batch, record, same_place=False)
            kept.append(_as_duplicate(record) if other and record.status != "duplicate" else record)
    return kept


def _ended_since(ledger: Ledger, batch: specs.Batch, record: InputRecord, *, same_place: bool) -> bool:
    place = (
        " and (landing_path, landing_size_bytes, landing_mtime_ns) = (?, ?, ?) and member_name is ?"
        if same_place
        else " and status <> 'duplicate'"
    )
    key = (record.landing_path, record.landing_size_bytes, record.landing_mtime_ns, record.member_name)
    return ledger.has(
        f"select 1 from inputs where file_sha256 = ? and commit_number > ?{place}",
        (record.file_sha256, batch.base_commit, *(key if same_place else ())),
    )


def _is_better_version(ledger: Ledger, record: InputRecord) -> bool:
    """A second reading counts if it is good, and its reader or profile another than the counted one's."""
    active = ledger.active(record.file_sha256)
    return record.status == "committed" and (
        active is None
        or (active.reader_version, active.profile_version) != (record.reader_version, record.profile_version)
    )


def _as_duplicate(record: InputRecord) -> InputRecord:
    names = (
        "file_sha256", "kind", "landing_path", "landing_size_bytes", "landing_mtime_ns", "container_sha256",
        "member_name", "exported_at", "size_bytes",
    )  # fmt: skip
    return InputRecord(status="duplicate", **{name: getattr(record, name) for name in names})


def _remove_other_attempts(settings: Settings, batch_id: str, files: Iterable[DataFile]) -> None:
    named = {Path(file.relative_path).parent.name for file in files}
    folder = store.data_dir(settings, batch_id)
    if folder.is_dir():
        for attempt in list(folder.iterdir()):
            if attempt.name not in named:
                shutil.rmtree(attempt, ignore_errors=True)
