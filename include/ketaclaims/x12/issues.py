"""Collects the diagnostics of one file: each becomes a row, the first of each code are reported too."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ketaclaims.raw.contract import Issue, Severity
from ketaclaims.x12.diagnostics import DIAGNOSTICS, Diagnostic
from ketaclaims.x12.rows import Row

SHOWN_PER_CODE = 50
_GRAVITY: dict[str, int] = {"info": 0, "warning": 1, "error": 2}


class Place(NamedTuple):
    """A position in the file: segment from 1, byte from 0; indexes as in the tables."""

    segment_number: int | None
    byte_offset: int | None
    st_index: int | None = None
    claim_index: int | None = None
    line_index: int | None = None


@dataclass(slots=True)
class Cursor:
    """Where reading stands; moved on by the file, the transaction and the claim as they go."""

    segment_number: int = 0
    byte_offset: int = 0
    st_index: int | None = None
    claim_index: int | None = None
    line_index: int | None = None

    def place(self) -> Place:
        """A copy that stays."""
        return Place(self.segment_number, self.byte_offset, self.st_index, self.claim_index, self.line_index)


class IssueLog:
    """``rows`` is the buffer of the issue table, ``diagnostics`` the catalogue of its codes."""

    def __init__(
        self, rows: list[Row], cursor: Cursor, diagnostics: Mapping[str, Diagnostic] = DIAGNOSTICS
    ) -> None:
        self._rows = rows
        self._diagnostics = diagnostics
        self._cursor = cursor
        self._refusals: list[Issue] = []
        self._shown: list[Issue] = []
        self._counts: Counter[str] = Counter()
        self._worst = {"file": 0, "transaction": 0}

    def add(
        self,
        code: str,
        message: str,
        *,
        severity: Severity | None = None,
        element: str | None = None,
        place: Place | None = None,
    ) -> None:
        """Record one issue; the severity is that of the code unless it is graver or milder here."""
        at = place or self._cursor.place()
        issue = self._issue(code, message, severity, element, at)
        scope = "file" if at.st_index is None else "transaction"
        self._worst[scope] = max(self._worst[scope], _GRAVITY[issue.severity])
        self._rows.append(
            (
                at.segment_number,
                at.st_index,
                at.claim_index,
                at.line_index,
                code,
                issue.severity,
                element,
                at.byte_offset,
                message,
            )
        )
        self._counts[code] += 1
        if self._counts[code] <= SHOWN_PER_CODE:
            self._shown.append(issue)

    def refuse(self, code: str, message: str, place: Place | None = None) -> None:
        """Record why the whole file is refused; these come first in the report."""
        if any(issue.code == code for issue in self._refusals):
            return
        self._refusals.append(self._issue(code, message, None, None, place or self._cursor.place()))

    def _issue(
        self, code: str, message: str, severity: Severity | None, element: str | None, at: Place
    ) -> Issue:
        return Issue(
            code,
            severity or self._diagnostics[code].severity,
            message,
            segment_number=at.segment_number,
            byte_offset=at.byte_offset,
            element=element,
        )

    def begin_transaction(self) -> None:
        """Forget how grave the last transaction was."""
        self._worst["transaction"] = 0

    @property
    def transaction_status(self) -> str:
        """loaded, warned or held, by the gravest issue since the transaction began."""
        return ("loaded", "warned", "held")[self._worst["transaction"]]

    @property
    def is_refused(self) -> bool:
        """Whether the whole file is refused."""
        return bool(self._refusals)

    @property
    def is_file_warned(self) -> bool:
        """Whether an issue outside any transaction is more than a note."""
        return self._worst["file"] > 0

    def report(self) -> tuple[Issue, ...]:
        """Refusals, then the first issues of each code in file order, then how many more there are."""
        more = [
            self._issue("MORE_ISSUES", f"{count - SHOWN_PER_CODE} more {code}", None, None, Place(None, None))
            for code, count in self._counts.items()
            if count > SHOWN_PER_CODE
        ]
        return (*self._refusals, *self._shown, *more)
