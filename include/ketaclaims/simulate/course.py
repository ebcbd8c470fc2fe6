"""The clean practice: every patient's visits in the span, billed as they should be.

Some clean situations are near misses on purpose: a session that ends exactly at two hours, one over the end
of daylight saving time (about 60 minutes on the clock, 120 and more in truth), therapy by somebody else on
the day of a bundle, an E/M with 25.
"""

from collections.abc import Callable
from datetime import date, timedelta

from ketaclaims.simulate.auths import add_authorisation, authorise_course
from ketaclaims.simulate.billing import bill_esketamine, bill_ketamine, bill_visit
from ketaclaims.simulate.care import (
    give_esketamine,
    give_ketamine,
    log_time,
    open_day,
    score_phq9,
    see_patient,
    start_of_course,
    treatment_days,
)
from ketaclaims.simulate.model import Calendar, Clinic, Patient, Row, Session
from ketaclaims.simulate.reference import Reference

DST_END = date(2025, 11, 2)  # 02:00 local time becomes 01:00
LAST_S0013_DAY = date(2025, 12, 31)
DST_PATIENT, YEAR_END_PATIENT = 0, 1  # positions among a clinic's Aetna esketamine patients


def run_courses(clinic: Clinic, reference: Reference, calendar: Calendar) -> None:
    """Simulate every patient of the clinic over the span."""
    tracks: dict[str, Callable[[Clinic, Patient, Reference, Calendar], None]] = {
        "esketamine": _esketamine_course,
        "iv": _ketamine_course,
        "im": _ketamine_course,
        "visits": _visits_only,
    }
    for patient in clinic.patients:
        tracks[patient.track](clinic, patient, reference, calendar)


def _special_days(clinic: Clinic, patient: Patient, calendar: Calendar) -> dict[date, int]:
    """Days on which this patient must come: date -> hour."""
    peers = [p for p in clinic.patients if p.payer.payer_id == "aetna" and p.track == "esketamine"]
    if patient not in peers:
        return {}
    days = {DST_PATIENT: {DST_END: 0}, YEAR_END_PATIENT: {LAST_S0013_DAY: 9}}.get(peers.index(patient), {})
    return {day: hour for day, hour in days.items() if calendar.holds(day)}


def _esketamine_course(clinic: Clinic, patient: Patient, reference: Reference, calendar: Calendar) -> None:
    rng = clinic.rng
    special = _special_days(clinic, patient, calendar)
    first = start_of_course(rng, calendar)
    usual = rng.choice((56, 84, 84))
    days = [
        day for day in treatment_days("esketamine", first, calendar.end, reference) if calendar.holds(day)
    ]
    near = {day + timedelta(days=gap) for day in special for gap in (-1, 0, 1)}
    days = sorted({*(day for day in days if day not in near), *special})
    if not days:
        days = [open_day(calendar.start, reference)]
    if days[0] == first:
        _intake(clinic, patient, reference, first - timedelta(days=14), calendar)
    sessions = []
    for day in days:
        dose = 56 if day == first else usual
        session = give_esketamine(clinic, patient, day, dose, reference, hour=special.get(day))
        session.touched = day in special  # a near miss must stay clean
        if patient.has_claims:
            bill_esketamine(clinic, session, reference)
        sessions.append(session)
    if patient.payer.pa_required:
        authorise_course(clinic, patient, sessions, calendar)
    if not patient.has_claims:
        _packages(clinic, patient, days)
    _beside_sessions(clinic, patient, sessions, reference)


def _intake(clinic: Clinic, patient: Patient, reference: Reference, day: date, calendar: Calendar) -> None:
    day = open_day(day, reference)
    if not calendar.holds(day):
        return
    session = see_patient(clinic, patient, day, 15, 60, "intake", new=True)
    session.encounter.em_minutes = 50
    score_phq9(clinic, session)
    if patient.has_claims:
        bill_visit(clinic, session, reference, "99204")


def _packages(clinic: Clinic, patient: Patient, days: list[date]) -> None:
    for day in days[::4]:
        row: Row = {
            "payment_id": clinic.new_id("R"), "patient_id": patient.patient_id, "paid_on": day,
            "amount": clinic.rng.randrange(9, 16) * 100, "kind": "package", "method": "card",
        }  # fmt: skip
        clinic.rows["patient_payment"].append((day, row))


def _beside_sessions(clinic: Clinic, patient: Patient, sessions: list[Session], reference: Reference) -> None:
    """Other clinicians on the day of a session: allowed, so none of it may be a finding."""
    if not patient.has_claims:
        return
    for session in sessions:
        draw = clinic.rng.random()
        if draw < 0.10 and session.encounter.start_at.hour >= 8:
            _therapy(clinic, patient, session.dos, reference)
        elif draw < 0.14 and session.encounter.start_at.hour >= 8:
            other = next(npi for npi in clinic.prescribers if npi != patient.prescriber_npi)
            visit = see_patient(clinic, patient, session.dos, 18, 25, "visit", npi=other)
            bill_visit(clinic, visit, reference, "99213")


def _therapy(clinic: Clinic, patient: Patient, day: date, reference: Reference) -> None:
    minutes = clinic.rng.choice((45, 56))
    session = see_patient(clinic, patient, day, 18, minutes, "therapy", npi=patient.therapist_npi)
    log_time(clinic, session, "psychotherapy", patient.therapist_npi, minutes)
    bill_visit(clinic, session, reference, "90837" if minutes >= 53 else "90834")


def _ketamine_course(clinic: Clinic, patient: Patient, reference: Reference, calendar: Calendar) -> None:
    rng = clinic.rng
    first = start_of_course(rng, calendar)
    days = [
        day for day in treatment_days(patient.track, first, calendar.end, reference) if calendar.holds(day)
    ]
    if not days:
        days = [open_day(calendar.start, reference)]
    for number, day in enumerate(days):
        session = give_ketamine(clinic, patient, day, reference)
        if patient.has_claims:
            bill_ketamine(clinic, session, reference, with_em=number % 3 != 2)
    if patient.has_claims:
        closes = calendar.end + timedelta(days=60)
        add_authorisation(clinic, patient, days[0] - timedelta(days=5), closes, None, drug="ketamine")
        _visits_beside_injections(clinic, patient, days, reference, calendar)
    else:
        _packages(clinic, patient, days)


def _visits_beside_injections(
    clinic: Clinic, patient: Patient, days: list[date], reference: Reference, calendar: Calendar
) -> None:
    """An E/M the day after the first session, one by somebody else on the day of the third: no 25 needed."""
    other = next(npi for npi in clinic.prescribers if npi != patient.prescriber_npi)
    visits = [(open_day(days[0] + timedelta(days=1), reference), patient.prescriber_npi)]
    visits += [(day, other) for day in days[2:3]]
    for day, npi in visits:
        if calendar.holds(day) and (npi == other or day not in days):
            visit = see_patient(clinic, patient, day, 16, 25, "visit", npi=npi)
            bill_visit(clinic, visit, reference, "99213")


def _visits_only(clinic: Clinic, patient: Patient, reference: Reference, calendar: Calendar) -> None:
    """Medication visits every four weeks, therapy every two, never on one day."""
    day = calendar.start + timedelta(days=clinic.rng.randrange(0, 7))
    week = 0
    while calendar.holds(day):
        open_on = open_day(day, reference)
        if calendar.holds(open_on):
            if week % 2:
                _therapy(clinic, patient, open_on, reference)
            else:
                session = see_patient(clinic, patient, open_on, 10, 25, "visit")
                score_phq9(clinic, session)
                log_time(clinic, session, "em", patient.prescriber_npi, 24)
                bill_visit(clinic, session, reference, "99214", "96127")
        day, week = day + timedelta(weeks=2), week + 1
