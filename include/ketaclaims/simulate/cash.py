"""Patients who pay themselves: packages, sessions used, refunds; superbills out of network."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from ketaclaims.simulate.care import RESPONSE_TARGET
from ketaclaims.simulate.model import Claim, Clinic, Patient, Row, Session

PACKAGE_SESSIONS = 4
OUTCOMES = ("paid", "partly_paid", "partly_paid", "denied")
REIMBURSED = {"paid": Decimal("0.8"), "partly_paid": Decimal("0.4"), "denied": Decimal(0)}


def pay_by_package(clinic: Clinic, patient: Patient, sessions: Sequence[Session]) -> None:
    """Packages of four sessions; what a course that ended leaves unused is given back."""
    price = Decimal(clinic.rng.randrange(9, 16) * 100)
    package_id = ""
    for number, session in enumerate(sessions):
        if number % PACKAGE_SESSIONS == 0:
            package_id = clinic.new_id("K")
            _sale(clinic, patient, session.dos, package_id, "package_sold", PACKAGE_SESSIONS, price)
            _payment(clinic, patient, session.dos, "package", price)
        _sale(clinic, patient, session.dos, package_id, "session_used", 1, None, session)
    unused = -len(sessions) % PACKAGE_SESSIONS
    if unused and patient.response < RESPONSE_TARGET:
        day = sessions[-1].dos + timedelta(days=9)
        back = price / PACKAGE_SESSIONS * unused
        _sale(clinic, patient, day, package_id, "refund", unused, back)
        _payment(clinic, patient, day, "refund", -back)


def _sale(
    clinic: Clinic,
    patient: Patient,
    day: date,
    package_id: str,
    kind: str,
    sessions: int,
    amount: Decimal | None,
    session: Session | None = None,
) -> None:
    row: Row = {
        "sale_id": clinic.new_id("S"), "patient_id": patient.patient_id, "package_id": package_id,
        "kind": kind, "sold_on": day, "sessions": sessions, "amount": amount,
        "encounter_id": session.encounter.encounter_id if session else None, "superbill_given": False,
    }  # fmt: skip
    clinic.rows["cash_sale"].append((day, row))


def _payment(clinic: Clinic, patient: Patient, day: date, kind: str, amount: Decimal) -> None:
    row: Row = {
        "payment_id": clinic.new_id("R"), "patient_id": patient.patient_id, "paid_on": day,
        "amount": amount, "kind": kind, "method": "card",
    }  # fmt: skip
    clinic.rows["patient_payment"].append((day, row))


def write_superbills(clinic: Clinic, sessions: Sequence[Session]) -> None:
    """What would have been claims goes to the patient, who pays and asks the plan."""
    for session in sessions:
        if session.claim is not None:
            _superbill(clinic, session, session.claim)
            session.claim = None


def _superbill(clinic: Clinic, session: Session, claim: Claim) -> None:
    rng, patient, day = clinic.rng, session.patient, session.dos
    superbill_id = clinic.new_id("U")
    row: Row = {
        "superbill_id": superbill_id, "patient_id": patient.patient_id,
        "encounter_id": session.encounter.encounter_id, "given_on": day, "service_on": day,
        "billing_npi": clinic.npi, "rendering_npi": session.encounter.rendering_npi, "tax_id": clinic.tin,
        "pos": claim.pos, "dx": ";".join(claim.dx), "codes": ";".join(line.code for line in claim.lines),
        "charge": claim.total_charge, "paid": claim.total_charge,
    }  # fmt: skip
    clinic.rows["superbill"].append((day, row))
    _payment(clinic, patient, day, "balance", claim.total_charge)
    outcome = rng.choice(OUTCOMES)
    decided = day + timedelta(days=rng.randrange(25, 45))
    answer: Row = {
        "superbill_id": superbill_id, "patient_id": patient.patient_id, "sent_on": day + timedelta(days=3),
        "decided_on": decided, "outcome": outcome,
        "reimbursed_amount": (claim.total_charge * REIMBURSED[outcome]).quantize(Decimal("0.01")),
        "reason": "not covered" if outcome == "denied" else None,
    }  # fmt: skip
    clinic.rows["superbill_outcome"].append((decided, answer))
