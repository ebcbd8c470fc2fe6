"""One more day of a simulated practice: new visits and claims, and the payments that came meanwhile."""

from datetime import date
from random import Random

from ketaclaims.errors import KetaclaimsError
from ketaclaims.simulate.auths import authorisations_of, stamp_numbers
from ketaclaims.simulate.billing import bill_esketamine
from ketaclaims.simulate.care import give_esketamine, open_day
from ketaclaims.simulate.defects import KINDS, plant
from ketaclaims.simulate.ehr_writer import Window
from ketaclaims.simulate.faults import Defect
from ketaclaims.simulate.model import Clinic, Patient
from ketaclaims.simulate.payments import RemitFile
from ketaclaims.simulate.world import World, day_after, noon, payments_between

VISITS_PER_CLINIC = 4
FAULT = {"jcode_plus_em": "units_one", "gcode": "gcode_units"}


def live_extra_day(
    world: World, number: int, seed: int, since: date
) -> tuple[Window, RemitFile, list[Defect]]:
    """Add the ``number``-th extra day, beginning at ``since``, to the world; return what to write for it."""
    day = open_day(since, world.reference)
    pending = [payment.paid_on for payment in world.payments if payment.paid_on >= since]
    if not pending:
        raise KetaclaimsError(
            "SIMULATION_OVER", "no payer owes an answer any more", next_step="Simulate more months instead."
        )
    until = day_after(max(day, pending[0]))
    planted = [
        defect
        for clinic in world.clinics
        for defect in _visits(
            world, clinic, day, Random(f"{world.parameters.seed}:{seed}:{number}:{clinic.clinic_id}")
        )
    ]
    payments = tuple(payments_between(world.payments, since, until))
    window = Window(f"{day}", since, until, noon(until))
    return window, RemitFile(f"extra_{until:%Y%m%d}", payments, number, 800_000 + number), planted


def _visits(world: World, clinic: Clinic, day: date, rng: Random) -> list[Defect]:
    clinic.rng = rng
    fit = [patient for patient in clinic.patients if _may_come(clinic, patient, day)]
    planted = []
    for position, patient in enumerate(rng.sample(fit, min(VISITS_PER_CLINIC, len(fit)))):
        session = give_esketamine(clinic, patient, day, 56, world.reference)
        bill_esketamine(clinic, session, world.reference)
        if position == 0 and world.parameters.defect_share > 0:
            kind = next(kind for kind in KINDS if kind.name == FAULT[patient.payer.model])
            planted.append(plant(clinic, session, kind, world.reference, 0))
    stamp_numbers(clinic)
    world.defects += planted
    return planted


def _may_come(clinic: Clinic, patient: Patient, day: date) -> bool:
    """Whether one more visit is clean: claims are billed, and its PA, if one is needed, has a visit left."""
    if patient.track != "esketamine" or not patient.has_claims or patient.reserved:
        return False
    if not patient.payer.pa_required:
        return True
    covering = [pa for pa in authorisations_of(clinic, patient) if pa.covers(day)]
    if len(covering) != 1 or patient.pa_basis != "visit":
        return False
    visits = sum(
        s.patient is patient and s.kind == "esketamine" and covering[0].covers(s.dos) for s in clinic.sessions
    )
    return covering[0].units_approved is not None and visits + 1 <= covering[0].units_approved
