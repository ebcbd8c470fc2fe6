"""Planning a batch: what is new or worth a second reading, and which process reads what."""

import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from ketaclaims.errors import KetaclaimsError
from ketaclaims.landing.classify import Feed, feed_of
from ketaclaims.landing.find import LandingFile, find_new
from ketaclaims.landing.private_files import private_dir, sweep_work_dirs, work_dir, write_private
from ketaclaims.landing.register import (
    FoundInput,
    Registration,
    archive_path,
    describe,
    make_durable,
    register,
    work_parent,
)
from ketaclaims.locks import held
from ketaclaims.raw import specs, store
from ketaclaims.raw.ledger import Ledger, input_record, open_ledger
from ketaclaims.raw.manifest import Action, CommitKind, InputRecord, IssueRecord
from ketaclaims.raw.moved import moved_to_clinic
from ketaclaims.raw.registry import ARCHIVE_KINDS, Readers
from ketaclaims.settings import Settings

LANDING_LOCK_WAIT_SECONDS = 900.0
REGISTERED_TOGETHER = 200


def plan(
    settings: Settings,
    feed: Feed,
    readers: Readers | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> list[str]:
    """Find, hash and archive new files; write the work lists of one feed. Returns their paths below raw.

    An empty list means nothing is new. Raises LANDING_MISSING, LANDING_UNREADABLE, STORE_UNWRITABLE, LOCKED.
    """
    readers = readers or Readers()
    _preflight(settings)
    with (
        held(
            settings.raw_dir / ".landing.lock", "The landing folder", wait_seconds=LANDING_LOCK_WAIT_SECONDS
        ),
        open_ledger(settings) as ledger,
    ):
        sweep(settings, ledger)
        _register(settings, ledger, find_new(settings, ledger.is_known_landing, sleep))
        _unpack_again(settings, ledger, readers)
        base_commit = ledger.applied()
        inputs = list(_new_inputs(settings, ledger, readers, feed))
        taken = {each.record.file_sha256 for each in inputs if each.step == "read"}
        inputs += _retries(settings, ledger, readers, feed, taken)
    return write_batch(settings, inputs, "batch", "feed", base_commit) if inputs else []


def _preflight(settings: Settings) -> None:
    """Refuse before anything is written where it could not be."""
    for folder in (settings.raw_dir, settings.archive_dir):
        try:
            writable = os.access(private_dir(folder), os.W_OK | os.X_OK)
        except OSError:
            writable = False
        if not writable:
            raise KetaclaimsError(
                "STORE_UNWRITABLE",
                "The folder cannot be written: missing permission, or a read-only or full disk.",
                where=str(folder),
                next_step="Correct it, then run again; nothing was written.",
            )


def _register(settings: Settings, ledger: Ledger, new: Sequence[LandingFile]) -> None:
    """Archive and remember new files, some at a time: a killed run keeps what it has done."""
    for start in range(0, len(new), REGISTERED_TOGETHER):
        together = [
            registration
            for found in new[start : start + REGISTERED_TOGETHER]
            if (registration := register(found, settings, ledger.is_known_sha))
        ]
        make_durable(settings, together)
        with ledger.transaction():
            for registration in together:
                ledger.register(registration)


def sweep(settings: Settings, ledger: Ledger) -> None:
    """Remove what dead processes left: scratch folders, markers of committed batches, old stray batches."""
    sweep_work_dirs(work_parent(settings))
    inflight = settings.raw_dir / "inflight"
    if not inflight.is_dir():
        return
    oldest = time.time() - settings.stray_after_hours * 3600
    for folder in list(inflight.iterdir()):
        if ledger.commit_number(folder.name) is not None:
            shutil.rmtree(folder, ignore_errors=True)
        elif _last_sign_of_life(folder) < oldest:
            discard(settings, folder.name)


def discard(settings: Settings, batch_id: str) -> None:
    """Remove an uncommitted batch: first its rows, then its marker."""
    shutil.rmtree(store.data_dir(settings, batch_id), ignore_errors=True)
    shutil.rmtree(store.inflight_dir(settings, batch_id), ignore_errors=True)


def _last_sign_of_life(folder: Path) -> float:
    try:
        return max(path.stat().st_mtime for path in (folder, *folder.iterdir()))
    except FileNotFoundError:
        return time.time()  # changing right now


def _new_inputs(
    settings: Settings, ledger: Ledger, readers: Readers, feed: Feed
) -> Iterator[specs.SpecInput]:
    """Every input of the feed's registered files; bytes dealt with before, or above, are duplicates."""
    seen: set[str] = set()
    for registration in ledger.registered(feed):
        inputs = registration.inputs
        moved = moved_to_clinic(ledger, registration) if registration.file_sha256 not in seen else []
        if moved:
            yield from (specs.SpecInput(step="read", record=record) for record in moved)
            seen |= {registration.file_sha256, *(record.file_sha256 for record in moved)}
            continue
        if not inputs or registration.file_sha256 in seen:
            again = FoundInput(
                file_sha256=registration.file_sha256,
                kind=registration.kind,
                size_bytes=registration.landing_size_bytes,
            )
            yield specs.SpecInput(step="settled", record=_record(registration, again, status="duplicate"))
            continue
        for found in inputs:
            if found.reject_code:
                yield specs.SpecInput(step="settled", record=_refusal(registration, found, readers, settings))
            elif found.file_sha256 in seen or ledger.is_known_sha(found.file_sha256):
                record = _record(registration, found, status="duplicate")
                yield specs.SpecInput(step="settled", record=record)
            else:
                yield specs.SpecInput(step="read", record=_record(registration, found, status="committed"))
            seen.add(found.file_sha256)
        seen.add(registration.file_sha256)


def _record(
    registration: Registration, found: FoundInput, status: Literal["committed", "duplicate", "quarantined"]
) -> InputRecord:
    return InputRecord(
        file_sha256=found.file_sha256,
        kind=found.kind,
        status=status,
        landing_path=registration.landing_path,
        landing_size_bytes=registration.landing_size_bytes,
        landing_mtime_ns=registration.landing_mtime_ns,
        container_sha256=registration.file_sha256 if registration.is_container else None,
        member_name=found.member_name,
        exported_at=found.exported_at,
        size_bytes=found.size_bytes,
    )


def _refusal(
    registration: Registration, found: FoundInput, readers: Readers, settings: Settings
) -> InputRecord:
    issue = IssueRecord(code=str(found.reject_code), severity="error", message=str(found.reject_message))
    signature = readers.signature(found.kind, settings) if found.kind in ARCHIVE_KINDS else None
    record = _record(registration, found, status="quarantined")
    return record.model_copy(
        update={
            "reason_code": found.reject_code,
            "issues": (issue,),
            "issue_count": 1,
            "read_signature": signature,
            "container_sha256": None if found.kind in ARCHIVE_KINDS else record.container_sha256,
        }
    )


def _changed_quarantine(
    settings: Settings, ledger: Ledger, readers: Readers, kinds: Iterable[str]
) -> Iterator[InputRecord]:
    """Quarantined inputs whose reader or options are no longer those that refused them."""
    for kind in kinds:
        for row in ledger.rows(
            "select * from quarantined_inputs where kind = ? and read_signature is not ?"
            " and decision is not 'reject' order by landing_path, file_sha256",
            (kind, readers.signature(kind, settings)),
        ):
            yield input_record(row)


def _retries(
    settings: Settings, ledger: Ledger, readers: Readers, feed: Feed, taken: Set[str]
) -> Iterator[specs.SpecInput]:
    kinds = [kind for kind in readers.kinds() if feed_of(kind) == feed]
    for record in _changed_quarantine(settings, ledger, readers, kinds):
        is_kept = archive_path(settings, record.file_sha256).exists()  # retention may have ended
        if is_kept and record.file_sha256 not in taken:
            yield specs.SpecInput(step="read", record=record)


def _unpack_again(settings: Settings, ledger: Ledger, readers: Readers) -> None:
    """Archives refused under other limits are unpacked anew from their archived copy."""
    for record in _changed_quarantine(settings, ledger, readers, ARCHIVE_KINDS):
        key = (str(record.landing_path), record.landing_size_bytes or 0, record.landing_mtime_ns or 0)
        original = archive_path(settings, record.file_sha256)
        if ledger.is_registered(key) or not original.exists():
            continue
        with work_dir(work_parent(settings)) as scratch:
            found = LandingFile(key[0], original, key[1], key[2])
            registration = describe(found, record.file_sha256, original, scratch, settings, lambda _: False)
            make_durable(settings, [registration])
            ledger.register(registration)


def write_batch(
    settings: Settings,
    inputs: Sequence[specs.SpecInput],
    kind: CommitKind,
    mode: Literal["feed", "reread", "release"],
    base_commit: int,
    *,
    actions: tuple[Action, ...] = (),
    overrides: specs.Overrides | None = None,
) -> list[str]:
    """Write the work lists of a batch; its description comes last, so a half-written batch is none."""
    batch_id = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:12]}"
    private_dir(store.inflight_dir(settings, batch_id))
    paths = []
    for number, group in enumerate(_groups(inputs, settings.read_batch_bytes)):
        spec = specs.Spec(batch_id=batch_id, worker=f"{number:04d}", inputs=group)
        paths.append(specs.spec_path(batch_id, spec.worker))
        write_private(settings.raw_dir / paths[-1], spec.model_dump_json(exclude_defaults=True).encode())
    batch = specs.Batch(
        batch_id=batch_id,
        kind=kind,
        mode=mode,
        base_commit=base_commit,
        specs=tuple(paths),
        actions=actions,
        overrides=overrides or specs.Overrides(),
    )
    write_private(specs.batch_path(settings, batch_id), batch.model_dump_json().encode())
    return paths


def _groups(inputs: Sequence[specs.SpecInput], most_bytes: int) -> Iterator[tuple[specs.SpecInput, ...]]:
    """Inputs in order, cut where the bytes to read would exceed ``most_bytes``; a large one stands alone."""
    group: list[specs.SpecInput] = []
    size = 0
    for each in inputs:
        cost = each.record.size_bytes if each.step == "read" else 0
        if group and size + cost > most_bytes:
            yield tuple(group)
            group, size = [], 0
        group.append(each)
        size += cost
    yield tuple(group)
