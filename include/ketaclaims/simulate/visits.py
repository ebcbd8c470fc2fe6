"""Visits without a drug: medication management, psychotherapy, telehealth, prescriptions for home."""

from datetime import date, timedelta

from ketaclaims.simulate.billing import (
    EM_FLOOR,
    THERAPY_ADD_ON_FLOOR,
    THERAPY_FLOOR,
    bill_visit,
    by_minutes,
    em_code,
    prolonged,
)
from ketaclaims.simulate.care import log_time, open_day, score_instrument, score_phq9, see_patient
from ketaclaims.simulate.history import GAD7_ITEMS
from ketaclaims.simulate.model import Calendar, Clinic, Patient, Row, Session
from ketaclaims.simulate.reference import Reference

MODES = ("in_person", "in_person", "in_person", "video", "video", "audio")
THERAPY_MINUTES = (30, 45, 45, 56)
ADD_ON_MINUTES = (20, 30, 42)
EM_MINUTES = (16, 22, 25, 32, 35, 42, 58)
BY_MDM = ("99212", "99213", "99213", "99214")


def set_mode(clinic: Clinic, session: Session, mode: str) -> None:
    """A visit from the patient's home, wherever that is; only Medicare pays for audio alone here."""
    if mode == "audio" and session.patient.payer.lob != "medicare_b":
        mode = "video"
    session.encounter.mode = mode
    session.encounter.patient_state = clinic.state if mode == "in_person" else session.patient.state


def log_visit(clinic: Clinic, session: Session, minutes: int, *, basis: str = "time") -> None:
    """The clinician's minutes of an E/M."""
    session.encounter.em_minutes, session.encounter.em_basis = minutes, basis
    log_time(clinic, session, "em", session.encounter.rendering_npi, minutes)


def therapy(clinic: Clinic, patient: Patient, day: date, reference: Reference, *, hour: int = 18) -> Session:
    """Psychotherapy with the patient's therapist."""
    minutes = clinic.rng.choice(THERAPY_MINUTES)
    session = see_patient(clinic, patient, day, hour, minutes + 5, "therapy", npi=patient.therapist_npi)
    log_time(clinic, session, "psychotherapy", patient.therapist_npi, minutes)
    bill_visit(clinic, session, reference, by_minutes(THERAPY_FLOOR, minutes))
    return session


def medication_visits(
    clinic: Clinic, patient: Patient, reference: Reference, calendar: Calendar
) -> list[Session]:
    """Medication visits every four weeks, therapy every two, never on one day."""
    day = calendar.start + timedelta(days=clinic.rng.randrange(0, 7))
    sessions, week = [], 0
    while (open_on := open_day(day, reference)) < calendar.end:
        if week % 2:
            sessions.append(therapy(clinic, patient, open_on, reference))
        elif week % 8 == 4:
            sessions.append(_visit_with_therapy(clinic, patient, open_on, reference))
        else:
            sessions.append(_medication_visit(clinic, patient, open_on, reference))
        day, week = day + timedelta(weeks=2), week + 1
    return sessions


def _medication_visit(clinic: Clinic, patient: Patient, day: date, reference: Reference) -> Session:
    """An E/M by time, at times prolonged, or by decision making; scored questionnaires when in the room."""
    rng = clinic.rng
    minutes = rng.choice(EM_MINUTES)
    session = see_patient(clinic, patient, day, 10, minutes + 5, "visit")
    set_mode(clinic, session, rng.choice(MODES))
    by_time = rng.random() < 0.6
    log_visit(clinic, session, minutes, basis="time" if by_time else "mdm")
    base = em_code(session) if by_time else rng.choice(BY_MDM)
    codes, units = [base], {}
    beyond = prolonged(base, minutes, patient.payer) if by_time else None
    if beyond is not None:
        codes.append(beyond[0])
        units[beyond[0]] = beyond[1]
    if session.encounter.mode == "in_person":
        codes.append("96127")
        units["96127"] = _score(clinic, session)
    bill_visit(clinic, session, reference, *codes, units=units)
    return session


def _score(clinic: Clinic, session: Session) -> int:
    """One questionnaire or two; how many."""
    score_phq9(clinic, session)
    if clinic.rng.random() < 0.5:
        return 1
    score_instrument(clinic, session, "GAD-7", GAD7_ITEMS, clinic.rng.randrange(3, 18))
    return 2


def _visit_with_therapy(clinic: Clinic, patient: Patient, day: date, reference: Reference) -> Session:
    """An E/M with add-on psychotherapy by the same clinician, each with minutes of its own."""
    em_minutes, therapy_minutes = clinic.rng.choice((16, 22, 32)), clinic.rng.choice(ADD_ON_MINUTES)
    session = see_patient(clinic, patient, day, 11, em_minutes + therapy_minutes + 5, "visit")
    log_visit(clinic, session, em_minutes)
    begin = clinic.later(session.encounter.start_at, em_minutes)
    log_time(clinic, session, "psychotherapy", session.encounter.rendering_npi, therapy_minutes, start=begin)
    add_on = by_minutes(THERAPY_ADD_ON_FLOOR, therapy_minutes)
    bill_visit(clinic, session, reference, by_minutes(EM_FLOOR, em_minutes), add_on)
    return session


def home_visits(clinic: Clinic, patient: Patient, reference: Reference, calendar: Calendar) -> list[Session]:
    """Ketamine lozenges at home: video follow-ups every four weeks, each with a prescription."""
    day = calendar.start + timedelta(days=clinic.rng.randrange(0, 7))
    sessions = []
    while (open_on := open_day(day, reference)) < calendar.end:
        session = see_patient(clinic, patient, open_on, 13, 30, "visit")
        set_mode(clinic, session, "video")
        log_visit(clinic, session, 25)
        bill_visit(clinic, session, reference, "99213")
        row: Row = {
            "prescription_id": clinic.new_id("Q"), "patient_id": patient.patient_id,
            "encounter_id": session.encounter.encounter_id,
            "prescriber_npi": session.encounter.rendering_npi, "drug": "ketamine", "route": "SL",
            "prescribed_on": session.dos, "is_for_home": True,
        }  # fmt: skip
        clinic.rows["prescription"].append((session.dos, row))
        sessions.append(session)
        day += timedelta(weeks=4)
    return sessions
