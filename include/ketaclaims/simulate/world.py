"""The whole simulated world of one seed: clinics with their faults, and every answer of every payer."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from ketaclaims.simulate.adjudicate import RemitClaim, answers
from ketaclaims.simulate.auths import stamp_numbers
from ketaclaims.simulate.course import run_courses
from ketaclaims.simulate.defects import KINDS, plant_on_visits
from ketaclaims.simulate.ehr_writer import Exporter, Window, claim_status
from ketaclaims.simulate.faults import Defect
from ketaclaims.simulate.model import Calendar, Clinic, Row
from ketaclaims.simulate.near_misses import plant_near_misses
from ketaclaims.simulate.oracle import Finding, find_all
from ketaclaims.simulate.pa_defects import PA_KINDS, PA_NEAR_MISSES, plant_on_auths
from ketaclaims.simulate.patient_payments import collect_from_patients
from ketaclaims.simulate.payments import Payment, make_payments
from ketaclaims.simulate.practice import build_clinic
from ketaclaims.simulate.reference import Reference, load_reference
from ketaclaims.simulate.truth import claim_row

Progress = Callable[[str], None]
RemitsByClaim = dict[str, list[RemitClaim]]
PA_FAULTS_PER_KIND = 3  # each costs a whole patient


@dataclass(frozen=True, slots=True)
class Parameters:
    """What makes one simulation; equal parameters give equal bytes. ``extra_days``: a seed for each."""

    clinics: int
    months: int
    seed: int
    defect_share: float
    start: date
    extra_days: tuple[int, ...] = ()
    delivery: str = "canonical"
    dirt: float = 0
    lossy_dirt: float = 0

    @property
    def calendar(self) -> Calendar:
        """The simulated span."""
        return Calendar(self.start, self.months)


@dataclass
class World:
    """Clinics, answers by clinic and claim (also those after the span), payments in date order."""

    parameters: Parameters
    reference: Reference
    clinics: list[Clinic] = field(default_factory=list)
    defects: list[Defect] = field(default_factory=list)
    near_misses: list[Defect] = field(default_factory=list)
    remits: dict[str, RemitsByClaim] = field(default_factory=dict)
    payments: list[Payment] = field(default_factory=list)
    exporters: dict[str, Exporter] = field(default_factory=dict)

    def known(self, clinic: Clinic, until: date) -> RemitsByClaim:
        """The answers paid before that day, by claim."""
        found: defaultdict[str, list[RemitClaim]] = defaultdict(list)
        for claim_id, remits in self.remits[clinic.clinic_id].items():
            found[claim_id] = [remit for remit in remits if remit.paid_on < until]
        return found

    def findings(self, window: Window) -> list[Finding]:
        """Every finding due at the end of that export, over all clinics."""
        return [
            finding
            for clinic in self.clinics
            for finding in find_all(clinic, self.known(clinic, window.until), window.moment, self.reference)
        ]

    def claim_rows(self, window: Window) -> list[Row]:
        """Truth of every claim at the end of that export."""
        rows = []
        for clinic in self.clinics:
            known = self.known(clinic, window.until)
            for claim in sorted(clinic.claims, key=lambda c: c.claim_id):
                if not claim.superseded and claim.created_at <= window.moment:
                    remits = known[claim.claim_id]
                    rows.append(claim_row(clinic, claim, remits, claim_status(claim, remits, window.moment)))
        return rows


def build_world(parameters: Parameters, progress: Progress) -> World:
    """Simulate the span: people, visits, claims, faults, answers. Nothing is written."""
    reference, calendar = load_reference(), parameters.calendar
    world = World(parameters, reference)
    for index in range(parameters.clinics):
        progress(f"clinic {index + 1} of {parameters.clinics}")
        clinic = build_clinic(index, reference, calendar, parameters.seed)
        run_courses(clinic, reference, calendar)
        _plant(world, clinic)
        stamp_numbers(clinic)
        world.clinics.append(clinic)
    progress("payers answer")
    everything = [remit for clinic in world.clinics for remit in _answer(world, clinic)]
    world.payments = make_payments(world.clinics, everything, reference.payers.values())
    for clinic in world.clinics:
        world.exporters[clinic.clinic_id] = Exporter(clinic, world.remits[clinic.clinic_id])
    return world


def _plant(world: World, clinic: Clinic) -> None:
    share, reference = world.parameters.defect_share, world.reference
    visits = sum(session.kind == "esketamine" for session in clinic.sessions)
    wanted = round(share * visits / (len(KINDS) + len(PA_KINDS)))
    per_kind = max(1, wanted) if share > 0 else 0
    world.defects += plant_on_auths(clinic, PA_KINDS, min(PA_FAULTS_PER_KIND, per_kind))
    world.near_misses += plant_on_auths(clinic, PA_NEAR_MISSES, 1)
    world.near_misses += plant_near_misses(clinic, reference, world.parameters.calendar)
    world.defects += plant_on_visits(clinic, reference, per_kind)


def _answer(world: World, clinic: Clinic) -> list[RemitClaim]:
    by_claim: RemitsByClaim = {}
    for claim in clinic.claims:
        if not claim.superseded:
            by_claim[claim.claim_id] = list(answers(clinic, claim, world.reference, world.parameters.seed))
    world.remits[clinic.clinic_id] = by_claim
    everything = [remit for remits in by_claim.values() for remit in remits]
    collect_from_patients(clinic, everything, world.parameters.seed)
    return everything


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
