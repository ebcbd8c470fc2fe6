"""How payers answer claims, by logic of their own: what they pay, deny, take back, correct, hear again."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from ketaclaims.simulate.appeals import appeal_denial
from ketaclaims.simulate.billing import icn_of
from ketaclaims.simulate.model import Claim, Clinic, Line
from ketaclaims.simulate.reference import Payer, Reference
from ketaclaims.simulate.remits import CONTRACT, PATIENT, ZERO, Adjustment, RemitClaim, RemitLine, reversal
from ketaclaims.simulate.reshape import reshape
from ketaclaims.simulate.tariffs import allowed_amount
from ketaclaims.simulate.values import cents

DENIED_WITHOUT_CAUSE, UNDERPAID, REVERSED, DEDUCTIBLE, CLAIM_LEVEL = 0.025, 0.03, 0.03, 0.15, 0.25
DOWNCODED = 0.04
LOWER_LEVEL = {"99205": "99204", "99215": "99214", "99214": "99213", "99213": "99212"}
LIABILITY_MODIFIER = "GA"  # an ABN is on file: what is not covered falls to the patient
CORRECTED_AFTER = timedelta(weeks=3)
FORWARDED_AFTER = timedelta(days=10)


@dataclass(frozen=True, slots=True)
class Answering:
    """What every answer of a clinic's payers shares.

    ``with_errors``: payers also pay less than agreed, or tell nothing by line.
    """

    clinic: Clinic
    reference: Reference
    seed: int
    with_errors: bool

    def answers(self, claim: Claim) -> Iterator[RemitClaim]:
        """All remits of one claim in time order.

        Random numbers depend on the claim alone, so one more claim never changes the answers to others.
        """
        rng = Random(f"{self.seed}:{self.clinic.clinic_id}:{claim.claim_id}")
        first = self._first(claim, rng)
        yield first
        if first.status == "19":
            yield self._secondary(first)
        elif any(line.is_denied for line in first.lines):
            yield from self._appealed(first, rng)
        elif first.paid > 0 and not claim.patient.reserved and rng.random() < REVERSED:
            yield from self._take_back(first, rng)

    def _first(self, claim: Claim, rng: Random) -> RemitClaim:
        payer = claim.patient.payer
        denied = self._denied_lines(claim, rng)
        lines = tuple(
            deny(line, *denied[line.line_no]) if line.line_no in denied else self.pay(line, payer, rng)
            for line in claim.lines
        )
        first = RemitClaim(
            clinic_id=self.clinic.clinic_id,
            claim=claim,
            payer=payer,
            status="1",
            icn=icn_of(self.clinic, claim.claim_id),
            paid_on=next_payment_day(payer, claim.submitted_at.date() + timedelta(days=rng.randrange(6, 15))),
            lines=lines,
            claim_level=payer.claim_level and rng.random() < CLAIM_LEVEL and self.with_errors,
        )
        if first.is_denied and rng.random() < 0.3:
            return replace(first, status="4")
        if any(line.is_denied for line in lines):
            return first
        if claim.patient.secondary is not None and first.patient_share > 0:
            return replace(first, status="19")
        if not first.claim_level and not claim.patient.reserved:
            return replace(first, lines=reshape(first.lines, payer, self.reference, rng))
        return first

    def _denied_lines(self, claim: Claim, rng: Random) -> dict[int, tuple[str, str, str, str]]:
        """Which lines are denied: group, CARC, RARC, reason: a defect the payer saw, or none at all."""
        draw = rng.random()
        denied = {}
        for line in claim.lines:
            cause = self.clinic.causes.get((claim.claim_id, line.line_no), "")
            policy = self.reference.denials.get(cause)
            if policy is not None and draw < policy.share:
                denied[line.line_no] = (policy.group, policy.carc, policy.rarc, cause)
        if not denied and not claim.patient.reserved and rng.random() < DENIED_WITHOUT_CAUSE:
            group, carc, rarc = rng.choice(self.reference.raw["denials_without_cause"])
            hit = claim.lines if rng.random() < 0.6 else claim.lines[-1:]
            denied = {line.line_no: (group, carc, rarc, "without_cause") for line in hit}
        return denied

    def pay(self, line: Line, payer: Payer, rng: Random) -> RemitLine:
        """By the fee schedule, less the patient's share; with errors, now and then less than agreed."""
        code = self.reference.codes[line.code]
        # a payer that does not know the code pays most of the charge
        contract = allowed_amount(payer, code.allowed or code.charge * Decimal("0.6")) * line.units
        agreed, paid_code = min(cents(contract), line.charge), ""
        if LIABILITY_MODIFIER in line.mods:
            return deny(line, PATIENT, "96", "N115", "not_covered_with_abn")
        allowed = agreed
        if self.with_errors and not line.mods:
            allowed, paid_code = self._mistaken(line, payer, agreed, rng)
        adjustments = [Adjustment("CO", CONTRACT, line.charge - allowed)]
        amount, carc = _patient_share(line, payer, allowed, rng)
        adjustments.append(Adjustment(PATIENT, carc, amount))
        adjustments.append(Adjustment("CO", "253", cents((allowed - amount) * payer.sequestration)))
        kept = tuple(a for a in adjustments if a.amount)
        paid = line.charge - sum((a.amount for a in kept), ZERO)
        reason = "downcoded" if paid_code else "underpaid" if allowed < agreed else "contract"
        return RemitLine(
            line, line.charge, paid, allowed, kept, underpaid=agreed - allowed, reason=reason,
            paid_code=paid_code,
        )  # fmt: skip

    def _mistaken(self, line: Line, payer: Payer, agreed: Decimal, rng: Random) -> tuple[Decimal, str]:
        """What the payer allows: by mistake a tenth less, or as a lower level, which comes with it."""
        draw, lower = rng.random(), LOWER_LEVEL.get(line.code)
        if draw < UNDERPAID:
            return cents(agreed * Decimal("0.9")), ""
        fee = self.reference.codes[lower].allowed if lower else None
        if lower is not None and fee is not None and draw < UNDERPAID + DOWNCODED:
            return allowed_amount(payer, fee), lower
        return agreed, ""

    def _secondary(self, first: RemitClaim) -> RemitClaim:
        """The forwarded claim: the secondary payer takes over what the first left to the patient."""
        payer = first.claim.patient.secondary
        assert payer is not None
        return replace(
            first,
            payer=payer,
            status="2",
            icn=f"2{first.icn}",
            paid_on=next_payment_day(payer, first.paid_on + FORWARDED_AFTER),
            lines=tuple(_second_answer(line) for line in first.lines),
            claim_level=False,
            rarcs=(),
            is_secondary=True,
            event="secondary",
        )

    def _take_back(self, first: RemitClaim, rng: Random) -> Iterator[RemitClaim]:
        """Three weeks later the payment is reversed, and in most cases corrected: the patient owes more."""
        later = first.paid_on + CORRECTED_AFTER
        yield reversal(first, later)
        if rng.random() < 0.75:
            icn = icn_of(self.clinic, first.claim.claim_id, corrected=True)
            corrected = tuple(_shift_to_patient(line) for line in first.lines)
            yield replace(first, paid_on=later, icn=icn, lines=corrected, rarcs=("MA67",), event="correction")

    def _appealed(self, first: RemitClaim, rng: Random) -> Iterator[RemitClaim]:
        """Every denial that is not billed again is appealed; a won appeal brings reversal and payment."""
        if first.claim.replaced_at is not None:
            return
        won = appeal_denial(self.clinic, first, rng)
        if won is None:
            return
        decided, row = won
        day = next_payment_day(first.payer, decided)
        yield reversal(first, day)
        lines = tuple(
            replace(self.pay(answer.line, first.payer, rng), reason="appeal_won")
            if answer.is_denied
            else answer
            for answer in first.lines
        )
        icn = icn_of(self.clinic, first.claim.claim_id, corrected=True)
        row["recovered_amount"] = sum((line.paid for line in lines), ZERO) - first.paid
        yield replace(first, status="1", paid_on=day, icn=icn, lines=lines, rarcs=("MA67",), event="appeal")


def next_payment_day(payer: Payer, earliest: date) -> date:
    """The payer's next payment weekday on or after that date."""
    return earliest + timedelta(days=(payer.weekday - earliest.weekday()) % 7)


def deny(line: Line, group: str, carc: str, rarc: str, reason: str) -> RemitLine:
    """Nothing is paid, for one reason."""
    adjustment = Adjustment(group, carc, line.charge)
    return RemitLine(line, line.charge, ZERO, ZERO, (adjustment,), (rarc,), is_denied=True, reason=reason)


def _patient_share(line: Line, payer: Payer, allowed: Decimal, rng: Random) -> tuple[Decimal, str]:
    """Deductible early in the year takes the whole line; else coinsurance, or a copay on the first line."""
    if payer.lob == "commercial" and line.dos.month == 1 and rng.random() < DEDUCTIBLE:
        return allowed, "1"
    if payer.coinsurance:
        return cents(allowed * payer.coinsurance), "2"
    return (min(payer.copay, allowed) if line.line_no == 1 else ZERO), "3"


def _second_answer(line: RemitLine) -> RemitLine:
    share = sum((a.amount for a in line.adjustments if a.group == PATIENT), ZERO)
    before = Adjustment("OA", "23", line.charge - share)
    return replace(
        line, paid=share, allowed=share, adjustments=(before,), rarcs=(), underpaid=ZERO, reason="secondary"
    )


def _shift_to_patient(line: RemitLine) -> RemitLine:
    """Ten dollars of the payment become deductible; what is allowed stays the same."""
    shifted = min(Decimal(10), line.paid)
    if not shifted:
        return line
    adjustments = list(line.adjustments)
    position = next((i for i, a in enumerate(adjustments) if (a.group, a.carc) == (PATIENT, "1")), None)
    if position is None:
        adjustments.append(Adjustment(PATIENT, "1", shifted))
    else:
        amount = adjustments[position].amount + shifted
        adjustments[position] = replace(adjustments[position], amount=amount)
    return replace(
        line, paid=line.paid - shifted, adjustments=tuple(adjustments), reason="patient_share_corrected"
    )
