"""One more day of a simulated practice: new visits and claims, and the payments that came meanwhile."""

from collections.abc import Sequence
from datetime import date
from random import Random

from ketaclaims.errors import KetaclaimsError
from ketaclaims.simulate.auths import authorisations_of, stamp_numbers
from ketaclaims.simulate.billing import bill_esketamine
from ketaclaims.simulate.care import RESPONSE_TARGET, open_day
from ketaclaims.simulate.ehr_writer import Window
from ketaclaims.simulate.faults import Defect
from ketaclaims.simulate.kinds.drug import KINDS
from ketaclaims.simulate.kinds.registry import Plot
from ketaclaims.simulate.model import Clinic, Patient
from ketaclaims.simulate.payments import RemitFile
from ketaclaims.simulate.sessions import give_esketamine
from ketaclaims.simulate.world import ClinicWorld, Parameters, day_after, noon, payments_between

VISITS_PER_CLINIC = 4
FAULT = {"jcode_plus_em": "units_one", "gcode": "gcode_units"}
CONTROL = 999_000_000


def live_extra_day(
    worlds: Sequence[ClinicWorld], parameters: Parameters, number: int, seed: int, since: date
) -> tuple[Window, RemitFile, list[Defect]]:
    """Add the ``number``-th extra day, from ``since`` on, to the clinics; return what to write for it."""
    day = open_day(since, worlds[0].reference)
    payments = sorted((p for world in worlds for p in world.payments), key=lambda p: (p.paid_on, p.trace))
    pending = [payment.paid_on for payment in payments if payment.paid_on >= since]
    if not pending:
        raise KetaclaimsError(
            "SIMULATION_OVER", "no payer owes an answer any more", next_step="Simulate more months instead."
        )
    until = day_after(max(day, pending[0]))
    planted = [
        defect
        for world in worlds
        for defect in _visits(
            world,
            parameters,
            day,
            Random(f"{parameters.seed}:{seed}:{number}:{world.clinic.clinic_id}"),
        )
    ]
    window = Window(f"{day}", since, until, noon(until))
    paid = tuple(payments_between(payments, since, until))
    return window, RemitFile(f"extra_{until:%Y%m%d}", paid, number, CONTROL + number), planted


def _visits(world: ClinicWorld, parameters: Parameters, day: date, rng: Random) -> list[Defect]:
    clinic, reference = world.clinic, world.reference
    clinic.rng = rng
    fit = [patient for patient in clinic.patients if _may_come(clinic, patient, day)]
    chosen = rng.sample(fit, min(VISITS_PER_CLINIC, len(fit)))
    sessions = [give_esketamine(clinic, patient, day, 56, reference, days_in_course=99) for patient in chosen]
    for session in sessions:
        bill_esketamine(clinic, session, reference)
    stamp_numbers(clinic, sessions)
    planted = []
    if parameters.defect_share > 0 and sessions:
        name = FAULT[sessions[0].patient.payer.model]
        kind = next(kind for kind in KINDS if kind.name == name)
        planted.append(kind.plant_on(Plot(clinic, reference, parameters.calendar), sessions[0], 0))
    world.defects += planted
    return planted


def _may_come(clinic: Clinic, patient: Patient, day: date) -> bool:
    """Whether one more visit is clean: claims are billed, and its PA, if one is needed, has a visit left."""
    if patient.track != "esketamine" or not patient.has_claims or patient.reserved:
        return False
    if patient.payer.model not in FAULT or patient.indication != "TRD" or patient.response < RESPONSE_TARGET:
        return False
    days = [s.dos for s in clinic.sessions if s.patient is patient and s.kind == "esketamine"]
    if (day - max(days)).days < 7:
        return False
    if not patient.payer.pa_required:
        return True
    covering = [pa for pa in authorisations_of(clinic, patient) if pa.covers(day)]
    if len(covering) != 1 or patient.pa_basis != "visit":
        return False
    visits = sum(covering[0].covers(earlier) for earlier in days)
    return covering[0].units_approved is not None and visits + 1 <= covering[0].units_approved
