"""One ST..SE of an 835: its payment, its claims and the sums that must agree."""

import hashlib
from dataclasses import dataclass

from ketaclaims.raw.contract import Severity
from ketaclaims.x12.canonical import SEGMENT, canonical, digest
from ketaclaims.x12.claims import Claim
from ketaclaims.x12.envelope import Envelope
from ketaclaims.x12.issues import Cursor, IssueLog, Place
from ketaclaims.x12.rows import Row
from ketaclaims.x12.totals import Totals
from ketaclaims.x12.values import MONEY_PLACES, QUANTITY_PLACES, decimal_text, fit, parse_date, parse_decimal


@dataclass(slots=True)
class Payment:
    """BPR, TRN, CUR and the two parties; cents and days, null where absent or unreadable."""

    place: Place | None = None  # of BPR
    handling: str | None = None
    amount: int | None = None
    credit_debit: str | None = None
    method: str | None = None
    date: int | None = None
    date_text: str = ""
    trace: str | None = None
    originator: str | None = None
    currency: str | None = None
    production_date: int | None = None
    payer_name: str | None = None
    payer_id: str | None = None  # N1*PR04
    payer_id_additional: str | None = None  # REF*2U
    payee_name: str | None = None
    payee_qualifier: str | None = None
    payee_id: str | None = None
    payee_tax_id: str | None = None

    def best_payer_id(self) -> str | None:
        """N1*PR04, else REF*2U, else TRN03: payers fill them in that order of care."""
        return self.payer_id or self.payer_id_additional or self.originator


class Transaction:
    """State of one transaction; the handlers of ``segments`` change it, ``close`` makes its row."""

    def __init__(
        self,
        envelope: Envelope,
        component: str,
        tables: dict[str, list[Row]],
        log: IssueLog,
        cursor: Cursor,
        totals: Totals,
    ) -> None:
        self.envelope = envelope
        self.component = component
        self.tables = tables
        self.log = log
        self.cursor = cursor
        self.totals = totals
        self.place = cursor.place()
        self.payment = Payment()
        self.claim: Claim | None = None
        self.claims = 0
        self.provider_pairs = 0
        self.lx_number: str | None = None
        self.party = ""  # N101 of the open N1 loop
        self.charged = self.paid = self.provider_adjusted = 0
        self.reversed_positive = 0  # part of paid: reversals written without their minus
        self.is_sign_repaired = False
        self.is_readable = True  # every amount of the BPR equality
        self._content: list[str] = []  # canonical segments not yet in the hash
        self._hash = hashlib.md5(usedforsecurity=False)

    # readings of elements; a fault becomes an issue and the value null

    def amount(self, text: str, element: str, *, holds: bool = True, required: bool = True) -> int | None:
        """Cents of an amount element. A bad one holds the payment unless ``holds`` is false."""
        value = parse_decimal(text, MONEY_PLACES) if text else None
        if value is None and (text or required):
            cause = "is no plain decimal of at most two places" if text else "is missing"
            self.log.add(
                "BAD_AMOUNT", f"{element} {cause}", severity="error" if holds else "warning", element=element
            )
        return value

    def quantity(self, text: str, element: str) -> int | None:
        """Thousandths of an optional quantity element."""
        value = parse_decimal(text, QUANTITY_PLACES) if text else None
        if text and value is None:
            self.log.add(
                "BAD_QUANTITY", f"{element} is no plain decimal of at most three places", element=element
            )
        return value

    def date(self, text: str, element: str) -> int | None:
        """Days of an optional date element on which no money hangs."""
        value = parse_date(text) if text else None
        if text and value is None:
            self.log.add("BAD_DATE", f"{element} is no CCYYMMDD date", severity="warning", element=element)
        return value

    def need(self, text: str, element: str, place: Place | None = None) -> None:
        """Flag a needed text that is not there."""
        if not text:
            self.log.add("MISSING_ELEMENT", f"{element} is missing", element=element, place=place)

    # the course of the transaction

    def remember(self, segment_id: str, elements: list[str]) -> None:
        """Add a segment to the content hash, in canonical form."""
        self._content.append(canonical(segment_id, elements, self.component))
        if len(self._content) >= 4096:
            self._fold()

    def remember_text(self, text: memoryview) -> None:
        """Add segments that are in canonical form already, capitals and ends marked."""
        self._fold()
        self._hash.update(text)

    def _fold(self) -> None:
        self._hash.update("".join(segment + SEGMENT for segment in self._content).upper().encode())
        self._content.clear()

    def close_claim(self) -> None:
        """Finish the open claim: its line, its checks, its row."""
        claim = self.claim
        if claim is None:
            return
        claim.close_line(self.tables["remit_service_line"], self.log)
        self.tables["remit_adjustment"] += claim.close_adjustments(self.log)
        claim.check(self.log)
        self.tables["remit_claim"].append(claim.row())
        self.claim = None
        self.cursor.claim_index = self.cursor.line_index = None

    def close(self, segment_count: int) -> None:
        """Finish the transaction at its SE: balance, status, remittance row."""
        self.close_claim()
        self._check_parties()
        self._check_date()
        difference = self._balance()
        self._fold()
        self.tables["remittance"].append(self._row(difference, segment_count))

    def _check_parties(self) -> None:
        payment = self.payment
        self.need(payment.trace or "", "TRN02", self.place)
        self.need(payment.payer_name or payment.payer_id or "", "N1*PR", self.place)
        self.need(payment.payee_name or payment.payee_id or "", "N1*PE", self.place)

    def _check_date(self) -> None:
        """BPR16 must be readable; one left out is no matter where no money moves."""
        payment = self.payment
        if payment.date is not None or payment.place is None:
            return
        moves_nothing = payment.method == "NON" and payment.amount == 0 and self.paid == 0
        harmless = moves_nothing and not payment.date_text
        cause = "BPR16 is no CCYYMMDD date" if payment.date_text else "BPR16 is missing"
        severity: Severity = "warning" if harmless else "error"
        self.log.add("BAD_DATE", cause, severity=severity, element="BPR16", place=payment.place)

    def _balance(self) -> int | None:
        """BPR02 - sum CLP04 + sum PLB; null where a part is unreadable.

        A 4010 habit is repaired where that alone makes the payment balance: all its reversals with positive
        amounts count negated. The amounts stay as sent.
        """
        payment = self.payment
        if payment.place is None:
            self.log.add("BAD_AMOUNT", "the transaction has no BPR", element="BPR02", place=self.place)
            return None
        if payment.amount is None or not self.is_readable:
            return None
        difference = payment.amount - self.paid + self.provider_adjusted
        if difference and difference + 2 * self.reversed_positive == 0:
            self.is_sign_repaired = True
            message = "the payment balances once its reversals with positive amounts are negated"
            self.log.add("SIGN_REPAIRED", message, element="CLP04", place=self.place)
            return 0
        if difference:
            expected = decimal_text(self.paid - self.provider_adjusted)
            message = f"BPR02 is {decimal_text(payment.amount)}, sum of CLP04 less PLB is {expected}"
            self.log.add("OUT_OF_BALANCE", message, element="BPR02", place=payment.place)
        else:
            self.totals.n_balanced += 1
        return difference

    def _identity(self) -> tuple[str, str, str]:
        """payment_identity, payment_reference, content_hash (design 4.2)."""
        payment = self.payment
        content = self._hash.hexdigest()
        payer = payment.best_payer_id() or payment.payer_name
        payee = payment.payee_id or payment.payee_tax_id or payment.payee_name
        date = payment.date_text if payment.date is None else str(payment.date)
        reference = [text or "" for text in (payer, payee, payment.trace, date)]
        amount = "" if payment.amount is None else str(payment.amount)
        return digest([*reference, amount, content]), digest(reference), content

    def _row(self, difference: int | None, segment_count: int) -> Row:
        payment, envelope, at = self.payment, self.envelope, self.place
        sums = (self.charged, self.paid, self.provider_adjusted, difference)
        if any(fit(value) != value for value in sums):
            self.log.add("BAD_AMOUNT", "a sum of the transaction is too large to hold", place=at)
        return (
            at.segment_number,
            at.st_index,
            envelope.interchange_index,
            envelope.isa_control_number,
            envelope.isa_sender_id,
            envelope.isa_receiver_id,
            envelope.usage_indicator,
            envelope.gs_version,
            envelope.st_control_number,
            payment.handling,
            payment.amount,
            payment.credit_debit,
            payment.method,
            payment.date,
            payment.trace,
            payment.originator,
            payment.currency,
            payment.production_date,
            payment.payer_name,
            payment.best_payer_id(),
            payment.payee_name,
            payment.payee_qualifier,
            payment.payee_id,
            payment.payee_tax_id,
            *self._identity(),
            self.claims,
            *(fit(value) for value in sums),
            self.log.transaction_status,
            segment_count,
            self.is_sign_repaired,
        )
