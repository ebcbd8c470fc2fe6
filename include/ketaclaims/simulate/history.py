"""What lies before: visits of earlier years, and the first visit before a treatment."""

from datetime import date, timedelta

from ketaclaims.simulate.billing import NEW_EM_FLOOR, bill_visit, by_minutes, em_code, prolonged
from ketaclaims.simulate.care import log_time, open_day_before, score_instrument, score_phq9, see_patient
from ketaclaims.simulate.model import Calendar, Clinic, Patient, Session
from ketaclaims.simulate.reference import Reference
from ketaclaims.simulate.values import years_before

HISTORY_YEARS = 5  # so that three years before any visit are on file
DAYS_BEFORE_TREATMENT = 14
NEW_VISIT_MINUTES = (46, 50, 55, 62, 78, 95)
KNOWN_VISIT_MINUTES = (24, 32, 42, 58, 72)
GAD7_ITEMS = 7


def look_back(clinic: Clinic, calendar: Calendar) -> None:
    """The oldest visit on file: without it nobody could tell who is a new patient."""
    patient = next(p for p in clinic.patients if not p.is_new)
    _earlier_visit(clinic, patient, years_before(calendar.start, HISTORY_YEARS))


def _earlier_visit(clinic: Clinic, patient: Patient, day: date) -> Session:
    """A visit of the years before the exports hold claims."""
    return see_patient(clinic, patient, day, 10, 25, "history")


def first_visits(clinic: Clinic, patient: Patient, reference: Reference, treatment: date) -> None:
    """A visit two weeks before treatment: of somebody unseen for three years, or of somebody known."""
    day = open_day_before(treatment - timedelta(days=DAYS_BEFORE_TREATMENT), reference)
    rng = clinic.rng
    if not patient.is_new:
        earlier = open_day_before(day - timedelta(days=rng.randrange(40, 800)), reference)
        _earlier_visit(clinic, patient, earlier)
    elif rng.random() < 0.2:
        _earlier_visit(clinic, patient, years_before(day, 3) - timedelta(days=1))
    minutes = rng.choice(NEW_VISIT_MINUTES if patient.is_new else KNOWN_VISIT_MINUTES)
    session = see_patient(clinic, patient, day, 15, minutes + 10, "intake")
    session.encounter.new_patient = patient.is_new
    score_phq9(clinic, session)
    score_instrument(clinic, session, "GAD-7", GAD7_ITEMS, rng.randrange(5, 18))
    if not patient.is_insured:
        return
    if patient.is_new and rng.random() < 0.3:
        bill_visit(clinic, session, reference, "90792")
        return
    session.encounter.em_minutes, session.encounter.em_basis = minutes, "time"
    log_time(clinic, session, "em", session.encounter.rendering_npi, minutes)
    base = by_minutes(NEW_EM_FLOOR, minutes) if patient.is_new else em_code(session)
    codes, units = [base, "96127"], {"96127": 2}
    beyond = prolonged(base, minutes, patient.payer)
    if beyond is not None:
        codes.append(beyond[0])
        units[beyond[0]] = beyond[1]
    bill_visit(clinic, session, reference, *codes, units=units)
