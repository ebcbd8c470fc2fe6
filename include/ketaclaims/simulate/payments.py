"""Bundle answers into payments (one ST each) and payments into files."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ketaclaims.simulate.adjudicate import ZERO, RemitClaim
from ketaclaims.simulate.model import Clinic
from ketaclaims.simulate.reference import Payer

REGULAR, DENIALS, CORRECTIONS = "A", "D", "R"


@dataclass(frozen=True, slots=True)
class ProviderAdjustment:
    """One PLB pair, USD; positive lowers the payment."""

    code: str
    reference: str
    amount: Decimal


@dataclass
class Payment:
    """One ST: one payment of one payer to one clinic."""

    payer: Payer
    clinic: Clinic
    paid_on: date
    kind: str
    trace: str
    claims: list[RemitClaim]
    plb: list[ProviderAdjustment] = field(default_factory=list)

    @property
    def claims_paid(self) -> Decimal:
        """Sum of CLP04."""
        return sum((claim.paid for claim in self.claims), ZERO)

    @property
    def amount(self) -> Decimal:
        """BPR02: claims less provider adjustments."""
        return self.claims_paid - sum((p.amount for p in self.plb), ZERO)


@dataclass(frozen=True, slots=True)
class RemitFile:
    """One file of one interchange; ``style`` picks its delimiters, ``control`` is ISA13."""

    name: str
    payments: tuple[Payment, ...]
    style: int
    control: int
    zipped: bool = False
    resent: bool = False


def make_payments(
    clinics: Sequence[Clinic], remits: Iterable[RemitClaim], payers: Iterable[Payer]
) -> list[Payment]:
    """Group answers by payer, clinic and day, then carry negative balances forward in date order."""
    by_id = {clinic.clinic_id: clinic for clinic in clinics}
    groups: defaultdict[tuple[date, str, str, str], list[RemitClaim]] = defaultdict(list)
    for remit in remits:
        payer = remit.claim.patient.payer
        kind = REGULAR
        if remit.status == "22" or "MA67" in remit.rarcs:
            kind = CORRECTIONS
        elif payer.apart and remit.is_denied:
            kind = DENIALS
        groups[remit.paid_on, payer.payer_id, remit.clinic_id, kind].append(remit)
    known = {payer.payer_id: payer for payer in payers}
    payments = [
        Payment(
            known[payer_id],
            by_id[clinic_id],
            day,
            kind,
            f"{known[payer_id].number}{day:%y%m%d}{number:05d}",
            claims,
        )
        for number, ((day, payer_id, clinic_id, kind), claims) in enumerate(
            sorted(groups.items(), key=lambda g: g[0]), 1
        )
    ]
    _add_interest_and_recoveries(payments)
    _carry_forward(payments)
    return payments


def _add_interest_and_recoveries(payments: list[Payment]) -> None:
    """Interest on every 17th regular payment, a recovery on every 23rd, a refund on every 29th."""
    regular = [payment for payment in payments if payment.kind == REGULAR and payment.claims_paid > 500]
    for number, payment in enumerate(regular):
        icn = payment.claims[0].icn
        if number % 17 == 3:
            payment.plb.append(ProviderAdjustment("L6", icn, Decimal("-3.27")))
        if number % 23 == 5:
            payment.plb.append(ProviderAdjustment("WO", icn, Decimal("120.50")))
        if number % 29 == 7:  # the clinic refunded by cheque: the recovery and the refund cancel out
            payment.plb.append(ProviderAdjustment("WO", icn, Decimal("88.40")))
            payment.plb.append(ProviderAdjustment("72", icn, Decimal("-88.40")))


def _carry_forward(payments: list[Payment]) -> None:
    """A payment may not be negative: PLB FB moves the debt to the payer's next payments to that clinic."""
    debts: dict[tuple[str, str], tuple[Decimal, str]] = {}
    for payment in payments:
        key = (payment.payer.payer_id, payment.clinic.clinic_id)
        debt, trace = debts.get(key, (ZERO, payment.trace))
        net = payment.amount
        if net < 0:
            payment.plb.append(ProviderAdjustment("FB", payment.trace, net))
            debts[key] = (debt - net, trace if debt else payment.trace)
        elif debt and net:
            applied = min(debt, net)
            payment.plb.append(ProviderAdjustment("FB", trace, applied))
            debts[key] = (debt - applied, trace)


def make_files(payments: Sequence[Payment]) -> list[RemitFile]:
    """One file a payment, but pooled payers share one file a day; one file is zipped, one sent again."""
    groups: defaultdict[tuple[date, str], list[Payment]] = defaultdict(list)
    for payment in payments:
        source = "clearinghouse" if payment.payer.pool else f"{payment.payer.payer_id}_{payment.trace[-5:]}"
        groups[payment.paid_on, source].append(payment)
    files = [
        RemitFile(f"{source}_{day:%Y%m%d}", tuple(members), number, 100_000 + number, zipped=number == 2)
        for number, ((day, source), members) in enumerate(sorted(groups.items(), key=lambda g: g[0]))
    ]
    for first in files[3:4]:
        files.append(RemitFile(f"{first.name}_again", first.payments, first.style, 900_001, resent=True))
    return files
