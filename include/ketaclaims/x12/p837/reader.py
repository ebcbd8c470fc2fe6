"""The 837P reader: one file in, rows of the billed tables and one report out."""

from collections.abc import Set
from dataclasses import dataclass, replace
from pathlib import Path

from ketaclaims.raw.contract import InputReport, ReadContext, Sink
from ketaclaims.x12.envelope import Envelope, Form
from ketaclaims.x12.file_reading import Progress, read_file
from ketaclaims.x12.p837.diagnostics import DIAGNOSTICS
from ketaclaims.x12.p837.segments import HANDLERS, PADDING, feed, keep
from ketaclaims.x12.p837.tables import BILLED_TABLES
from ketaclaims.x12.p837.totals import Totals
from ketaclaims.x12.p837.transaction import Transaction
from ketaclaims.x12.row_buffers import RowBuffers
from ketaclaims.x12.text import plain_segments
from ketaclaims.x12.tokens import SegmentBlock
from ketaclaims.x12.values import BLANKS
from ketaclaims.x12.x12_file import X12File

KIND = "x12_837"
READER = "x12.p837.reader"
READER_VERSION = "1"

FORM = Form("837", ("005010X222",), "HC", "billed_issue", "billed_segment_other", DIAGNOSTICS)
_OTHER_GUIDES = {"005010X223": "an institutional claim (837I)", "005010X224": "a dental claim (837D)"}
_BARE_VERSION = "005010"  # some senders name the guide in ST03 only


@dataclass(frozen=True, slots=True)
class ClaimsReading:
    """The report for the raw store, and the figures of everything readable."""

    report: InputReport
    totals: Totals


class ClaimsFile(X12File[Transaction]):
    """An 837P; ``totals`` are the figures of everything readable."""

    def __init__(self, context: ReadContext, buffers: RowBuffers, keep: Set[int] | None) -> None:
        super().__init__(FORM, context, buffers, keep)
        self.totals = Totals()
        self._segments: list[tuple[int, str]] = []
        self._separator = ""

    def _open(self, envelope: Envelope) -> Transaction:
        self.totals.n_st += 1
        tables = self.buffers.tables
        return Transaction(envelope, self._component, tables, self.log, self.cursor, self.totals)

    def _enter(self, block: SegmentBlock) -> None:
        self._segments = plain_segments(block)
        self._separator = chr(block.delimiters.element)

    def _take_bulk(self, index: int) -> int:
        """Well-formed segments of an open transaction, up to one that is not or that ends it."""
        transaction, cursor = self._transaction, self.cursor
        if transaction is None:
            return 0
        taken = 0
        for at in range(index, len(self._segments)):
            offset, text = self._segments[at]
            elements = text.split(self._separator)
            handler = HANDLERS.get(elements[0])
            if handler is None:
                break
            if " " in text or "\t" in text:
                elements = [element.strip(BLANKS) for element in elements]
            cursor.segment_number += 1
            cursor.byte_offset = offset
            elements += PADDING
            if not handler(transaction, elements):
                keep(transaction, elements[0], text)
            taken += 1
        return taken

    def _feed(self, transaction: Transaction, elements: list[str], text: str) -> None:
        feed(transaction, elements, text)

    def _refusal_of_group(self, version: str) -> str | None:
        return None if version == _BARE_VERSION else _refusal("GS08", version)

    def _refusal_of_transaction(self, elements: list[str]) -> str | None:
        refusal = super()._refusal_of_transaction(elements)
        guide = elements[3].upper()
        if refusal is None and (guide or self._group_version() == _BARE_VERSION):
            refusal = _refusal("ST03", guide)
        return refusal


def _refusal(element: str, guide: str) -> str | None:
    if guide.startswith(FORM.guides):
        return None
    named = _OTHER_GUIDES.get(guide[:10])
    return f"{element} is {guide[:10]}: {named}" if named else f"{element} is not {FORM.guides[0]}"


def read_837(source: Path, context: ReadContext, sink: Sink) -> InputReport:
    """Read one 837P file into the tables of ``tables.BILLED_TABLES``.

    Bad input never raises: it becomes issues or a rejected report. Rows of a file that turns out rejected
    late may already have been pushed; the report says ``rejected``, nobody counts them.
    """
    return read_claims(source, context, sink).report


def read_claims(
    source: Path, context: ReadContext, sink: Sink | None, on_progress: Progress | None = None
) -> ClaimsReading:
    """As ``read_837``, with the figures; without a sink no rows are made.

    A released truncated file is looked through once beforehand, to know which transactions are whole.
    """
    keep: Set[int] | None = None
    if context.complete_transactions:
        scan = replace(context, complete_transactions=False)
        first = ClaimsFile(scan, RowBuffers(None, "", "", schemas=BILLED_TABLES), None)
        read_file(source, context.max_segment_bytes, first, None)
        keep = frozenset(first.complete)
    buffers = RowBuffers(sink, context.file_sha256, context.commit_id, schemas=BILLED_TABLES)
    file = ClaimsFile(context, buffers, keep)
    read_file(source, context.max_segment_bytes, file, on_progress)
    report = InputReport(
        status=file.status,
        kind=KIND,
        reader=READER,
        reader_version=READER_VERSION,
        rows=dict(buffers.pushed),
        control_totals_cents=file.totals.cents(),
        issues=file.log.report(),
    )
    return ClaimsReading(report, file.totals)
