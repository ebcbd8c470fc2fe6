"""Remittances in a few words: payments of claims of lines, as rows of the raw 835 tables."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

Adjustment = tuple[str, str, str]  # group, CARC, amount
Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Line:
    code: str
    charge: str
    paid: str
    adjustments: Sequence[Adjustment] = ()
    control: str | None = None
    service_date: date | None = None
    original_code: str | None = None
    modifier: str | None = None


@dataclass(frozen=True)
class Claim:
    number: str | None
    charge: str
    paid: str
    lines: Sequence[Line] = ()
    adjustments: Sequence[Adjustment] = ()
    status: str = "1"
    payer_number: str | None = None
    original_number: str | None = None
    member_id: str | None = None


@dataclass(frozen=True)
class Payment:
    trace: str
    day: date
    claims: Sequence[Claim] = ()
    provider_adjustments: Sequence[tuple[str, ...]] = ()  # reason code, amount, and what it names
    payer: str = "aetna"
    payee_npi: str | None = "1000000001"
    method: str = "ACH"
    amount: str | None = None  # BPR02; by default what balances
    transaction_status: str = "loaded"
    interchange: int = 1

    @property
    def paid(self) -> Decimal:
        return sum((Decimal(c.paid) for c in self.claims), Decimal(0))

    @property
    def withheld(self) -> Decimal:
        return sum((Decimal(entry[1]) for entry in self.provider_adjustments), Decimal(0))

    @property
    def bpr(self) -> Decimal:
        return Decimal(self.amount) if self.amount is not None else self.paid - self.withheld

    @property
    def content(self) -> str:
        return _md5(repr((self.claims, self.provider_adjustments, self.bpr)))

    @property
    def reference(self) -> str:
        return _md5(repr((self.payer, self.payee_npi, self.trace, self.day)))

    @property
    def identity(self) -> str:
        return _md5(self.reference + self.content)


@dataclass
class RemitFile:
    """Rows of one 835 with these payments, in order."""

    payments: Sequence[Payment]
    rows: Rows = field(default_factory=dict)

    def build(self) -> Rows:
        for st_index, payment in enumerate(self.payments, start=1):
            self._payment(st_index, payment)
        return self.rows

    def _add(self, table: str, **row: Any) -> None:
        self.rows.setdefault(table, []).append(row)

    def _payment(self, st_index: int, payment: Payment) -> None:
        self._add(
            "remittance",
            st_index=st_index,
            interchange_index=payment.interchange,
            handling_code="H" if payment.method == "NON" else "I",
            payment_amount=payment.bpr,
            payment_method_code=payment.method,
            payment_date=payment.day,
            trace_number=payment.trace,
            payer_id=payment.payer,
            payee_id_qualifier="XX",
            payee_id=payment.payee_npi,
            payment_identity=payment.identity,
            payment_reference=payment.reference,
            content_hash=payment.content,
            claim_count=len(payment.claims),
            claim_paid_amount=payment.paid,
            provider_adjustment_amount=payment.withheld,
            transaction_status=payment.transaction_status,
        )
        for claim_index, claim in enumerate(payment.claims, start=1):
            self._claim(st_index, claim_index, claim)
        for sequence, (code, amount, *named) in enumerate(payment.provider_adjustments, start=1):
            self._add(
                "remit_provider_adjustment",
                st_index=st_index,
                sequence=sequence,
                reason_code=code,
                reference_id=named[0] if named else None,
                adjustment_amount=Decimal(amount),
            )

    def _claim(self, st_index: int, claim_index: int, claim: Claim) -> None:
        position = {"st_index": st_index, "claim_index": claim_index}
        every = [*claim.adjustments, *(a for line in claim.lines for a in line.adjustments)]
        self._add(
            "remit_claim",
            **position,
            patient_control_number=claim.number,
            claim_status_code=claim.status,
            charge_amount=Decimal(claim.charge),
            paid_amount=Decimal(claim.paid),
            payer_claim_control_number=claim.payer_number,
            original_reference_number=claim.original_number,
            unexplained_amount=_unexplained(claim.charge, claim.paid, every),
        )
        if claim.member_id:
            self._add(
                "remit_party", **position, entity_code="QC", id_qualifier="MI", party_id=claim.member_id
            )
        self._adjustments({**position, "line_index": None}, "claim", claim.adjustments)
        for line_index, line in enumerate(claim.lines, start=1):
            self._add(
                "remit_service_line",
                **position,
                line_index=line_index,
                line_control_number=line.control,
                procedure_qualifier="HC",
                procedure_code=line.code,
                original_procedure_code=line.original_code,
                modifier_1=line.modifier,
                charge_amount=Decimal(line.charge),
                paid_amount=Decimal(line.paid),
                service_from_date=line.service_date,
                unexplained_amount=_unexplained(line.charge, line.paid, line.adjustments),
            )
            self._adjustments({**position, "line_index": line_index}, "line", line.adjustments)

    def _adjustments(self, position: dict[str, Any], level: str, adjustments: Sequence[Adjustment]) -> None:
        for sequence, (group, carc, amount) in enumerate(adjustments, start=1):
            self._add(
                "remit_adjustment",
                **position,
                level=level,
                sequence=sequence,
                group_code=group,
                carc=carc,
                adjustment_amount=Decimal(amount),
            )


def remit_rows(*payments: Payment) -> Rows:
    """Raw rows of one 835 file."""
    return RemitFile(payments).build()


def _unexplained(charge: str, paid: str, adjustments: Sequence[Adjustment]) -> Decimal:
    return Decimal(charge) - Decimal(paid) - sum((Decimal(a) for *_, a in adjustments), Decimal(0))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
