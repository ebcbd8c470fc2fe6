"""Rows of canonical EHR tables with sensible defaults: a test names only what it is about."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

Row = dict[str, Any]
DAY = date(2026, 3, 10)


def site(**given: Any) -> Row:
    return {"clinic_id": "c1", "site_id": "s1", "timezone": "America/New_York", "npi": "1111111111", **given}


def coverage(patient: str = "p1", payer: str = "aetna", lob: str = "commercial", **given: Any) -> Row:
    row = {"clinic_id": "c1", "coverage_id": f"cov-{patient}", "patient_id": patient, "payer_id": payer}
    return {**row, "line_of_business": lob, **given}


def encounter(number: str = "e1", patient: str = "p1", on: date = DAY, **given: Any) -> Row:
    start = datetime(on.year, on.month, on.day, 9)
    row = {
        "clinic_id": "c1",
        "encounter_id": number,
        "patient_id": patient,
        "site_id": "s1",
        "start_at": start,
    }
    return {**row, "rendering_npi": "2222222222", **given}


def administration(encounter_id: str = "e1", dose: str | None = "56", on: date = DAY, **given: Any) -> Row:
    """An esketamine session from 09:10 to 11:40: 150 minutes after the last device."""
    device = datetime(on.year, on.month, on.day, 9, 10)
    return {
        "clinic_id": "c1",
        "administration_id": f"a-{encounter_id}",
        "encounter_id": encounter_id,
        "drug": "esketamine",
        "route": "nasal",
        "dose_mg": None if dose is None else Decimal(dose),
        "start_at": device,
        "last_device_at": device,
        "discharged_at": device + timedelta(minutes=150),
        "status": "completed",
        **given,
    }


def claim(number: str = "k1", patient: str = "p1", **given: Any) -> Row:
    return {
        "clinic_id": "c1",
        "claim_id": number,
        "version": 1,
        "pcn": f"PCN-{number}",
        "patient_id": patient,
        "coverage_id": f"cov-{patient}",
        "billing_npi": "1111111111",
        "rendering_npi": "2222222222",
        "site_id": "s1",
        "pos": "11",
        "frequency": "1",
        "dx1": "F33.2",
        "total_charge": Decimal("1000.00"),
        "status": "submitted",
        **given,
    }


def line(claim_id: str = "k1", number: int = 1, code: str = "J0013", units: str = "56", **given: Any) -> Row:
    return {
        "clinic_id": "c1",
        "claim_id": claim_id,
        "version": 1,
        "line_no": number,
        "dos_from": DAY,
        "code": code,
        "units": Decimal(units),
        "charge": Decimal("1000.00"),
        "dx_ptr1": 1,
        "encounter_id": "e1",
        **given,
    }


def prior_auth(number: str = "pa1", patient: str = "p1", payer: str = "aetna", **given: Any) -> Row:
    return {
        "clinic_id": "c1",
        "pa_id": number,
        "version": 1,
        "patient_id": patient,
        "payer_id": payer,
        "drug": "esketamine",
        "status": "approved",
        "valid_from": date(2026, 1, 1),
        "valid_to": date(2026, 6, 30),
        "units_approved": Decimal("10"),
        "unit_basis": "visit",
        **given,
    }
