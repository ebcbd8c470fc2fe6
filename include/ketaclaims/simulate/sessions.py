"""Treatment sessions: Spravato under observation, ketamine as infusion, push or injection."""

from datetime import date, datetime
from decimal import Decimal

from ketaclaims.simulate.care import (
    OPENING,
    document_session,
    log_time,
    moment,
    new_visit,
    observe,
    score_phq9,
)
from ketaclaims.simulate.diary import book, book_any, first_free
from ketaclaims.simulate.model import Administration, Clinic, Patient, Session
from ketaclaims.simulate.reference import DEVICE_MG, Reference

EM_TO_DOSE = 40  # minutes from the start of the visit to the first device
DEVICE_GAP = 5
WATCHED = 160  # minutes a nurse is taken by one Spravato session
INFUSION_MINUTES = (40, 40, 45, 60, 95, 10)
WATCHED_MINUTES = (120, 121, 125, 130, 135, 140)  # from the last device to discharge
OVER_140_90 = 0.03


def _start_of_session(clinic: Clinic, patient: Patient, day: date, minutes: int) -> tuple[int, str]:
    """When prescriber and a nurse are both free, and which nurse; she begins before the dose."""
    busy = clinic.diary[patient.prescriber_npi, day]
    earliest = OPENING + 10 * clinic.rng.randrange(0, 36)
    while True:
        start = first_free(busy, earliest, minutes)
        nurse = book_any(clinic, clinic.nurses, day, start + EM_TO_DOSE, WATCHED)
        if nurse is not None:
            busy.append((start, start + minutes))
            return start, nurse
        earliest = start + 10


def give_esketamine(
    clinic: Clinic,
    patient: Patient,
    day: date,
    dose_mg: int,
    reference: Reference,
    *,
    days_in_course: int = 0,
    at_midnight: bool = False,
) -> Session:
    """One monitored Spravato session; two devices for 56 mg, three for 84 mg, five minutes apart."""
    em_minutes = clinic.rng.randrange(22, 38)
    if at_midnight:
        start, nurse = book(clinic, patient.prescriber_npi, day, 0, em_minutes), clinic.nurse
    else:
        start, nurse = _start_of_session(clinic, patient, day, em_minutes)
    watched = clinic.rng.choice(WATCHED_MINUTES)
    minutes = EM_TO_DOSE + DEVICE_GAP * (dose_mg // DEVICE_MG - 1) + watched + 5
    session = new_visit(clinic, patient, moment(clinic, day, start), minutes, "esketamine")
    _evaluate(clinic, session, em_minutes)
    given = _spray(clinic, session, dose_mg, nurse, watched, reference)
    session.administrations.append(given)
    score_phq9(clinic, session, days_in_course)
    log_time(clinic, session, "monitoring", nurse, watched, start=given.last_device_at)
    high = _watch(clinic, session, given.start_at)
    document_session(clinic, session, high_bp=high, has_em=patient.payer.model != "gcode")
    _file_rems_form(clinic, session)
    return session


def _spray(
    clinic: Clinic, session: Session, dose_mg: int, nurse: str, watched: int, reference: Reference
) -> Administration:
    """The devices of one session, one after the other, and the discharge so many minutes after the last."""
    patient = session.patient
    begin = clinic.later(session.encounter.start_at, EM_TO_DOSE)
    last = clinic.later(begin, DEVICE_GAP * (dose_mg // DEVICE_MG - 1))
    return Administration(
        administration_id=clinic.new_id("A"),
        encounter_id=session.encounter.encounter_id,
        drug="esketamine",
        route="nasal",
        dose_mg=Decimal(dose_mg),
        start_at=begin,
        stop_at=last,
        last_device_at=last,
        discharged_at=clinic.later(last, watched),
        given_by=nurse,
        ndc11=reference.raw["ndc"][str(dose_mg)],
        weight_kg=patient.weight_kg,
        acquisition="specialty_pharmacy" if patient.payer.model == "pharmacy_plus_em" else "buy_and_bill",
        ordering_npi=patient.prescriber_npi,
        lot=f"LOT{session.dos:%y%m}",
    )


def _evaluate(clinic: Clinic, session: Session, em_minutes: int) -> None:
    """The prescriber's part of the visit, before the dose."""
    session.encounter.em_minutes = em_minutes
    session.encounter.em_basis = "time" if clinic.rng.random() < 0.6 else "mdm"
    log_time(clinic, session, "em", session.encounter.rendering_npi, em_minutes)


def _watch(clinic: Clinic, session: Session, dose_at: datetime) -> bool:
    """Vitals before the dose, at its height and before discharge; whether the first pressure was high."""
    rng = clinic.rng
    is_high = rng.random() < OVER_140_90
    first = (rng.randrange(142, 150), rng.randrange(84, 90)) if is_high else (rng.randrange(108, 139), 78)
    for minutes, (sbp, dbp) in (
        (-20, first),
        (40, (rng.randrange(118, 152), rng.randrange(70, 95))),
        (110, (rng.randrange(110, 138), rng.randrange(68, 88))),
    ):
        observe(clinic, session, "bp", clinic.later(dose_at, minutes), sbp=sbp, dbp=dbp)
    for kind, value in (
        ("hr", rng.randrange(58, 96)),
        ("spo2", rng.randrange(95, 100)),
        ("sedation", rng.randrange(0, 3)),
        ("dissociation", rng.randrange(0, 30)),
    ):
        observe(clinic, session, kind, clinic.later(dose_at, 40), value_num=Decimal(value))
    return is_high


def _file_rems_form(clinic: Clinic, session: Session) -> None:
    submitted = clinic.later(session.encounter.end_at, 60 * clinic.rng.randrange(2, 72))
    clinic.rows["rems_form"].append(
        (
            session.dos,
            {
                "encounter_id": session.encounter.encounter_id,
                "form_type": "patient_monitoring",
                "submitted_at": submitted,
            },
        )
    )


def give_ketamine(
    clinic: Clinic,
    patient: Patient,
    day: date,
    reference: Reference,
    *,
    days_in_course: int = 0,
    with_em: bool = False,
) -> Session:
    """One ketamine infusion or push (0.5 mg/kg) or injection (0.8 mg/kg)."""
    rng = clinic.rng
    em_minutes = rng.randrange(20, 30)
    start = book(clinic, patient.prescriber_npi, day, OPENING + 10 * rng.randrange(0, 36), em_minutes)
    minutes = rng.choice(INFUSION_MINUTES) if patient.track == "iv" else 1
    begins = moment(clinic, day, start)
    session = new_visit(clinic, patient, begins, EM_TO_DOSE + minutes + 125, patient.track)
    _evaluate(clinic, session, em_minutes)
    given = _infusion(clinic, session, minutes, reference)
    session.administrations.append(given)
    score_phq9(clinic, session, days_in_course)
    high = _watch(clinic, session, given.start_at)
    document_session(clinic, session, high_bp=high, has_em=with_em)
    return session


def _infusion(clinic: Clinic, session: Session, minutes: int, reference: Reference) -> Administration:
    """Ketamine into the vein over that many minutes, or into the muscle."""
    patient, is_iv = session.patient, session.patient.track == "iv"
    begin = clinic.later(session.encounter.start_at, EM_TO_DOSE)
    stop = clinic.later(begin, minutes)
    return Administration(
        administration_id=clinic.new_id("A"),
        encounter_id=session.encounter.encounter_id,
        drug="ketamine",
        route="IV" if is_iv else "IM",
        dose_mg=(patient.weight_kg * Decimal("0.5" if is_iv else "0.8")).quantize(Decimal("0.1")),
        start_at=begin,
        stop_at=stop,
        last_device_at=None,
        discharged_at=clinic.later(stop, 120),
        given_by=clinic.nurse,
        ndc11=reference.raw["ndc"]["ketamine"],
        weight_kg=patient.weight_kg,
        strength_mg_per_ml=Decimal(reference.raw["ketamine_mg_per_ml"]),
        container_type="multi",
        ordering_npi=patient.prescriber_npi,
        lot=f"LOT{session.dos:%y%m}",
    )


def discarded_entry(clinic: Clinic, session: Session) -> None:
    """A mistaken chart entry, marked entered in error: it must count nowhere."""
    real = session.administrations[0]
    assert real.last_device_at is not None
    session.administrations.append(
        Administration(
            administration_id=clinic.new_id("A"),
            encounter_id=real.encounter_id,
            drug="esketamine",
            route="nasal",
            dose_mg=Decimal(28),
            start_at=real.start_at,
            stop_at=real.stop_at,
            last_device_at=real.last_device_at,
            discharged_at=clinic.later(real.last_device_at, 30),
            given_by=clinic.nurse,
            ndc11=real.ndc11,
            weight_kg=real.weight_kg,
            status="entered_in_error",
            ordering_npi=real.ordering_npi,
        )
    )
