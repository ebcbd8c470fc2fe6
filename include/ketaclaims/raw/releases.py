"""What people decide: releases, rejections and second readings. All are append-only commits."""

import getpass
import json
import os
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import pyarrow.parquet as pq

from ketaclaims.errors import KetaclaimsError
from ketaclaims.landing.private_files import private_dir
from ketaclaims.landing.register import archive_path
from ketaclaims.raw import specs, store
from ketaclaims.raw.committing import commit, put
from ketaclaims.raw.ledger import Ledger, commit_lock, input_record, open_ledger
from ketaclaims.raw.manifest import Action, InputRecord
from ketaclaims.raw.planning import discard, write_batch
from ketaclaims.raw.reading import read
from ketaclaims.raw.registry import Readers
from ketaclaims.settings import Settings

Decision = Literal["release", "reject"]


@dataclass(frozen=True, slots=True)
class Reread:
    """Outcome of second readings: the commit, if any, and what was refused (sha256, reason code)."""

    commit_number: int | None
    read_count: int
    refused: tuple[tuple[str, str], ...]


def find_sha(ledger: Ledger, prefix: str) -> str:
    """The one input a sha256 prefix names. Raises UNKNOWN_INPUT, AMBIGUOUS_INPUT."""
    found = ledger.rows(
        "select distinct file_sha256 from inputs where file_sha256 >= ? and file_sha256 < ? limit 2",
        (prefix.lower(), prefix.lower() + "~"),
    )
    if len(found) == 1:
        return str(found[0][0])
    code, cause = (
        ("AMBIGUOUS_INPUT", "More than one input begins with this.")
        if found
        else ("UNKNOWN_INPUT", "No input has this sha256.")
    )
    raise KetaclaimsError(code, cause, where="sha256", next_step="`ketaclaims files` lists them.")


def decide_transaction(settings: Settings, prefix: str, st_index: int, action: Decision, reason: str) -> int:
    """Release or reject one transaction (ST) of a committed 835; returns the commit number.

    The newest decision on a transaction counts. Raises UNKNOWN_TRANSACTION, UNKNOWN_INPUT.
    """
    with open_ledger(settings) as ledger:
        sha256 = find_sha(ledger, prefix)
        if st_index not in {index for index, _ in transactions(settings, ledger, sha256)}:
            raise KetaclaimsError(
                "UNKNOWN_TRANSACTION",
                f"The version of this input that counts has no transaction {st_index}.",
                where=f"sha256 {sha256[:12]}",
                next_step="`ketaclaims quarantine list` names the held ones.",
            )
    return _commit_action(
        settings, Action(file_sha256=sha256, st_index=st_index, action=action, reason=reason)
    )


def reject_input(settings: Settings, prefix: str, reason: str) -> int:
    """Reject a whole input: a quarantined one is closed, the rows of a committed one no longer count."""
    with open_ledger(settings) as ledger:
        sha256 = find_sha(ledger, prefix)
    return _commit_action(settings, Action(file_sha256=sha256, st_index=None, action="reject", reason=reason))


def release_input(
    settings: Settings,
    prefix: str,
    reason: str,
    *,
    complete_transactions: bool = False,
    readers: Readers | None = None,
) -> int:
    """Read a quarantined or rejected input again, allowing what a person may allow, and commit it.

    Allowed are: the test flag, any share of bad rows, and with ``complete_transactions`` the whole
    transactions of a truncated file. Raises RELEASE_REFUSED when it still cannot be read, NOT_QUARANTINED.
    """
    with open_ledger(settings) as ledger:
        sha256 = find_sha(ledger, prefix)
        if ledger.active(sha256):
            raise KetaclaimsError(
                "NOT_QUARANTINED",
                "This input is committed and counts.",
                where=f"sha256 {sha256[:12]}",
                next_step="To release one of its held transactions, add --transaction N.",
            )
        record, base_commit = _latest(settings, ledger, sha256), ledger.applied()
    fragments = _read_again(
        settings,
        [record],
        "release",
        base_commit,
        readers,
        actions=(Action(file_sha256=sha256, st_index=None, action="release", reason=reason),),
        overrides=specs.Overrides(
            accept_test_files=True, accept_bad_rows=True, complete_transactions=complete_transactions
        ),
    )
    _refuse_if_rejected(settings, fragments)
    number = commit(settings, fragments)
    assert number is not None  # a release always has its action to commit
    return number


def reread(settings: Settings, prefix: str | None = None, readers: Readers | None = None) -> Reread:
    """Read archived inputs again: the given one, or all whose reader has a newer version by now.

    A better version supersedes by a new commit; one that would be refused now leaves the old one standing.
    """
    readers = readers or Readers()
    with open_ledger(settings) as ledger:
        if prefix:
            records = [_latest(settings, ledger, find_sha(ledger, prefix))]
        else:
            records = list(_outdated(ledger, readers))
        base_commit = ledger.applied()
    if not records:
        return Reread(None, 0, ())
    fragments = _read_again(settings, records, "reread", base_commit, readers)
    refused = tuple(
        (record.file_sha256, str(record.reason_code))
        for record in _outcomes(settings, fragments)
        if record.status == "quarantined"
    )
    return Reread(commit(settings, fragments), len(records), refused)


def transactions(settings: Settings, ledger: Ledger, sha256: str) -> Iterator[tuple[int, str]]:
    """(st_index, transaction_status) of the version of an 835 that counts."""
    files = ledger.rows(
        "select relative_path from data_files join active_inputs using (commit_number)"
        " where file_sha256 = ? and table_name = 'remittance'",
        (sha256,),
    )
    for (relative_path,) in files:
        rows = pq.read_table(
            settings.raw_dir / relative_path,
            columns=["st_index", "transaction_status"],
            filters=[("_file_sha256", "=", sha256)],
        )
        yield from zip(*(column.to_pylist() for column in rows.columns), strict=True)


def record_reveal(settings: Settings, sha256: str) -> None:
    """Append who saw the content of an input, and when, to ``raw/reveals.jsonl``."""
    private_dir(settings.raw_dir)
    entry = {"at": store.utc_now(), "user": getpass.getuser(), "uid": os.getuid(), "file_sha256": sha256}
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
    descriptor = os.open(settings.raw_dir / "reveals.jsonl", flags, 0o600)
    try:
        os.write(descriptor, (json.dumps(entry) + "\n").encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _commit_action(settings: Settings, action: Action) -> int:
    batch_id = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:12]}"
    private_dir(store.inflight_dir(settings, batch_id))
    with commit_lock(settings), open_ledger(settings) as ledger:
        return put(settings, ledger, batch_id, "release", (), (), (action,))


def _latest(settings: Settings, ledger: Ledger, sha256: str) -> InputRecord:
    """The newest reading of an input that has content. Raises NOT_READABLE for a refused path or member."""
    found = ledger.rows(
        "select * from inputs where file_sha256 = ? and status <> 'duplicate'"
        " order by commit_number desc limit 1",
        (sha256,),
    )
    if not found or not archive_path(settings, sha256).exists() or found[0]["kind"] in ("zip", "gzip"):
        raise KetaclaimsError(
            "NOT_READABLE",
            "This was refused without being read: a special file, or an archive or member past its limits.",
            where=f"sha256 {sha256[:12]}",
            next_step="Drop the content as a plain file, or raise the archive limits and run the ingest.",
        )
    return input_record(found[0])


def _outdated(ledger: Ledger, readers: Readers) -> Iterator[InputRecord]:
    for kind in readers.kinds():
        for row in ledger.rows(
            "select * from active_inputs where kind = ? and reader_version is not ? order by file_sha256",
            (kind, readers.version_of(kind) or None),
        ):
            yield input_record(row)


def _read_again(
    settings: Settings,
    records: Sequence[InputRecord],
    mode: Literal["reread", "release"],
    base_commit: int,
    readers: Readers | None,
    *,
    actions: tuple[Action, ...] = (),
    overrides: specs.Overrides | None = None,
) -> list[str]:
    inputs = [specs.SpecInput(step="read", record=record) for record in records]
    kind: Literal["release", "batch"] = "release" if mode == "release" else "batch"
    paths = write_batch(settings, inputs, kind, mode, base_commit, actions=actions, overrides=overrides)
    return [read(settings, path, readers) for path in paths]


def _outcomes(settings: Settings, fragments: Sequence[str]) -> Iterator[InputRecord]:
    for path in fragments:
        if fragment := specs.load(settings, path, specs.Fragment):
            yield from fragment.inputs


def _refuse_if_rejected(settings: Settings, fragments: Sequence[str]) -> None:
    outcome = next(_outcomes(settings, fragments))
    if outcome.status == "quarantined":
        discard(settings, specs.batch_id_of(fragments[0]))
        message = next((issue.message for issue in outcome.issues if issue.code == outcome.reason_code), "")
        raise KetaclaimsError(
            "RELEASE_REFUSED",
            f"It still cannot be loaded: {outcome.reason_code}. {message}",
            where=f"sha256 {outcome.file_sha256[:12]}",
            next_step="Correct it at its source and drop the corrected file.",
        )
