"""The simulated world of one seed, clinic by clinic: faults, and every answer of every payer.

A clinic depends on the seed and its own number alone, so clinics may be made in any order or at once.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random

from ketaclaims.simulate.adjudicate import Answering
from ketaclaims.simulate.auths import stamp_numbers
from ketaclaims.simulate.bank import deposit
from ketaclaims.simulate.course import run_courses
from ketaclaims.simulate.delivery.courier import Courier
from ketaclaims.simulate.delivery.dirt import Dirt
from ketaclaims.simulate.delivery.parcel import Parcel
from ketaclaims.simulate.ehr_writer import Exporter, Window
from ketaclaims.simulate.faults import Defect
from ketaclaims.simulate.kinds import PATIENT_FAULTS, PATIENT_NEAR_MISSES, VISIT_FAULTS, VISIT_NEAR_MISSES
from ketaclaims.simulate.kinds.registry import Plot, plant_all
from ketaclaims.simulate.model import Calendar, Clinic, Row
from ketaclaims.simulate.oracle import RULES, Finding, find_all
from ketaclaims.simulate.patient_payments import collect_from_patients
from ketaclaims.simulate.payments import Payment, make_payments
from ketaclaims.simulate.practice import build_clinic
from ketaclaims.simulate.reference import Reference, load_reference
from ketaclaims.simulate.remits import RemitClaim

RemitsByClaim = dict[str, list[RemitClaim]]
PATIENT_FAULTS_PER_KIND = 3  # each costs a whole patient
NEAR_MISSES_PER_KIND = 1


@dataclass(frozen=True, slots=True)
class Parameters:
    """What makes one simulation; equal parameters give equal bytes.

    ``patients``: per clinic, None for the usual panel. ``extra_days``: a seed for each. ``delivery``: form of
    the exports. ``dirt`` and ``lossy_dirt``: shares written in forms that lose nothing, or that
    nobody can read.
    """

    clinics: int
    months: int
    seed: int
    defect_share: float
    start: date
    patients: int | None = None
    extra_days: tuple[int, ...] = ()
    delivery: str = "canonical"
    dirt: float = 0
    lossy_dirt: float = 0

    @property
    def calendar(self) -> Calendar:
        """The simulated span."""
        return Calendar(self.start, self.months)


@dataclass
class ClinicWorld:
    """One clinic: its answers by claim (also those after the span), its payments in date order."""

    clinic: Clinic
    reference: Reference
    courier: Courier
    defects: list[Defect] = field(default_factory=list)
    near_misses: list[Defect] = field(default_factory=list)
    remits: RemitsByClaim = field(default_factory=dict)
    payments: list[Payment] = field(default_factory=list)
    deposits: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        """The exporter sees the answers as they come in."""
        self.exporter = Exporter(self.clinic, self.remits)

    def parcels(self, window: Window) -> Iterator[Parcel]:
        """The files of one export. What an export has sent is not sent again."""
        return self.courier.parcels(window, self.exporter.tables(window))

    def known(self, until: date) -> RemitsByClaim:
        """The answers paid before that day, by claim."""
        found: defaultdict[str, list[RemitClaim]] = defaultdict(list)
        for claim_id, remits in self.remits.items():
            found[claim_id] = [remit for remit in remits if remit.paid_on < until]
        return found

    def findings(self, window: Window) -> list[Finding]:
        """Every finding due at the end of that export.

        Of the rules the oracle knows, what it finds itself; of all others, what the planted faults declare.
        """
        found = find_all(self.clinic, self.known(window.until), window.moment, self.reference)
        declared = [
            Finding(e.rule_id, self.clinic.clinic_id, e.subject, e.subject_key, e.status)
            for defect in self.defects
            for e in defect.findings
            if e.rule_id not in RULES
        ]
        return sorted({*found, *declared})


def build_clinic_world(parameters: Parameters, index: int) -> ClinicWorld:
    """Simulate the clinic of that number over the span: people, visits, claims, faults, answers."""
    reference, calendar = load_reference(), parameters.calendar
    clinic = build_clinic(index, reference, calendar, parameters.seed, parameters.patients)
    run_courses(clinic, reference, calendar)
    world = ClinicWorld(clinic, reference, _courier(clinic, index, parameters, reference))
    _plant(world, Plot(clinic, reference, calendar), parameters.defect_share)
    _answer(world, parameters)
    return world


def _courier(clinic: Clinic, index: int, given: Parameters, reference: Reference) -> Courier:
    rng = Random(f"{given.seed}:dirt:{clinic.clinic_id}")
    dirt = Dirt(clinic.clinic_id, rng, given.dirt, given.lossy_dirt)
    return Courier(clinic, index + 1, given.delivery, reference.payers, dirt)


def _plant(world: ClinicWorld, plot: Plot, share: float) -> None:
    visits = sum(session.kind == "esketamine" for session in plot.clinic.sessions)
    wanted = round(share * visits / (len(VISIT_FAULTS) + len(PATIENT_FAULTS)))
    per_kind = max(1, wanted) if share > 0 else 0
    patients = plant_all(plot, dict.fromkeys(PATIENT_FAULTS, min(PATIENT_FAULTS_PER_KIND, per_kind)))
    patients += plant_all(plot, dict.fromkeys(PATIENT_NEAR_MISSES, NEAR_MISSES_PER_KIND))
    stamp_numbers(plot.clinic, plot.clinic.sessions)
    wanted_of = dict.fromkeys(VISIT_NEAR_MISSES, NEAR_MISSES_PER_KIND) | dict.fromkeys(VISIT_FAULTS, per_kind)
    for planted in patients + plant_all(plot, wanted_of):
        (world.defects if planted.expected else world.near_misses).append(planted)


def _answer(world: ClinicWorld, parameters: Parameters) -> None:
    clinic, with_errors = world.clinic, parameters.defect_share > 0
    answering = Answering(clinic, world.reference, parameters.seed, with_errors)
    for claim in clinic.claims:
        if not claim.superseded:
            world.remits[claim.claim_id] = list(answering.answers(claim))
    everything = [remit for remits in world.remits.values() for remit in remits]
    collect_from_patients(clinic, everything, parameters.seed)
    world.payments = make_payments(clinic, everything)
    world.deposits = deposit(clinic, world.payments, parameters.calendar.end, with_errors=with_errors)


def month_windows(calendar: Calendar) -> list[Window]:
    """The monthly exports of the span; the first also holds what happened before it."""
    windows = []
    for index in range(calendar.months):
        since = date.min if index == 0 else calendar.month_start(index)
        until, label = calendar.month_start(index + 1), f"{calendar.month_start(index):%Y-%m}"
        windows.append(Window(label, since, until, noon(until)))
    return windows


def noon(day: date) -> datetime:
    """12:00 UTC of that day: when exports are written, after every clinic's last visit of the day before."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def payments_between(payments: Sequence[Payment], since: date, until: date) -> list[Payment]:
    """Payments dated ``since <= day < until``."""
    return [payment for payment in payments if since <= payment.paid_on < until]


def day_after(day: date) -> date:
    """The next day."""
    return day + timedelta(days=1)
