"""One 835 file: envelopes as of every transaction set, claims by handlers or in bulk."""

from collections.abc import Set

from ketaclaims.raw.contract import ReadContext
from ketaclaims.x12.diagnostics import DIAGNOSTICS
from ketaclaims.x12.envelope import Envelope, Form
from ketaclaims.x12.row_buffers import RowBuffers
from ketaclaims.x12.segments import feed
from ketaclaims.x12.tokens import SegmentBlock
from ketaclaims.x12.totals import Totals
from ketaclaims.x12.transaction import Transaction
from ketaclaims.x12.x12_file import X12File

FORM = Form("835", ("005010X221",), "HP", "remit_issue", "remit_segment_other", DIAGNOSTICS)


class RemitFile(X12File[Transaction]):
    """An 835; ``totals`` are the figures of everything readable."""

    def __init__(self, context: ReadContext, buffers: RowBuffers, keep: Set[int] | None) -> None:
        super().__init__(FORM, context, buffers, keep)
        self._rows = buffers
        self.totals = Totals()

    def _open(self, envelope: Envelope) -> Transaction:
        self.totals.n_st += 1
        tables = self._rows.tables
        return Transaction(envelope, self._component, tables, self.log, self.cursor, self.totals)

    def _feed(self, transaction: Transaction, elements: list[str], text: str) -> None:
        feed(transaction, elements, text)

    def _enter(self, block: SegmentBlock) -> None:
        self._rows.enter(block, self._transaction.lx_number if self._transaction else None)

    def _take_bulk(self, index: int) -> int:
        return self._rows.take_claims(self._transaction, index)
