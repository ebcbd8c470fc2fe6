"""What people may see of the raw store: the end of every input, and what waits for a decision."""

from collections.abc import Iterator
from dataclasses import dataclass

from ketaclaims.landing.register import archive_path
from ketaclaims.raw import store
from ketaclaims.raw.ledger import Ledger
from ketaclaims.raw.manifest import InputRecord, IssueRecord
from ketaclaims.raw.releases import transactions
from ketaclaims.settings import Settings

REVEALED_BYTES = 2_000


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
    """What waits for a decision: a whole input (no ``st_index``) or one held transaction."""

    sha256: str
    st_index: int | None
    kind: str
    reason_code: str
    since: str


def list_files(ledger: Ledger, status: str | None = None) -> list[FileRow]:
    """Every input a feed delivered, oldest commit first."""
    where = "and inputs.status = ?" if status else ""
    rows = ledger.rows(
        "select file_sha256, inputs.kind, status, reason_code, row_count, committed_at, landing_path,"
        " member_name"
        f" from inputs join commits using (commit_number) where commits.kind in ('batch', 'release') {where}"
        " order by commit_number, ordinal",
        (status,) if status else (),
    )
    return [FileRow(*row) for row in rows]


def list_waiting(settings: Settings, ledger: Ledger) -> Iterator[WaitingRow]:
    """Quarantined inputs nobody has rejected, then held transactions nobody has decided on."""
    for row in ledger.rows(
        "select file_sha256, quarantined_inputs.kind, reason_code, committed_at from quarantined_inputs"
        " join commits using (commit_number) where decision is not 'reject' order by commit_number, ordinal"
    ):
        yield WaitingRow(row["file_sha256"], None, row["kind"], row["reason_code"], row["committed_at"])
    for row in ledger.rows(
        "select file_sha256, active_inputs.kind, committed_at from active_inputs"
        " join commits using (commit_number) where report_status = 'held' order by commit_number, ordinal"
    ):
        sha256 = row["file_sha256"]
        decided = ledger.rows("select distinct st_index from actions where file_sha256 = ?", (sha256,))
        known = {decision[0] for decision in decided}
        for st_index, status in transactions(settings, ledger, sha256):
            if status == "held" and st_index not in known:
                yield WaitingRow(sha256, st_index, row["kind"], "HELD", row["committed_at"])


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


def content_near(settings: Settings, sha256: str, issues: tuple[IssueRecord, ...]) -> str:
    """Some content of an input around its first issue with a byte position, else its beginning. PHI."""
    offset = next((issue.byte_offset for issue in issues if issue.byte_offset is not None), 0)
    path = archive_path(settings, sha256)
    if not path.exists():
        return ""
    with path.open("rb") as source:
        source.seek(max(0, offset - REVEALED_BYTES // 2))
        return source.read(REVEALED_BYTES).decode("utf-8", errors="backslashreplace")
