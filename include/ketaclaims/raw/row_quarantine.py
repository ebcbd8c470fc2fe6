"""Single rows in quarantine: which wait, handed to a person for correction, and taken back corrected."""

import csv
import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from ketaclaims.errors import KetaclaimsError
from ketaclaims.landing.private_files import create_private, private_dir, write_private
from ketaclaims.landing.register import archive_path
from ketaclaims.raw import specs
from ketaclaims.raw.committing import commit
from ketaclaims.raw.corrections import CORRECTABLE_KINDS, ROW_NUMBER, parse, read_head, render
from ketaclaims.raw.ledger import Ledger, open_ledger
from ketaclaims.raw.manifest import Action, InputRecord
from ketaclaims.raw.planning import write_batch
from ketaclaims.raw.reading import read
from ketaclaims.raw.registry import Readers
from ketaclaims.raw.releases import find_sha, record_reveal
from ketaclaims.settings import Settings

FILE = "_file_sha256"
REASON = ("_column", "_reason", "_message")
TEXT = "_record_text"  # of a row that cannot be split into the columns
_CONTROL = (FILE, ROW_NUMBER, *REASON)


@dataclass(frozen=True, slots=True)
class QuarantinedRow:
    """A row of an export that was not loaded: where it stands and why. Never its content."""

    sha256: str
    row_number: int
    table_name: str
    column_name: str | None
    reason_code: str
    message: str


@dataclass(frozen=True, slots=True)
class Replay:
    """What a correction did: the commit (None: nothing new), rows now loaded, rows still bad of the file."""

    commit_number: int | None
    released_count: int
    still_quarantined_count: int


def waiting_rows(settings: Settings, prefix: str | None = None) -> list[QuarantinedRow]:
    """Rows in quarantine of the inputs that count, or of one of them, in order of commit and row."""
    with open_ledger(settings) as ledger:
        sha256 = find_sha(ledger, prefix) if prefix else None
        records = _records(settings, ledger, sha256)
    return [QuarantinedRow(**{name: row[key] for name, key in _SHOWN.items()}) for row in records]


_SHOWN = {
    "sha256": "_file_sha256",
    "row_number": "_row_number",
    "table_name": "table_name",
    "column_name": "column_name",
    "reason_code": "reason_code",
    "message": "message",
}


def _records(settings: Settings, ledger: Ledger, sha256: str | None) -> list[dict[str, Any]]:
    """Rows of ``quarantined_record`` that stand, with their content."""
    found = ledger.rows(
        "select file_sha256, relative_path from active_inputs join data_files using (commit_number)"
        " where table_name = 'quarantined_record' and quarantined_rows > 0"
        " and file_sha256 = coalesce(?, file_sha256) order by commit_number, file_sha256",
        (sha256,),
    )
    records: list[dict[str, Any]] = []
    for file_sha256, relative_path in found:
        rows = pq.read_table(settings.raw_dir / relative_path, filters=[(FILE, "=", file_sha256)])
        records += sorted(rows.to_pylist(), key=lambda row: row[ROW_NUMBER])
    return records


def export_rows(settings: Settings, prefix: str, target: Path | None = None) -> tuple[Path, int]:
    """Write the quarantined rows of one input as CSV for correction: PHI, readable by this user only.

    Columns: where the row stands and why it is bad, the columns of the original, and the row's text where
    it does not fit them. Recorded like any other reveal. Raises NOT_CORRECTABLE, NOTHING_QUARANTINED,
    FILE_EXISTS.
    """
    with open_ledger(settings) as ledger:
        record = _correctable(ledger, find_sha(ledger, prefix))
        rows = _records(settings, ledger, record.file_sha256)
    if not rows:
        raise KetaclaimsError(
            "NOTHING_QUARANTINED",
            "No row of this input is in quarantine.",
            where=f"sha256 {record.file_sha256[:12]}",
            next_step="`ketaclaims quarantine rows` lists those that are.",
        )
    names = read_head(archive_path(settings, record.file_sha256), settings.profiles_dir).names
    path = target or settings.data_root / "quarantine" / f"{record.file_sha256[:12]}.csv"
    record_reveal(settings, record.file_sha256)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*_CONTROL, *names, TEXT])
    writer.writerows(_exported(row, len(names)) for row in rows)
    _write_new(path, out.getvalue().encode("utf-8"))
    return path, len(rows)


def _exported(row: Mapping[str, Any], width: int) -> list[str]:
    try:
        fields = next(csv.reader([row["record_text"]]), [])
    except csv.Error:  # text that could not be split the first time
        fields = []
    reason = [row["column_name"] or "", row["reason_code"], row["message"]]
    known = [*fields, ""] if len(fields) == width else [*[""] * width, row["record_text"]]
    return [row[FILE], str(row[ROW_NUMBER]), *reason, *known]


def _write_new(path: Path, content: bytes) -> None:
    private_dir(path.parent)
    try:
        with create_private(path) as out:
            out.write(content)
    except FileExistsError:
        raise KetaclaimsError(
            "FILE_EXISTS",
            "The file is there already and may hold corrections.",
            where=str(path),
            next_step="Move it away, or name another with --out.",
        ) from None


def _correctable(ledger: Ledger, sha256: str) -> InputRecord:
    record = ledger.active(sha256)
    if record is None or record.kind not in CORRECTABLE_KINDS:
        cause = (
            "This input does not count, so none of its rows is in quarantine."
            if record is None
            else f"Rows of {record.kind} inputs cannot be corrected one by one."
        )
        raise KetaclaimsError(
            "NOT_CORRECTABLE",
            cause,
            where=f"sha256 {sha256[:12]}",
            next_step="Release it first (`ketaclaims quarantine release`), or drop a corrected export.",
        )
    return record


def correct(settings: Settings, corrections: Path, reason: str, readers: Readers | None = None) -> Replay:
    """Take corrected rows in place of the quarantined ones of their input, in one append-only commit.

    The input is read again from the archive with the rows put in; its new version supersedes the old one.
    Rows that are not in quarantine any more, and those left empty, are passed over; nothing new, no commit.
    Raises BAD_CORRECTIONS, NOT_CORRECTABLE, UNKNOWN_INPUT.
    """
    with open_ledger(settings) as ledger:
        named, names, given = _read_corrections(corrections)
        sha256 = find_sha(ledger, named)
        record, base_commit = _correctable(ledger, sha256), ledger.applied()
        waiting = {row[ROW_NUMBER] for row in _records(settings, ledger, sha256)}
    if names != read_head(archive_path(settings, sha256), settings.profiles_dir).names:
        raise _bad_corrections(1, "The columns differ from those of the export")
    earlier = _earlier(settings, record)
    rows = {**earlier, **{number: fields for number, fields in given.items() if number in waiting}}
    if rows == earlier:
        return Replay(None, 0, len(waiting))
    content = render(names, rows)
    archived = hashlib.sha256(content).hexdigest()
    write_private(_archive_slot(settings, archived), content)
    record = record.model_copy(update={"corrections_sha256": archived})
    # the input counts already: whoever released it despite its bad rows need not do so again
    paths = write_batch(
        settings,
        [specs.SpecInput(step="read", record=record)],
        "release",
        "release",
        base_commit,
        actions=(Action(file_sha256=sha256, st_index=None, action="release", reason=reason),),
        overrides=specs.Overrides(accept_bad_rows=True),
    )
    fragments = [read(settings, path, readers) for path in paths]
    number = commit(settings, fragments)
    left = len(waiting_rows(settings, sha256))
    return Replay(number, len(waiting) - left, left)


def _earlier(settings: Settings, record: InputRecord) -> dict[int, tuple[str, ...]]:
    if record.corrections_sha256 is None:
        return {}
    return parse(archive_path(settings, record.corrections_sha256).read_bytes())


def _archive_slot(settings: Settings, sha256: str) -> Path:
    path = archive_path(settings, sha256)
    private_dir(path.parent)
    return path


def _read_corrections(path: Path) -> tuple[str, tuple[str, ...], dict[int, tuple[str, ...]]]:
    """sha256 of the input, its columns, corrected fields by row number; rows left empty are passed over."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise _bad_corrections(1, "The file cannot be read as UTF-8") from None
    table = list(csv.reader(io.StringIO(text, newline="")))
    if not table or tuple(table[0][: len(_CONTROL)]) != _CONTROL or table[0][-1] != TEXT:
        raise _bad_corrections(1, "The header is not that of `ketaclaims quarantine export`")
    names = tuple(table[0][len(_CONTROL) : -1])
    hashes: set[str] = set()
    rows: dict[int, tuple[str, ...]] = {}
    for at, cells in enumerate(table[1:], start=2):
        if not any(cells):
            continue
        if len(cells) != len(table[0]):
            raise _bad_corrections(at, "The row has more or fewer fields than the header")
        number = _row_number(at, cells[1])
        if number in rows:
            raise _bad_corrections(at, "The same row of the export stands here twice")
        hashes.add(cells[0])
        fields = cells[len(_CONTROL) : -1]
        if any(fields):
            rows[number] = tuple(fields)
    if len(hashes) != 1:
        raise _bad_corrections(2, "The rows are not those of one input")
    return hashes.pop(), names, rows


def _row_number(at: int, text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise _bad_corrections(at, f"{ROW_NUMBER} is not a number")
    return int(text)


def _bad_corrections(at: int, cause: str) -> KetaclaimsError:
    return KetaclaimsError(
        "BAD_CORRECTIONS",
        f"{cause}.",
        where=f"row {at}",
        next_step="Use the file `ketaclaims quarantine export` wrote, as CSV in UTF-8, with its columns.",
    )
