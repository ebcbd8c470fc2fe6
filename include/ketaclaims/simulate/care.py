"""Visits and what is measured and noted in them; when clinics are open and patients come."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from ketaclaims.simulate.diary import book
from ketaclaims.simulate.model import Calendar, Clinic, Encounter, Patient, Row, Session
from ketaclaims.simulate.reference import Reference

INDUCTION_DAYS = (0, 3, 7, 10, 14, 17, 21, 24)
WEEKLY_DAYS = (28, 35, 42, 49)
INFUSION_DAYS = (0, 3, 7, 10, 14, 17)
MAINTENANCE_GAP = {"esketamine": 14, "iv": 28, "im": 28, "kap": 28}
FULL_EFFECT_DAYS = 21
RESPONSE_TARGET = Decimal("0.55")  # a responder's PHQ-9 falls by at least this share
OPENING = 8 * 60  # minutes of the day
THERAPY_SPECIALTY = "psychotherapy"


def treatment_days(track: str, first: date, end: date, reference: Reference) -> list[date]:
    """Days of a course begun on ``first``, shifted off closed days, before ``end``."""
    offsets = list(INDUCTION_DAYS + WEEKLY_DAYS if track == "esketamine" else INFUSION_DAYS)
    gap = MAINTENANCE_GAP[track]
    following = (offsets[-1] // 7 + 1) * 7 + (7 if track == "esketamine" else 21)
    while first + timedelta(days=following) < end:
        offsets.append(following)
        following += gap
    days = {open_day(first + timedelta(days=offset), reference) for offset in offsets}
    return sorted(day for day in days if day < end)


def open_day(day: date, reference: Reference) -> date:
    """That day, or the next one on which clinics work."""
    while reference.is_closed(day):
        day += timedelta(days=1)
    return day


def open_day_before(day: date, reference: Reference) -> date:
    """That day, or the last one before it on which clinics work."""
    while reference.is_closed(day):
        day -= timedelta(days=1)
    return day


def start_of_course(rng: Random, calendar: Calendar) -> date:
    """A Monday or Tuesday between two months before the span and its middle."""
    span = (calendar.end - calendar.start).days
    day = calendar.start + timedelta(days=rng.randrange(-60, max(1, span // 2)))
    return day - timedelta(days=day.weekday()) + timedelta(days=rng.randrange(2))


def new_visit(
    clinic: Clinic, patient: Patient, start: datetime, minutes: int, visit_type: str, *, npi: str = ""
) -> Session:
    """Record one visit and add it to the clinic's sessions."""
    end = clinic.later(start, minutes)
    encounter = Encounter(
        encounter_id=clinic.new_id("E"),
        patient_id=patient.patient_id,
        rendering_npi=npi or patient.prescriber_npi,
        start_at=start,
        end_at=end,
        visit_type=visit_type,
        new_patient=False,
        patient_state=clinic.state,
        supervising_npi=clinic.prescribers[0],
        specialty=THERAPY_SPECIALTY if npi == patient.therapist_npi else "psychiatry",
        scheduled_at=start - timedelta(days=7),
        signed_at=clinic.later(end, 90),
    )
    session = Session(patient, start.date(), visit_type, encounter)
    clinic.sessions.append(session)
    return session


def see_patient(
    clinic: Clinic,
    patient: Patient,
    day: date,
    hour: int,
    minutes: int,
    visit_type: str,
    *,
    npi: str = "",
) -> Session:
    """A visit at that hour, or as soon after it as the clinician is free."""
    start = book(clinic, npi or patient.prescriber_npi, day, hour * 60, minutes)
    return new_visit(clinic, patient, moment(clinic, day, start), minutes, visit_type, npi=npi)


def moment(clinic: Clinic, day: date, minute: int) -> datetime:
    """A minute of the clinic's day as local time."""
    return clinic.at(day, 0) + timedelta(minutes=minute)


def log_time(
    clinic: Clinic,
    session: Session,
    activity: str,
    npi: str,
    minutes: int,
    *,
    start: datetime | None = None,
) -> None:
    """A time log entry from ``start``, else from the beginning of the visit."""
    begin = start or session.encounter.start_at
    row: Row = {
        "time_id": clinic.new_id("L"), "encounter_id": session.encounter.encounter_id, "npi": npi,
        "activity": activity, "start_at": begin, "end_at": clinic.later(begin, minutes), "minutes": minutes,
        "patient_id": session.patient.patient_id,
    }  # fmt: skip
    clinic.rows["time_log"].append((session.dos, row))


def observe(
    clinic: Clinic, session: Session, kind: str, taken_at: datetime, **values: int | str | Decimal
) -> None:
    """A vital sign or score."""
    row: Row = {
        "observation_id": clinic.new_id("O"), "patient_id": session.patient.patient_id,
        "encounter_id": session.encounter.encounter_id, "kind": kind, "taken_at": taken_at,
        "scored_by": clinic.nurse, **values,
    }  # fmt: skip
    clinic.rows["observation"].append((session.dos, row))


def phq9_on(patient: Patient, days_in_course: int) -> int:
    """The score so many days after the first dose: falling for three weeks, then steady."""
    share = min(Decimal(1), Decimal(max(0, days_in_course)) / FULL_EFFECT_DAYS) * patient.response
    return int(patient.phq9_baseline * (1 - share))


def score_phq9(clinic: Clinic, session: Session, days_in_course: int = 0) -> None:
    """A PHQ-9 at the start of the visit."""
    score_instrument(clinic, session, "PHQ-9", 9, phq9_on(session.patient, days_in_course))


def score_instrument(clinic: Clinic, session: Session, instrument: str, items: int, score: int) -> None:
    """One scored questionnaire."""
    taken_at = clinic.later(session.encounter.start_at, 2)
    observe(
        clinic, session, "instrument", taken_at, instrument=instrument, item_count=items,
        value_num=Decimal(score),
    )  # fmt: skip


def document_session(clinic: Clinic, session: Session, *, high_bp: bool, has_em: bool) -> None:
    """What the session note holds: everything; the E/M, where there is one, has a note of its own."""
    number = session.encounter.encounter_id[1:]
    row: Row = {
        "encounter_id": session.encounter.encounter_id, "has_indication": True, "has_history": True,
        "has_vitals": True, "has_dose_mg_per_kg": True, "has_rate": True, "has_duration": True,
        "has_dissociation": True, "has_status_after": True, "has_plan": True, "has_high_bp_note": high_bp,
        "em_note_id": f"M{number}" if has_em else None,
        "em_note_overlap_pct": Decimal(clinic.rng.randrange(5, 60)) if has_em else None,
    }  # fmt: skip
    clinic.rows["session_documentation"].append((session.dos, row))


def note_apart(clinic: Clinic, treatment: Session, visit: Session) -> None:
    """The E/M of the day has a note of its own; how much of its text the treatment's note shares."""
    for _, row in reversed(clinic.rows["session_documentation"]):
        if row["encounter_id"] == treatment.encounter.encounter_id:
            if row["em_note_overlap_pct"] is None:
                own = "M" if visit is treatment else "N"
                row["em_note_id"] = f"{own}{visit.encounter.encounter_id[1:]}"
                row["em_note_overlap_pct"] = Decimal(clinic.rng.randrange(5, 60))
            return


def check_benefits(clinic: Clinic, patient: Patient, day: date) -> None:
    """One verification of benefits with the payer."""
    rng, payer = clinic.rng, patient.payer
    row: Row = {
        "check_id": clinic.new_id("B"), "patient_id": patient.patient_id,
        "coverage_id": patient.coverage_id, "payer_id": payer.payer_id, "verified_on": day,
        "drug": "esketamine" if patient.track == "esketamine" else "ketamine", "plan_active": True,
        "network_status": patient.network, "pa_required": payer.pa_required,
        "deductible_left": Decimal(rng.randrange(0, 1500)), "out_of_pocket_left": Decimal(4000),
        "copay": payer.copay, "coinsurance_pct": payer.coinsurance * 100,
        "reference": f"271-{clinic.counters['B']:06d}",
    }  # fmt: skip
    clinic.rows["benefit_check"].append((day, row))
