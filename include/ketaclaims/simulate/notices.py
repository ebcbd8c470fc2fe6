"""What patients sign and what the front desk asks the payer before they come."""

from collections.abc import Sequence
from datetime import timedelta

from ketaclaims.simulate.care import check_benefits
from ketaclaims.simulate.model import Clinic, Patient, Row, Session
from ketaclaims.simulate.values import business_days_before

CHECK_EVERY_DAYS = 28
GFE_BUSINESS_DAYS = 8


def give_notices(clinic: Clinic, patient: Patient, sessions: Sequence[Session]) -> None:
    """A good-faith estimate for who pays alone, an ABN before ketamine that Medicare does not cover."""
    if not sessions:
        return
    is_uncovered = patient.payer.lob == "medicare_b" and patient.track == "iv"
    if patient.has_claims and not is_uncovered:
        return
    signed = business_days_before(sessions[0].dos, GFE_BUSINESS_DAYS)
    notice: Row = {
        "patient_id": patient.patient_id, "type": "ABN" if is_uncovered else "GFE", "signed_on": signed,
    }  # fmt: skip
    clinic.rows["notice"].append((signed, notice))


def verify_benefits(clinic: Clinic, patient: Patient, sessions: Sequence[Session]) -> None:
    """Before the first visit of all and whenever the last answer is four weeks old."""
    if not patient.is_insured or not sessions:
        return
    day = sessions[0].dos - timedelta(days=20)
    while day < sessions[-1].dos:
        check_benefits(clinic, patient, day)
        day += timedelta(days=CHECK_EVERY_DAYS)
