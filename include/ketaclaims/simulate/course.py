"""The clean practice: every patient's visits in the span, billed as they should be.

Courses that began up to two months before the span are simulated from their first day, so that what rules
look back at is there. Some clean situations are near misses on purpose: a session that ends exactly at two
hours, one over the end of daylight saving time (about 60 minutes on the clock, 120 and more in truth),
therapy by somebody else on the day of a bundle, an E/M with 25, a new patient last seen three years and a day
ago.
"""

from collections.abc import Callable
from datetime import date, timedelta

from ketaclaims.simulate.auths import add_authorisation, authorise_course
from ketaclaims.simulate.billing import bill_esketamine, bill_ketamine, bill_visit
from ketaclaims.simulate.care import (
    INDUCTION_DAYS,
    RESPONSE_TARGET,
    note_apart,
    open_day,
    see_patient,
    start_of_course,
    treatment_days,
)
from ketaclaims.simulate.cash import pay_by_package, write_superbills
from ketaclaims.simulate.cocm import collaborate
from ketaclaims.simulate.history import first_visits, look_back
from ketaclaims.simulate.model import Calendar, Clinic, Patient, Session
from ketaclaims.simulate.notices import give_notices, verify_benefits
from ketaclaims.simulate.people import add_patient_row
from ketaclaims.simulate.reference import Reference
from ketaclaims.simulate.sessions import give_esketamine, give_ketamine
from ketaclaims.simulate.visits import home_visits, log_visit, medication_visits, therapy

DST_END = date(2025, 11, 2)  # 02:00 local time becomes 01:00
LAST_S0013_DAY = date(2025, 12, 31)
NON_RESPONSE_ENDS_DAYS = 28

Track = Callable[[Clinic, Patient, Reference, Calendar], list[Session]]


def run_courses(clinic: Clinic, reference: Reference, calendar: Calendar) -> None:
    """Simulate every patient of the clinic over the span."""
    tracks: dict[str, Track] = {
        "esketamine": _esketamine_course,
        "iv": _ketamine_course,
        "im": _ketamine_course,
        "kap": _ketamine_course,
        "visits": _with_first_visit(medication_visits),
        "home": _with_first_visit(home_visits),
        "cocm": _with_first_visit(collaborate),
    }
    special = _special_days(clinic, calendar)
    look_back(clinic, calendar)
    for patient in clinic.patients:
        patient_special = special.get(patient.patient_id)
        first_claim, first_session = len(clinic.claims), len(clinic.sessions)
        if patient_special is not None:
            sessions = _esketamine_course(clinic, patient, reference, calendar, patient_special)
        else:
            sessions = tracks[patient.track](clinic, patient, reference, calendar)
        first_dose = next((s.dos for s in sessions if s.kind == "esketamine"), None)
        add_patient_row(clinic, patient, first_dose)
        give_notices(clinic, patient, sessions)
        verify_benefits(clinic, patient, sessions)
        if patient.payer.lob == "self_pay":
            pay_by_package(clinic, patient, sessions)
        elif not patient.has_claims:
            write_superbills(clinic, clinic.sessions[first_session:])
            del clinic.claims[first_claim:]


def _special_days(clinic: Clinic, calendar: Calendar) -> dict[str, date]:
    """Patient -> a day on which this patient must come: the first two with Aetna and the usual indication."""
    peers = [
        p
        for p in clinic.patients
        if p.payer.payer_id == "aetna" and p.track == "esketamine" and p.indication == "TRD"
    ]
    days = [day for day in (DST_END, LAST_S0013_DAY) if calendar.holds(day)]
    return {patient.patient_id: day for patient, day in zip(peers, days, strict=False)}


def _days_of_course(
    clinic: Clinic, patient: Patient, reference: Reference, calendar: Calendar, special: date | None
) -> list[date]:
    """The days of a course; a special day takes the place of what else its treatment week holds."""
    first = open_day(start_of_course(clinic.rng, calendar), reference)
    if special is not None and (special - first).days < 7:
        first = special  # it comes before the course, or in the place of its first week
    days = treatment_days("esketamine", first, calendar.end, reference)
    if special is not None:
        week = (special - first).days // 7
        days = sorted({*(day for day in days if (day - first).days // 7 != week), special})
    elif patient.indication == "MDD_SI" or patient.response < RESPONSE_TARGET:
        last = first + timedelta(days=NON_RESPONSE_ENDS_DAYS)
        days = [day for day in days if day < last]  # no maintenance without response, or past four weeks
    return days


def _esketamine_course(
    clinic: Clinic,
    patient: Patient,
    reference: Reference,
    calendar: Calendar,
    special: date | None = None,
) -> list[Session]:
    if special is not None:
        patient.response = max(patient.response, RESPONSE_TARGET)
    days = _days_of_course(clinic, patient, reference, calendar, special)
    first_visits(clinic, patient, reference, days[0])
    usual = 84 if patient.indication == "MDD_SI" else clinic.rng.choice((56, 84, 84))
    sessions = []
    for day in days:
        dose = 56 if day == days[0] and patient.indication != "MDD_SI" else usual
        session = give_esketamine(
            clinic, patient, day, dose, reference, days_in_course=(day - days[0]).days,
            at_midnight=day == DST_END and special == DST_END,
        )  # fmt: skip
        session.touched = day == special  # a near miss must stay clean
        if patient.is_insured:
            bill_esketamine(clinic, session, reference)
        sessions.append(session)
    if patient.payer.pa_required and patient.has_claims:
        authorise_course(clinic, patient, sessions, calendar)
    _beside_sessions(clinic, patient, sessions, reference)
    return sessions


def _beside_sessions(clinic: Clinic, patient: Patient, sessions: list[Session], reference: Reference) -> None:
    """Other clinicians on the day of a session: allowed, so none of it may be a finding."""
    if not patient.has_claims:
        return
    for session in sessions:
        draw = clinic.rng.random()
        if session.encounter.start_at.hour < 8:
            continue
        if draw < 0.10:
            therapy(clinic, patient, session.dos, reference, hour=_after(session))
        elif draw < 0.14:
            _visit_elsewhere(clinic, patient, session, reference)


def _after(session: Session) -> int:
    """The evening, when nobody watches the patient any more."""
    return max(19, session.encounter.end_at.hour + 1)


def _visit_elsewhere(clinic: Clinic, patient: Patient, treatment: Session, reference: Reference) -> None:
    """An E/M with another prescriber on the day of a treatment."""
    other = next(npi for npi in clinic.prescribers if npi != patient.prescriber_npi)
    visit = see_patient(clinic, patient, treatment.dos, 19, 25, "visit", npi=other)
    note_apart(clinic, treatment, visit)
    log_visit(clinic, visit, 24)
    bill_visit(clinic, visit, reference, "99213")


def _ketamine_course(
    clinic: Clinic, patient: Patient, reference: Reference, calendar: Calendar
) -> list[Session]:
    first = open_day(start_of_course(clinic.rng, calendar), reference)
    days = treatment_days(patient.track, first, calendar.end, reference)
    if patient.response < RESPONSE_TARGET:
        days = [day for day in days if (day - first).days < INDUCTION_DAYS[-1] + 1]
    first_visits(clinic, patient, reference, first)
    sessions = []
    for number, day in enumerate(days):
        with_em = number % 3 != 2
        session = give_ketamine(
            clinic, patient, day, reference, days_in_course=(day - first).days, with_em=with_em
        )
        if patient.is_insured:
            bill_ketamine(clinic, session, reference, with_em=with_em)
        if patient.track == "kap":
            therapy(clinic, patient, day, reference, hour=_after(session))
        sessions.append(session)
    if patient.has_claims:
        closes = calendar.end + timedelta(days=60)
        add_authorisation(clinic, patient, first - timedelta(days=5), closes, None, drug="ketamine")
        _visits_beside_injections(clinic, patient, sessions, reference, calendar)
    return sessions


def _visits_beside_injections(
    clinic: Clinic, patient: Patient, sessions: list[Session], reference: Reference, calendar: Calendar
) -> None:
    """An E/M the day after the first session, one by somebody else on the day of the third: no 25 needed."""
    after = open_day(sessions[0].dos + timedelta(days=1), reference)
    if after < calendar.end and after not in [session.dos for session in sessions]:
        visit = see_patient(clinic, patient, after, 16, 25, "visit")
        log_visit(clinic, visit, 24)
        bill_visit(clinic, visit, reference, "99213")
    for treatment in sessions[2:3]:
        _visit_elsewhere(clinic, patient, treatment, reference)


def _with_first_visit(rest: Track) -> Track:
    """Patients without sessions: a first visit, then theirs at regular distances."""

    def run(clinic: Clinic, patient: Patient, reference: Reference, calendar: Calendar) -> list[Session]:
        first = open_day(calendar.start + timedelta(days=clinic.rng.randrange(0, 7)), reference)
        first_visits(clinic, patient, reference, first)
        return rest(clinic, patient, reference, calendar)

    return run
