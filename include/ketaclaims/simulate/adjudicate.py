"""How payers answer claims, by logic of their own: what they pay, cut, deny, take back and correct."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from ketaclaims.simulate.billing import icn_of
from ketaclaims.simulate.model import Claim, Clinic, Line
from ketaclaims.simulate.practice import allowed_amount, cents
from ketaclaims.simulate.reference import Payer, Reference

ZERO = Decimal(0)
PATIENT, CONTRACT = "PR", "45"
DENIED_WITHOUT_CAUSE, UNDERPAID, REVERSED, DEDUCTIBLE, CLAIM_LEVEL = 0.025, 0.03, 0.03, 0.15, 0.25


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One CAS triplet, USD; positive lowers the payment."""

    group: str
    carc: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class RemitLine:
    """A payer's answer to one line. Always charge - adjustments = paid."""

    line: Line
    charge: Decimal
    paid: Decimal
    allowed: Decimal
    adjustments: tuple[Adjustment, ...]
    rarcs: tuple[str, ...] = ()
    is_denied: bool = False
    underpaid: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class RemitClaim:
    """One CLP: a payer's answer to a claim, on the day it is paid."""

    clinic_id: str
    claim: Claim
    status: str  # CLP02
    icn: str
    paid_on: date
    lines: tuple[RemitLine, ...]
    claim_level: bool = False
    rarcs: tuple[str, ...] = field(default=())

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


def next_payment_day(payer: Payer, earliest: date) -> date:
    """The payer's next payment weekday on or after that date."""
    return earliest + timedelta(days=(payer.weekday - earliest.weekday()) % 7)


def answers(clinic: Clinic, claim: Claim, reference: Reference, seed: int) -> Iterator[RemitClaim]:
    """All remits of one claim in time order: the first answer, and at times a reversal and a correction.

    Random numbers depend on the claim alone, so one more claim never changes the answers to others.
    """
    rng = Random(f"{seed}:{clinic.clinic_id}:{claim.claim_id}")
    payer = claim.patient.payer
    denied = _denied_lines(clinic, claim, reference, rng)
    lines = tuple(
        _deny(line, *denied[line.line_no]) if line.line_no in denied else _pay(line, payer, reference, rng)
        for line in claim.lines
    )
    first = RemitClaim(
        clinic_id=clinic.clinic_id,
        claim=claim,
        status="1",
        icn=icn_of(clinic, claim.claim_id),
        paid_on=next_payment_day(payer, claim.submitted_at.date() + timedelta(days=rng.randrange(6, 15))),
        lines=lines,
        claim_level=payer.claim_level and rng.random() < CLAIM_LEVEL,
    )
    if first.is_denied and rng.random() < 0.3:
        first = replace(first, status="4")
    yield first
    if first.paid > 0 and not claim.patient.reserved and not denied and rng.random() < REVERSED:
        yield from _take_back(clinic, first, rng)


def _denied_lines(
    clinic: Clinic, claim: Claim, reference: Reference, rng: Random
) -> dict[int, tuple[str, str, str]]:
    """Which lines are denied, with group, CARC and RARC: by a defect the payer saw, or without cause."""
    draw = rng.random()
    denied = {}
    for line in claim.lines:
        policy = reference.denials.get(clinic.causes.get((claim.claim_id, line.line_no), ""))
        if policy is not None and draw < policy.share:
            denied[line.line_no] = (policy.group, policy.carc, policy.rarc)
    if not denied and not claim.patient.reserved and rng.random() < DENIED_WITHOUT_CAUSE:
        group, carc, rarc = rng.choice(reference.raw["denials_without_cause"])
        hit = claim.lines if rng.random() < 0.6 else claim.lines[-1:]
        denied = {line.line_no: (group, carc, rarc) for line in hit}
    return denied


def _deny(line: Line, group: str, carc: str, rarc: str) -> RemitLine:
    adjustment = Adjustment(group, carc, line.charge)
    return RemitLine(line, line.charge, ZERO, ZERO, (adjustment,), (rarc,), is_denied=True)


def _pay(line: Line, payer: Payer, reference: Reference, rng: Random) -> RemitLine:
    code = reference.codes[line.code]
    # a payer that does not know the code pays most of the charge
    contract = allowed_amount(payer, code.allowed or code.charge * Decimal("0.6")) * line.units
    allowed, underpaid = min(cents(contract), line.charge), ZERO
    if rng.random() < UNDERPAID and not line.mods:
        cut = cents(allowed * Decimal("0.9"))
        allowed, underpaid = cut, allowed - cut
    adjustments = [Adjustment("CO", CONTRACT, line.charge - allowed)]
    share, carc = _patient_share(line, payer, allowed, rng)
    adjustments.append(Adjustment(PATIENT, carc, share))
    adjustments.append(Adjustment("CO", "253", cents((allowed - share) * payer.sequestration)))
    kept = tuple(a for a in adjustments if a.amount)
    paid = line.charge - sum((a.amount for a in kept), ZERO)
    return RemitLine(line, line.charge, paid, allowed, kept, underpaid=underpaid)


def _patient_share(line: Line, payer: Payer, allowed: Decimal, rng: Random) -> tuple[Decimal, str]:
    """Deductible early in the year takes the whole line; else coinsurance, or a copay on the first line."""
    if payer.lob == "commercial" and line.dos.month == 1 and rng.random() < DEDUCTIBLE:
        return allowed, "1"
    if payer.coinsurance:
        return cents(allowed * payer.coinsurance), "2"
    return (min(payer.copay, allowed) if line.line_no == 1 else ZERO), "3"


def _negated(line: RemitLine) -> RemitLine:
    adjustments = tuple(Adjustment(a.group, a.carc, -a.amount) for a in line.adjustments)
    return replace(
        line,
        charge=-line.charge,
        paid=-line.paid,
        allowed=-line.allowed,
        adjustments=adjustments,
        rarcs=(),
        underpaid=ZERO,
    )


def _take_back(clinic: Clinic, first: RemitClaim, rng: Random) -> Iterator[RemitClaim]:
    """Three weeks later the payment is reversed, and in most cases corrected to a little less."""
    later = first.paid_on + timedelta(weeks=3)
    lines = tuple(_negated(line) for line in first.lines)
    yield replace(first, status="22", paid_on=later, lines=lines)
    if rng.random() < 0.75:
        icn = icn_of(clinic, first.claim.claim_id, corrected=True)
        corrected = tuple(_cut(line) for line in first.lines)
        yield replace(first, paid_on=later, icn=icn, lines=corrected, rarcs=("MA67",))


def _cut(line: RemitLine) -> RemitLine:
    """Pay ten dollars less, booked as contractual."""
    cut = min(Decimal(10), line.paid)
    adjustments = list(line.adjustments)
    position = next((i for i, a in enumerate(adjustments) if a.carc == CONTRACT), None)
    if position is None:
        adjustments.append(Adjustment("CO", CONTRACT, cut))
    else:
        adjustments[position] = replace(adjustments[position], amount=adjustments[position].amount + cut)
    kept = tuple(a for a in adjustments if a.amount)
    return replace(line, paid=line.paid - cut, allowed=line.allowed - cut, adjustments=kept)
