"""What happens in the rooms: when patients come, what is given, measured and noted."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from ketaclaims.simulate.model import Administration, Calendar, Clinic, Encounter, Patient, Row, Session
from ketaclaims.simulate.reference import Reference

INDUCTION_DAYS = (0, 3, 7, 10, 14, 17, 21, 24)
WEEKLY_DAYS = (28, 35, 42, 49)
INFUSION_DAYS = (0, 3, 7, 10, 14, 17)
MAINTENANCE_GAP = {"esketamine": 14, "iv": 28, "im": 28}


def treatment_days(track: str, first: date, end: date, reference: Reference) -> list[date]:
    """Days of a course begun on ``first`` (a Monday or Tuesday), shifted off closed days, before ``end``."""
    offsets = list(INDUCTION_DAYS + WEEKLY_DAYS if track == "esketamine" else INFUSION_DAYS)
    gap = MAINTENANCE_GAP[track]
    following = (offsets[-1] // 7 + 1) * 7 + (7 if track == "esketamine" else 21)
    while first + timedelta(days=following) < end:
        offsets.append(following)
        following += gap
    return [open_day(first + timedelta(days=offset), reference) for offset in offsets]


def open_day(day: date, reference: Reference) -> date:
    """That day, or the next one on which clinics work."""
    while reference.is_closed(day):
        day += timedelta(days=1)
    return day


def start_of_course(rng: Random, calendar: Calendar) -> date:
    """A Monday or Tuesday between two months before the span and its middle."""
    span = (calendar.end - calendar.start).days
    day = calendar.start + timedelta(days=rng.randrange(-60, max(1, span // 2)))
    return day - timedelta(days=day.weekday()) + timedelta(days=rng.randrange(2))


def see_patient(
    clinic: Clinic,
    patient: Patient,
    day: date,
    hour: int,
    minutes: int,
    visit_type: str,
    *,
    npi: str = "",
    new: bool = False,
) -> Session:
    """Record one visit and add it to the clinic's sessions."""
    start = clinic.at(day, hour, clinic.rng.choice((0, 10, 20, 30)))
    encounter = Encounter(
        encounter_id=clinic.new_id("E"),
        patient_id=patient.patient_id,
        rendering_npi=npi or patient.prescriber_npi,
        start_at=start,
        end_at=clinic.later(start, minutes),
        visit_type=visit_type,
        new_patient=new,
    )
    session = Session(patient, day, visit_type, encounter)
    clinic.sessions.append(session)
    return session


def log_time(clinic: Clinic, session: Session, activity: str, npi: str, minutes: int) -> None:
    """A time log entry at the end of the visit."""
    end = session.encounter.end_at
    row: Row = {
        "time_id": clinic.new_id("L"), "encounter_id": session.encounter.encounter_id, "npi": npi,
        "activity": activity, "start_at": clinic.later(end, -minutes), "end_at": end, "minutes": minutes,
    }  # fmt: skip
    clinic.rows["time_log"].append((session.dos, row))


def observe(clinic: Clinic, session: Session, kind: str, minute: int, **values: int | str | Decimal) -> None:
    """A vital sign or score taken that many minutes into the visit."""
    row: Row = {
        "observation_id": clinic.new_id("O"), "patient_id": session.patient.patient_id,
        "encounter_id": session.encounter.encounter_id, "kind": kind,
        "taken_at": clinic.later(session.encounter.start_at, minute), "scored_by": clinic.nurse, **values,
    }  # fmt: skip
    clinic.rows["observation"].append((session.dos, row))


def _blood_pressure(clinic: Clinic, session: Session, minute: int) -> None:
    rng = clinic.rng
    observe(clinic, session, "bp", minute, sbp=rng.randrange(112, 146), dbp=rng.randrange(68, 92))


def score_phq9(clinic: Clinic, session: Session) -> None:
    """A PHQ-9 at the start of the visit."""
    score = Decimal(clinic.rng.randrange(4, 25))
    observe(clinic, session, "instrument", 2, instrument="PHQ-9", item_count=9, value_num=score)


def give_esketamine(
    clinic: Clinic,
    patient: Patient,
    day: date,
    dose_mg: int,
    reference: Reference,
    *,
    hour: int | None = None,
) -> Session:
    """One monitored Spravato session; two devices for 56 mg, three for 84 mg, five minutes apart."""
    rng = clinic.rng
    begins = rng.randrange(8, 15)
    session = see_patient(clinic, patient, day, begins if hour is None else hour, 175, "esketamine")
    begin = clinic.later(session.encounter.start_at, 15)
    last = clinic.later(begin, 5 * (dose_mg // 28 - 1))
    discharged = clinic.later(last, rng.choice((120, 121, 125, 130, 135, 140)))
    session.encounter.em_minutes = 25
    session.administrations.append(
        Administration(
            administration_id=clinic.new_id("A"),
            encounter_id=session.encounter.encounter_id,
            drug="esketamine",
            route="nasal",
            dose_mg=Decimal(dose_mg),
            start_at=begin,
            stop_at=last,
            last_device_at=last,
            discharged_at=discharged,
            given_by=clinic.nurse,
            ndc11=reference.raw["ndc"][str(dose_mg)],
            weight_kg=patient.weight_kg,
        )
    )
    _monitor(clinic, session)
    return session


def _monitor(clinic: Clinic, session: Session) -> None:
    """Vitals, sedation, at times a PHQ-9, the nurse's two hours and the REMS form."""
    for minute in (5, 65, 150):
        _blood_pressure(clinic, session, minute)
    observe(clinic, session, "sedation", 60, value_num=Decimal(clinic.rng.randrange(0, 3)))
    if clinic.rng.random() < 0.5:
        score_phq9(clinic, session)
    log_time(clinic, session, "monitoring", clinic.nurse, 120)
    form: Row = {
        "encounter_id": session.encounter.encounter_id, "form_type": "patient_monitoring",
        "submitted_at": clinic.later(session.encounter.end_at, 60 * clinic.rng.randrange(2, 24)),
    }  # fmt: skip
    clinic.rows["rems_form"].append((session.dos, form))


def give_ketamine(clinic: Clinic, patient: Patient, day: date, reference: Reference) -> Session:
    """One ketamine infusion (40 minutes, 0.5 mg/kg) or injection (0.8 mg/kg)."""
    is_iv = patient.track == "iv"
    session = see_patient(clinic, patient, day, clinic.rng.randrange(8, 15), 130, patient.track)
    begin = clinic.later(session.encounter.start_at, 20)
    stop = clinic.later(begin, 40 if is_iv else 1)
    dose = (patient.weight_kg * Decimal("0.5" if is_iv else "0.8")).quantize(Decimal("0.1"))
    session.encounter.em_minutes = 22
    session.administrations.append(
        Administration(
            administration_id=clinic.new_id("A"),
            encounter_id=session.encounter.encounter_id,
            drug="ketamine",
            route="IV" if is_iv else "IM",
            dose_mg=dose,
            start_at=begin,
            stop_at=stop,
            last_device_at=None,
            discharged_at=clinic.later(stop, 60),
            given_by=clinic.nurse,
            ndc11=reference.raw["ndc"]["ketamine"],
            weight_kg=patient.weight_kg,
            strength_mg_per_ml=Decimal(reference.raw["ketamine_mg_per_ml"]),
        )
    )
    for minute in (5, 40, 100):
        _blood_pressure(clinic, session, minute)
    return session


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
        )
    )
