"""Answers told in another shape than the claim: one line in two, two lines in one."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from random import Random

from ketaclaims.simulate.reference import DEVICE_MG, ESKETAMINE_PER_MG, Payer, Reference
from ketaclaims.simulate.remits import ZERO, Adjustment, RemitLine

RESHAPED = 0.12
SCREENING = "96127"


def reshape(
    lines: tuple[RemitLine, ...], payer: Payer, reference: Reference, rng: Random
) -> tuple[RemitLine, ...]:
    """What some payers do now and then; every amount stays whole."""
    if payer.payer_id in reference.raw["splits_lines"] and rng.random() < RESHAPED:
        return tuple(part for line in lines for part in _split(line))
    is_pair = len(lines) == 2 and lines[1].line.code == SCREENING
    if payer.payer_id in reference.raw["bundles_lines"] and is_pair and rng.random() < RESHAPED * 2:
        return (_bundle(lines),)
    return lines


def _split(line: RemitLine) -> tuple[RemitLine, ...]:
    """A drug line device by device: the first 28 mg, then the rest."""
    if line.line.code not in ESKETAMINE_PER_MG or line.line.units <= DEVICE_MG:
        return (line,)
    share = DEVICE_MG / line.line.units
    first = _part(line, share, Decimal(DEVICE_MG))
    rest = tuple(
        Adjustment(whole.group, whole.carc, whole.amount - part.amount)
        for whole, part in zip(line.adjustments, first.adjustments, strict=True)
    )
    second = replace(
        line,
        charge=line.charge - first.charge,
        paid=line.paid - first.paid,
        allowed=line.allowed - first.allowed,
        underpaid=line.underpaid - first.underpaid,
        adjustments=rest,
        units=line.line.units - DEVICE_MG,
    )
    return (first, second)


def _part(line: RemitLine, share: Decimal, units: Decimal) -> RemitLine:
    def of(amount: Decimal) -> Decimal:
        return (amount * share).quantize(Decimal("0.01"))

    adjustments = tuple(Adjustment(a.group, a.carc, of(a.amount)) for a in line.adjustments)
    charge = of(line.charge)
    return replace(
        line,
        charge=charge,
        paid=charge - sum((a.amount for a in adjustments), ZERO),
        allowed=of(line.allowed),
        underpaid=of(line.underpaid),
        adjustments=adjustments,
        units=units,
    )


def _bundle(lines: Sequence[RemitLine]) -> RemitLine:
    """One answer for both lines, under the code of the first."""
    first, second = lines
    return replace(
        first,
        charge=first.charge + second.charge,
        paid=first.paid + second.paid,
        allowed=first.allowed + second.allowed,
        underpaid=first.underpaid + second.underpaid,
        adjustments=(*first.adjustments, *second.adjustments),
        bundled=(second.line,),
        reason="bundled",
    )
