"""Envelopes of one X12 file: interchanges, groups and transactions as they open and close.

Shared by the readers of every transaction set; what stands between ST and SE is theirs.
"""

from abc import ABC, abstractmethod
from collections.abc import Set
from typing import Generic, TypeVar

from ketaclaims.raw.contract import ReadContext
from ketaclaims.x12.envelope import Buffers, Envelope, Form, OpenTransaction
from ketaclaims.x12.interchanges import Group, Interchange, judge_interchange
from ketaclaims.x12.issues import Cursor, IssueLog
from ketaclaims.x12.text import Segment

T = TypeVar("T", bound=OpenTransaction)


class Envelopes(ABC, Generic[T]):
    """What is open, and a handler for each segment that opens or closes an envelope.

    ``keep`` names the transactions to load (st_index), None all of them. ``complete`` gathers those whose SE
    was seen.
    """

    def __init__(self, form: Form, context: ReadContext, buffers: Buffers, keep: Set[int] | None) -> None:
        self._form = form
        self._context = context
        self.buffers = buffers
        self._keep = keep
        self.cursor = Cursor()
        self.log = IssueLog(buffers.tables[form.issue_table], self.cursor, form.diagnostics)
        self.complete: set[int] = set()
        self._statuses: set[str] = set()
        self._st_count = 0
        self._interchange_count = 0
        self._interchange: Interchange | None = None
        self._group: Group | None = None
        self._transaction: T | None = None
        self._is_skipping = False  # inside a transaction that is not read
        self._first_segment = 0  # of the open transaction
        self._component = ""

    # what a transaction set does in its own way

    @abstractmethod
    def _open(self, envelope: Envelope) -> T:
        """Begin a transaction."""

    def _refusal_of_group(self, version: str) -> str | None:
        """Why a group of this GS08 is not read; None: it is."""
        return None if version.startswith(self._form.guides) else f"GS08 is not {self._form.guides[0]}"

    def _refusal_of_transaction(self, elements: list[str]) -> str | None:
        """Why a transaction of this ST is not read; None: it is."""
        wanted = self._form.transaction_set
        return f"ST01 is not {wanted}" if elements[1] != wanted else None

    def _group_version(self) -> str:
        """GS08 of the open group."""
        return self._group.version if self._group is not None else ""

    def _unexpected(self, segment_id: str, segment: Segment) -> None:
        self.log.add("UNEXPECTED_SEGMENT", "a segment where none may stand")
        self._keep_text(segment_id, segment)

    def _keep_text(self, segment_id: str, segment: Segment) -> None:
        row = (self.cursor.segment_number, self.cursor.st_index, None, None, segment_id, segment.text)
        self.buffers.tables[self._form.other_table].append(row)

    def _cut(self, message: str) -> None:
        """Something ends without its trailer: refuses the file unless a person released the rest."""
        self.cursor.st_index = self.cursor.claim_index = self.cursor.line_index = None
        if self._keep is None:
            self.log.refuse("TRUNCATED", message)
        else:
            self.log.add("TRUNCATED", message, severity="warning")

    # leaving what is open without its trailer

    def _leave_transaction(self) -> None:
        if self._transaction is not None or self._is_skipping:
            self._cut(f"transaction {self._st_count} has no SE")
        self._transaction, self._is_skipping = None, False

    def _leave_group(self) -> None:
        self._leave_transaction()
        if self._group is not None:
            self._cut("a functional group has no GE")
        self._group = None

    def _leave_interchange(self) -> None:
        self._leave_group()
        if self._interchange is not None:
            self._cut(f"interchange {self._interchange_count} has no IEA")
        self._interchange = None

    # envelope segments

    def _on_isa(self, e: list[str], segment: Segment) -> None:
        self._leave_interchange()
        self._keep_text("ISA", segment)
        self._interchange_count += 1
        self._interchange = Interchange(e)
        judge_interchange(e, self._context, self.log)

    def _on_gs(self, e: list[str], segment: Segment) -> None:
        self._leave_group()
        self._keep_text("GS", segment)
        version = e[8].upper()
        self._group = Group(e[6], version)
        if self._interchange is not None:
            self._interchange.groups += 1
        refusal = self._refusal_of_group(version)
        if refusal is not None:
            self.log.refuse("UNSUPPORTED_VERSION", refusal)
        elif e[1].upper() != self._form.functional_group:
            message = f"GS01 is not {self._form.functional_group}"
            self.log.add("FUNCTIONAL_GROUP", message, element="GS01")

    def _on_st(self, e: list[str], segment: Segment) -> None:
        self._leave_transaction()
        self._st_count += 1
        self.cursor.st_index = self._st_count
        self._first_segment = self.cursor.segment_number
        self.log.begin_transaction()
        if self._group is not None:
            self._group.transactions += 1
        is_kept = self._keep is None or self._st_count in self._keep
        refusal = self._refusal_of_transaction(e)
        if refusal is not None or self._group is None or self._interchange is None:
            self.log.refuse("UNSUPPORTED_VERSION", refusal or "a transaction outside a group")
        elif is_kept:
            self._keep_text("ST", segment)
            envelope = self._envelope(self._interchange.elements, self._group.version, e[2])
            self._transaction = self._open(envelope)
            return
        self.cursor.st_index, self._is_skipping = None, True

    def _envelope(self, isa: list[str], version: str, control_number: str) -> Envelope:
        return Envelope(
            interchange_index=self._interchange_count,
            isa_control_number=isa[13] or None,
            isa_sender_id=isa[6] or None,
            isa_receiver_id=isa[8] or None,
            usage_indicator=isa[15].upper() or None,
            gs_version=version or None,
            st_control_number=control_number or None,
        )

    def _on_se(self, e: list[str], segment: Segment) -> None:
        transaction = self._transaction
        if transaction is None:
            if not self._is_skipping:
                self._unexpected("SE", segment)
            self._is_skipping = False
            return
        transaction.close_claim()
        self._keep_text("SE", segment)
        count = self.cursor.segment_number - self._first_segment + 1
        if _number(e[1]) != count:
            self.log.add("SEGMENT_COUNT", f"SE01 is not the {count} segments found", element="SE01")
        if e[2] != (transaction.envelope.st_control_number or ""):
            self.log.add("CONTROL_NUMBER", "SE02 is not ST02", element="SE02")
        transaction.close(count)
        self._statuses.add(self.log.transaction_status)
        self.complete.add(self._st_count)
        self._transaction = None
        self.cursor.st_index = None

    def _on_ge(self, e: list[str], segment: Segment) -> None:
        self._leave_transaction()
        self._keep_text("GE", segment)
        group, self._group = self._group, None
        if group is None:
            self.log.add("UNEXPECTED_SEGMENT", "a GE without GS")
            return
        if _number(e[1]) != group.transactions:
            self.log.add(
                "ENVELOPE_COUNT", f"GE01 is not the {group.transactions} transactions found", element="GE01"
            )
        if e[2] != group.control_number:
            self.log.add("CONTROL_NUMBER", "GE02 is not GS06", element="GE02")

    def _on_iea(self, e: list[str], segment: Segment) -> None:
        self._leave_group()
        self._keep_text("IEA", segment)
        interchange, self._interchange = self._interchange, None
        if interchange is None:
            self.log.add("UNEXPECTED_SEGMENT", "an IEA without ISA")
            return
        is_same = e[2] == interchange.elements[13]
        if segment.is_cut and not is_same:
            self._cut("the file ends inside its IEA")
            return
        if _number(e[1]) != interchange.groups:
            self.log.add(
                "ENVELOPE_COUNT", f"IEA01 is not the {interchange.groups} groups found", element="IEA01"
            )
        if not is_same:
            self.log.add("CONTROL_NUMBER", "IEA02 is not ISA13", element="IEA02")


def _number(text: str) -> int | None:
    """A count such as SE01; leading zeros are harmless."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else None
