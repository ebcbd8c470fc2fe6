"""Collaborative care: a care manager's minutes over a month, billed once a month by the prescriber."""

from datetime import date, timedelta

from ketaclaims.simulate.billing import bill_visit
from ketaclaims.simulate.care import moment, open_day, open_day_before, see_patient
from ketaclaims.simulate.diary import book
from ketaclaims.simulate.model import Calendar, Clinic, Patient, Row, Session
from ketaclaims.simulate.reference import Reference
from ketaclaims.simulate.visits import medication_visits

CONTACT_MINUTES = (8, 12, 15, 18, 22, 28)
LEAST_G2214, LEAST_FIRST, LEAST_LATER = 16, 36, 31
COUNTED_FIRST, COUNTED_LATER, BLOCK = 56, 46, 30  # further half hours begin to count from there


def collaborate(clinic: Clinic, patient: Patient, reference: Reference, calendar: Calendar) -> list[Session]:
    """Medication visits, and in every month contacts of the care manager and one claim for them."""
    sessions = medication_visits(clinic, patient, reference, calendar)
    taken = {session.dos for session in sessions}
    is_first = True
    for index in range(calendar.months):
        since, until = calendar.month_start(index), calendar.month_start(index + 1)
        minutes = _contacts(clinic, patient, reference, since, until)
        codes = monthly_codes(minutes, is_first=is_first, is_medicare=patient.payer.lob == "medicare_b")
        if not codes:
            continue
        day = open_day_before(until - timedelta(days=1), reference)
        while day in taken:
            day = open_day_before(day - timedelta(days=1), reference)
        review = see_patient(clinic, patient, day, 17, 10, "cocm")
        bill_visit(clinic, review, reference, *codes, units=codes)
        sessions.append(review)
        is_first = False
    return sessions


def monthly_codes(minutes: int, *, is_first: bool, is_medicare: bool) -> dict[str, int]:
    """Codes and units for the minutes of a month; Medicare also pays a short month."""
    least, counted = (LEAST_FIRST, COUNTED_FIRST) if is_first else (LEAST_LATER, COUNTED_LATER)
    if minutes >= least:
        codes = {"99492" if is_first else "99493": 1}
        if (further := (minutes - counted) // BLOCK) > 0:
            codes["99494"] = further
        return codes
    return {"G2214": 1} if is_medicare and minutes >= LEAST_G2214 else {}


def _contacts(clinic: Clinic, patient: Patient, reference: Reference, since: date, until: date) -> int:
    """One to six contacts in the month; their minutes."""
    rng, total = clinic.rng, 0
    for _ in range(rng.randrange(1, 7)):
        day = open_day(since + timedelta(days=rng.randrange(0, 24)), reference)
        minutes = rng.choice(CONTACT_MINUTES)
        begin = moment(clinic, day, book(clinic, clinic.care_manager, day, 9 * 60, minutes))
        row: Row = {
            "time_id": clinic.new_id("L"), "npi": clinic.care_manager, "activity": "cocm",
            "start_at": begin, "end_at": clinic.later(begin, minutes), "minutes": minutes,
            "patient_id": patient.patient_id, "service_month": f"{since:%Y-%m}",
        }  # fmt: skip
        clinic.rows["time_log"].append((day, row))
        total += minutes
    return total
