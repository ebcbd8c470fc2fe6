"""What people may see of the raw store: the end of every input, and what waits for a decision."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import duckdb

from ketaclaims.landing.register import archive_path
from ketaclaims.raw import store
from ketaclaims.raw.ledger import Ledger
from ketaclaims.raw.manifest import InputRecord, IssueRecord
from ketaclaims.raw.releases import transactions
from ketaclaims.settings import Settings
from ketaclaims.x12.diagnostics import DIAGNOSTICS

REVEALED_BYTES = 2_000
CONFLICTS = (
    "select _file_sha256, st_index from intermediate.int_remit__payments where held_reason = 'CONFLICT'"
)


@dataclass(frozen=True, slots=True)
class FileRow:
    """One input and its end. ``landing_path`` may hold PHI."""

    sha256: str
    kind: str
    status: str
    reason_code: str | None
    row_count: int
    committed_at: str
    landing_path: str | None
    member_name: str | None


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """What a person should look at: a whole input, one held transaction (``st_index``), or single rows."""

    sha256: str
    st_index: int | None
    kind: str
    reason_code: str
    row_count: int | None
    since: str


def list_files(ledger: Ledger, status: str | None = None) -> list[FileRow]:
    """The newest end of every input a feed delivered, once per place it was found, oldest commit first."""
    rows = ledger.rows(
        "select file_sha256, kind, status, reason_code, row_count, committed_at, landing_path, member_name"
        " from (select inputs.*, committed_at, row_number() over ("
        "  partition by file_sha256, landing_path, member_name order by commit_number desc, ordinal desc"
        " ) as recency"
        " from inputs join commits using (commit_number) where commits.kind in ('batch', 'release'))"
        " where recency = 1 and status = coalesce(?, status) order by commit_number, ordinal",
        (status,),
    )
    return [FileRow(*row) for row in rows]


def list_waiting(settings: Settings, ledger: Ledger) -> Iterator[WaitingRow]:
    """Quarantined inputs nobody has rejected, held transactions nobody has decided on, quarantined rows."""
    for row in ledger.rows(
        "select file_sha256, quarantined_inputs.kind, reason_code, committed_at from quarantined_inputs"
        " join commits using (commit_number) where decision is not 'reject' order by commit_number, ordinal"
    ):
        yield WaitingRow(row["file_sha256"], None, row["kind"], row["reason_code"], None, row["committed_at"])
    conflicts = _conflicts(settings)
    for row in ledger.rows(
        "select file_sha256, active_inputs.kind, committed_at, quarantined_rows from active_inputs"
        " join commits using (commit_number) order by commit_number, ordinal"
    ):
        sha256, kind, since = row["file_sha256"], row["kind"], row["committed_at"]
        for st_index, reason in _held(settings, ledger, sha256, conflicts.get(sha256, ())):
            yield WaitingRow(sha256, st_index, kind, reason, None, since)
        if row["quarantined_rows"]:
            yield WaitingRow(sha256, None, kind, "BAD_ROWS", row["quarantined_rows"], since)


def _held(
    settings: Settings, ledger: Ledger, sha256: str, conflicts: Iterable[int]
) -> Iterator[tuple[int, str]]:
    """Transactions of an active 835 held by the reader or by a conflict, and not decided on."""
    reading = last_reading(settings, ledger, sha256)
    held = dict.fromkeys(conflicts, "CONFLICT")
    if reading.report_status == "held":
        reason = next((issue.code for issue in reading.issues if issue.severity == "error"), "HELD")
        held |= {st: reason for st, status in transactions(settings, ledger, sha256) if status == "held"}
    decided = {row[0] for row in ledger.rows("select st_index from actions where file_sha256 = ?", (sha256,))}
    yield from sorted((st_index, reason) for st_index, reason in held.items() if st_index not in decided)


def _conflicts(settings: Settings) -> dict[str, list[int]]:
    """Held by comparison with other files: sha256 -> st_index, as the last build of the warehouse saw it."""
    if not settings.warehouse_file.exists():
        return {}
    with duckdb.connect(str(settings.warehouse_file), read_only=True) as connection:
        try:
            rows = connection.execute(CONFLICTS).fetchall()
        except duckdb.CatalogException:  # nothing built yet
            return {}
    found: dict[str, list[int]] = {}
    for sha256, st_index in rows:
        found.setdefault(sha256, []).append(st_index)
    return found


def last_reading(settings: Settings, ledger: Ledger, sha256: str) -> InputRecord:
    """The newest end of an input with its issues, from the manifest."""
    row = ledger.rows(
        "select commit_number, ordinal from inputs where file_sha256 = ?"
        " order by status = 'duplicate', commit_number desc limit 1",
        (sha256,),
    )[0]
    manifest = store.read_manifest(settings, row["commit_number"])
    assert manifest is not None  # the ledger only knows commits that exist
    record: InputRecord = manifest.inputs[row["ordinal"]]
    return record


def issue_text(issue: IssueRecord) -> str:
    """One issue as people read it: code, position, cause and, for an 835, what to do. Never content."""
    places = {"segment": issue.segment_number, "row": issue.row_number, "byte": issue.byte_offset}
    place = ", ".join(f"{name} {number}" for name, number in places.items() if number is not None)
    element = f" ({issue.element})" if issue.element else ""
    known = DIAGNOSTICS.get(issue.code)
    advice = f"\n    {known.action}" if known else ""
    return f"{issue.severity}: {issue.code} at {place or 'the whole input'}{element}: {issue.message}{advice}"


def content_near(settings: Settings, sha256: str, issues: tuple[IssueRecord, ...]) -> str:
    """Some content of an input around its first issue with a byte position, else its beginning. PHI."""
    offset = next((issue.byte_offset for issue in issues if issue.byte_offset is not None), 0)
    path = archive_path(settings, sha256)
    if not path.exists():
        return ""
    with path.open("rb") as source:
        source.seek(max(0, offset - REVEALED_BYTES // 2))
        return source.read(REVEALED_BYTES).decode("utf-8", errors="backslashreplace")
