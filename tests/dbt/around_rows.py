"""Rows of the canonical tables around the chart: a test names only what it is about."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from chart_rows import DAY, Row

MERGED_ON = date(2026, 5, 1)


def patient(number: str = "p1", **given: Any) -> Row:
    return {"clinic_id": "c1", "patient_id": number, "birth_date": date(1980, 1, 1), "state": "NY", **given}


def merge(number: str, surviving: str, on: date | None = MERGED_ON, **given: Any) -> Row:
    row = {"clinic_id": "c1", "patient_id": number, "surviving_patient_id": surviving, "merged_on": on}
    return {**row, **given}


def observation(number: str = "o1", patient_id: str = "p1", encounter_id: str = "e1", **given: Any) -> Row:
    row = {"clinic_id": "c1", "observation_id": number, "patient_id": patient_id, "kind": "bp", "sbp": 120}
    return {**row, "encounter_id": encounter_id, "taken_at": datetime(2026, 3, 10, 9), **given}


def time_log(
    number: str = "t1", patient_id: str | None = None, encounter_id: str = "e1", **given: Any
) -> Row:
    start = datetime(2026, 3, 10, 9)
    row = {"clinic_id": "c1", "time_id": number, "patient_id": patient_id, "encounter_id": encounter_id}
    return {**row, "activity": "em", "start_at": start, "end_at": start + timedelta(minutes=25), **given}


def rems_form(encounter_id: str = "e1", **given: Any) -> Row:
    row = {"clinic_id": "c1", "encounter_id": encounter_id, "form_type": "monitoring"}
    return {**row, "submitted_at": datetime(2026, 3, 11, 9), **given}


def documentation(encounter_id: str = "e1", **given: Any) -> Row:
    return {"clinic_id": "c1", "encounter_id": encounter_id, "has_plan": True, **given}


def notice(patient_id: str = "p1", on: date | None = DAY, **given: Any) -> Row:
    return {"clinic_id": "c1", "patient_id": patient_id, "type": "abn", "signed_on": on, **given}


def patient_payment(number: str = "pp1", patient_id: str = "p1", amount: str = "30", **given: Any) -> Row:
    row = {"clinic_id": "c1", "payment_id": number, "patient_id": patient_id, "amount": Decimal(amount)}
    return {**row, "kind": "copay", "paid_on": DAY, "claim_id": "k1", **given}


def appeal(number: str = "ap1", claim_id: str = "k1", **given: Any) -> Row:
    row = {"clinic_id": "c1", "appeal_id": number, "claim_id": claim_id, "level": 1, "sent_on": DAY}
    return {**row, "outcome": "pending", "requested_amount": Decimal("100"), **given}


def cash_sale(number: str = "cs1", patient_id: str = "p1", kind: str = "package_sold", **given: Any) -> Row:
    row = {"clinic_id": "c1", "sale_id": number, "patient_id": patient_id, "kind": kind, "package_id": "pk1"}
    return {**row, "sold_on": DAY, "sessions": 6, "amount": Decimal("2400"), **given}


def superbill(number: str = "sb1", patient_id: str = "p1", **given: Any) -> Row:
    row = {"clinic_id": "c1", "superbill_id": number, "patient_id": patient_id, "given_on": DAY}
    return {**row, "service_on": DAY, "charge": Decimal("400"), "paid": Decimal("400"), **given}


def superbill_outcome(number: str = "sb1", patient_id: str = "p1", **given: Any) -> Row:
    row = {"clinic_id": "c1", "superbill_id": number, "patient_id": patient_id, "outcome": "paid"}
    return {**row, "sent_on": DAY, "reimbursed_amount": Decimal("200"), **given}


def benefit_check(number: str = "bc1", patient_id: str = "p1", **given: Any) -> Row:
    row = {"clinic_id": "c1", "check_id": number, "patient_id": patient_id, "payer_id": "aetna"}
    return {**row, "verified_on": DAY, "plan_active": True, "coverage_id": f"cov-{patient_id}", **given}


def prescription(number: str = "rx1", patient_id: str = "p1", **given: Any) -> Row:
    row = {"clinic_id": "c1", "prescription_id": number, "patient_id": patient_id, "drug": "Ketamine 100 mg"}
    return {**row, "prescribed_on": DAY, "is_for_home": True, **given}


def diagnosis(number: str = "d1", patient_id: str = "p1", code: str = "F332", **given: Any) -> Row:
    row = {"clinic_id": "c1", "diagnosis_id": number, "patient_id": patient_id, "code": code}
    return {**row, "code_system": "icd10cm", "status": "active", **given}


def medication_trial(number: str = "mt1", patient_id: str = "p1", **given: Any) -> Row:
    row = {"clinic_id": "c1", "trial_id": number, "patient_id": patient_id, "drug": "sertraline 50 mg"}
    return {**row, "weeks": Decimal("8"), "outcome": "inadequate", **given}


def around(patient_id: str, encounter_id: str, claim_id: str) -> dict[str, list[Row]]:
    """One row of every table around the chart, ids made of the patient's first one."""
    name = claim_id
    return {
        "patient": [patient(patient_id)],
        "observation": [observation(f"o-{name}", patient_id, encounter_id)],
        "time_log": [time_log(f"t-{name}", None, encounter_id)],
        "rems_form": [rems_form(encounter_id)],
        "session_documentation": [documentation(encounter_id)],
        "notice": [notice(patient_id)],
        "patient_payment": [patient_payment(f"pp-{name}", patient_id, claim_id=claim_id)],
        "appeal": [appeal(f"ap-{name}", claim_id)],
        "cash_sale": [cash_sale(f"cs-{name}", patient_id)],
        "superbill": [superbill(f"sb-{name}", patient_id)],
        "superbill_outcome": [superbill_outcome(f"sb-{name}", patient_id)],
        "benefit_check": [benefit_check(f"bc-{name}", patient_id, coverage_id=f"cov-{name}")],
        "prescription": [prescription(f"rx-{name}", patient_id)],
        "diagnosis": [diagnosis(f"d-{name}", patient_id)],
        "medication_trial": [medication_trial(f"mt-{name}", patient_id)],
    }
