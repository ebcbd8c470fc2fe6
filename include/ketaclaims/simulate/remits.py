"""Payers' answers as values: adjustments, lines and claims of a remittance."""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from ketaclaims.simulate.model import Claim, Line
from ketaclaims.simulate.reference import Payer

ZERO = Decimal(0)
PATIENT, CONTRACT = "PR", "45"


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One CAS triplet, USD; positive lowers the payment."""

    group: str
    carc: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class RemitLine:
    """A payer's answer to one line. Always charge - adjustments = paid.

    ``reason``: why the payer decided so, in the simulator's words. ``units``: those answered, of a line told
    in several. ``bundled``: further lines this answer stands for as well; then it names no line number.
    """

    line: Line
    charge: Decimal
    paid: Decimal
    allowed: Decimal
    adjustments: tuple[Adjustment, ...]
    rarcs: tuple[str, ...] = ()
    is_denied: bool = False
    underpaid: Decimal = ZERO
    reason: str = "contract"
    units: Decimal | None = None
    bundled: tuple[Line, ...] = ()
    paid_code: str = ""  # the code the payer put in the place of ours

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every line the answer is about."""
        return (self.line, *self.bundled)


@dataclass(frozen=True, slots=True)
class RemitClaim:
    """One CLP: a payer's answer to a claim, on the day it is paid."""

    clinic_id: str
    claim: Claim
    payer: Payer
    status: str  # CLP02
    icn: str
    paid_on: date
    lines: tuple[RemitLine, ...]
    claim_level: bool = False
    rarcs: tuple[str, ...] = field(default=())
    is_secondary: bool = False
    event: str = "first"  # first, secondary, reversal, correction, appeal

    @property
    def paid(self) -> Decimal:
        """CLP04."""
        return sum((line.paid for line in self.lines), ZERO)

    @property
    def charge(self) -> Decimal:
        """CLP03."""
        return sum((line.charge for line in self.lines), ZERO)

    @property
    def adjustments(self) -> list[Adjustment]:
        """All adjustments of the claim, line by line."""
        return [adjustment for line in self.lines for adjustment in line.adjustments]

    @property
    def patient_share(self) -> Decimal:
        """CLP05: what the PR adjustments add up to."""
        return sum((a.amount for a in self.adjustments if a.group == PATIENT), ZERO)

    @property
    def is_denied(self) -> bool:
        """Every line denied."""
        return all(line.is_denied for line in self.lines)


def negated(line: RemitLine) -> RemitLine:
    """What takes an answer back."""
    adjustments = tuple(Adjustment(a.group, a.carc, -a.amount) for a in line.adjustments)
    return replace(
        line, charge=-line.charge, paid=-line.paid, allowed=-line.allowed, adjustments=adjustments,
        rarcs=(), underpaid=ZERO,
    )  # fmt: skip


def reversal(first: RemitClaim, day: date) -> RemitClaim:
    """CLP02 22 with every amount of the answer negated."""
    lines = tuple(negated(line) for line in first.lines)
    return replace(first, status="22", paid_on=day, lines=lines, event="reversal")
