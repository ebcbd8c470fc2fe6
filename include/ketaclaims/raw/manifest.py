"""The manifest of one commit: what it took in, what became of each input, which files hold its rows."""

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ketaclaims.raw.contract import Issue

CommitKind = Literal["batch", "release", "findings", "waiver"]
InputStatus = Literal["committed", "duplicate", "quarantined"]
ISSUES_SHOWN = 50  # of one input in its manifest; every issue is also a row of the input's tables


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True)


class IssueRecord(_Record):
    """One diagnostic as kept in a manifest: code, position and cause, never content."""

    code: str
    severity: str
    message: str
    segment_number: int | None = None
    row_number: int | None = None
    byte_offset: int | None = None
    element: str | None = None

    @classmethod
    def of(cls, issue: Issue) -> "IssueRecord":
        """The record of an issue."""
        return cls(**{name: getattr(issue, name) for name in cls.model_fields})


class InputRecord(_Record):
    """One input of a commit and its end. ``landing_*`` name where it was dropped; names may hold PHI."""

    file_sha256: str
    kind: str
    status: InputStatus
    reason_code: str | None = None  # why it is quarantined
    report_status: str | None = None  # clean | warned | held | rejected, as the reader said
    reader: str | None = None
    reader_version: str | None = None
    profile: str | None = None
    profile_version: str | None = None
    read_signature: str | None = (
        None  # hash of reader version and options: another one earns a second reading
    )
    landing_path: str | None = None
    landing_size_bytes: int | None = None
    landing_mtime_ns: int | None = None
    container_sha256: str | None = None
    member_name: str | None = None
    exported_at: str | None = None
    corrections_sha256: str | None = None  # archived rows a person corrected, read in place of its own
    size_bytes: int = 0
    clinic_ids: tuple[str, ...] = ()
    rows: dict[str, int] = {}
    control_totals_cents: dict[str, int] = {}
    issues: tuple[IssueRecord, ...] = ()
    issue_count: int = 0
    quarantined_rows: int = 0


class DataFile(_Record):
    """One Parquet file of a commit; ``relative_path`` is below the raw folder."""

    table_name: str
    relative_path: str
    row_count: int


class Action(_Record):
    """A person's decision on a whole input (``st_index`` is None) or on one transaction of it."""

    file_sha256: str
    st_index: int | None
    action: Literal["release", "reject"]
    reason: str


class Manifest(_Record):
    """One commit. Its presence under its number is the commit; nothing changes it afterwards."""

    commit: int
    commit_id: str
    kind: CommitKind
    committed_at: str
    inputs: tuple[InputRecord, ...] = ()
    data_files: tuple[DataFile, ...] = ()
    actions: tuple[Action, ...] = ()


def shown(issues: Iterable[Issue]) -> tuple[IssueRecord, ...]:
    """The issues a manifest keeps: errors first, then in order."""
    ranked = sorted(issues, key=lambda issue: issue.severity != "error")
    return tuple(IssueRecord.of(issue) for issue in ranked[:ISSUES_SHOWN])
