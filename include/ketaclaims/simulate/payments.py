"""Bundle a clinic's answers into payments (one ST each) and payments into files."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from ketaclaims.simulate.model import Clinic
from ketaclaims.simulate.reference import Payer
from ketaclaims.simulate.remits import ZERO, RemitClaim

REGULAR, DENIALS, CORRECTIONS = "A", "D", "R"
LATE_BY = timedelta(days=24)
RESENT, COPIED, LATE, ZIPPED = 3, 7, 11, 2  # positions of a clinic's files


@dataclass(frozen=True, slots=True)
class ProviderAdjustment:
    """One PLB pair, USD; positive lowers the payment. ``reason``: why, in the simulator's words."""

    code: str
    reference: str
    amount: Decimal
    reason: str


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
    """One file of one interchange; ``style`` picks its delimiters, ``control`` is ISA13.

    ``arrival``: regular, late (weeks after the money), resent (new control numbers) or copied (same bytes).
    """

    name: str
    payments: tuple[Payment, ...]
    style: int
    control: int
    zipped: bool = False
    arrival: str = "regular"

    @property
    def is_repeated(self) -> bool:
        """Whether another file already holds these payments."""
        return self.arrival in ("resent", "copied")

    @property
    def received_on(self) -> date:
        """When the file came: a day after the payment, a repeated one two, a late one weeks."""
        day = self.payments[-1].paid_on + timedelta(days=1)
        if self.arrival == "late":
            return day + LATE_BY
        return day + timedelta(days=1) if self.is_repeated else day


def make_payments(clinic: Clinic, remits: Iterable[RemitClaim]) -> list[Payment]:
    """Group answers by payer and day, then carry negative balances forward in date order."""
    groups: defaultdict[tuple[date, str, str], list[RemitClaim]] = defaultdict(list)
    payers: dict[str, Payer] = {}
    for remit in remits:
        payer, kind = remit.payer, REGULAR
        if remit.event in ("reversal", "correction", "appeal"):
            kind = CORRECTIONS
        elif payer.apart and remit.is_denied:
            kind = DENIALS
        payers[payer.payer_id] = payer
        groups[remit.paid_on, payer.payer_id, kind].append(remit)
    payments = [
        Payment(
            payers[payer_id],
            clinic,
            day,
            kind,
            f"{payers[payer_id].number}{day:%y%m%d}{clinic.tin[-3:]}{number:05d}",
            claims,
        )
        for number, ((day, payer_id, kind), claims) in enumerate(sorted(groups.items(), key=_key), 1)
    ]
    _add_interest_and_recoveries(payments)
    _carry_forward(payments)
    return payments


def _key(group: tuple[tuple[date, str, str], list[RemitClaim]]) -> tuple[date, str, str]:
    return group[0]


def _add_interest_and_recoveries(payments: list[Payment]) -> None:
    """Interest on every 17th regular payment, a recovery on every 23rd, a refund on every 29th."""
    regular = [payment for payment in payments if payment.kind == REGULAR and payment.claims_paid > 500]
    for number, payment in enumerate(regular):
        icn = payment.claims[0].icn
        if number % 17 == 3:
            payment.plb.append(ProviderAdjustment("L6", icn, Decimal("-3.27"), "interest"))
        if number % 23 == 5:
            payment.plb.append(ProviderAdjustment("WO", icn, Decimal("120.50"), "recovery"))
        if number % 29 == 7:  # the clinic refunded by cheque: the recovery and the refund cancel out
            payment.plb.append(ProviderAdjustment("WO", icn, Decimal("88.40"), "recovery_of_refunded"))
            payment.plb.append(ProviderAdjustment("72", icn, Decimal("-88.40"), "refund_received"))


def _carry_forward(payments: list[Payment]) -> None:
    """A payment may not be negative: PLB FB moves the debt to the payer's next payments to that clinic."""
    debts: dict[str, tuple[Decimal, str]] = {}
    for payment in payments:
        debt, trace = debts.get(payment.payer.payer_id, (ZERO, payment.trace))
        net = payment.amount
        if net < 0:
            payment.plb.append(ProviderAdjustment("FB", payment.trace, net, "balance_forwarded"))
            debts[payment.payer.payer_id] = (debt - net, trace if debt else payment.trace)
        elif debt and net:
            applied = min(debt, net)
            payment.plb.append(ProviderAdjustment("FB", trace, applied, "forwarded_balance_taken"))
            debts[payment.payer.payer_id] = (debt - applied, trace)


def make_files(payments: Sequence[Payment]) -> list[RemitFile]:
    """One file a payment, but pooled payers share one file a day; a few come zipped, late or twice."""
    groups: defaultdict[tuple[date, str], list[Payment]] = defaultdict(list)
    for payment in payments:
        source = "clearinghouse" if payment.payer.pool else f"{payment.payer.payer_id}_{payment.trace[-5:]}"
        groups[payment.paid_on, source].append(payment)
    if not payments:
        return []
    clinic = payments[0].clinic
    base = int(clinic.tin[-3:]) * 100_000
    files = []
    for number, ((day, source), members) in enumerate(sorted(groups.items(), key=lambda g: g[0])):
        name = f"{source}_{clinic.clinic_id}_{day:%Y%m%d}"
        arrival = "late" if number == LATE else "regular"
        files.append(RemitFile(name, tuple(members), number, base + number, number == ZIPPED, arrival))
    for first in files[RESENT : RESENT + 1]:
        files.append(
            replace(first, name=f"{first.name}_again", control=first.control + 50_000, arrival="resent")
        )
    for first in files[COPIED : COPIED + 1]:
        files.append(replace(first, name=f"{first.name}_copy", arrival="copied"))
    return files
