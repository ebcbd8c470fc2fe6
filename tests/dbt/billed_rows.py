"""Rows of an 837P as the reader makes them: a test names only what it is about."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from chart_rows import DAY

Row = dict[str, Any]
SENT = date(2026, 3, 12)


def claim_837(pcn: str, *lines: Row, sent: date = SENT, dx: Sequence[str] = ("F332",), **given: Any) -> Row:
    """One claim with its lines and diagnoses; ``batch_837`` puts several into the tables of a file."""
    charge = sum((line["charge_amount"] for line in lines), Decimal(0))
    row = {
        "billing_provider_npi": "1111111111",
        "payer_id": "aetna",
        "payer_responsibility_code": "P",
        "patient_control_number": pcn,
        "frequency_code": "1",
        "place_of_service_code": "11",
        "charge_amount": charge,
        "line_charge_amount": charge,
        "unexplained_amount": Decimal(0),
        "line_count": len(lines),
        "service_from_date": DAY,
        **given,
    }
    return {"claim": row, "lines": lines, "dx": dx, "sent": sent}


def line_837(code: str = "J0013", units: str = "56", charge: str = "1000", **given: Any) -> Row:
    return {
        "procedure_code": code,
        "billed_units": Decimal(units),
        "charge_amount": Decimal(charge),
        "service_from_date": DAY,
        "service_to_date": DAY,
        "diagnosis_pointer_1": "1",
        **given,
    }


def batch_837(*claims: Row) -> dict[str, list[Row]]:
    """The tables of one file: a transaction per claim, so that each may have its own day."""
    tables: dict[str, list[Row]] = {
        "billed_transaction": [], "billed_claim": [], "billed_claim_line": [], "billed_diagnosis": [],
    }  # fmt: skip
    for number, each in enumerate(claims, start=1):
        place = {"st_index": number, "claim_index": 1}
        tables["billed_transaction"].append({"st_index": number, "transaction_date": each["sent"]})
        tables["billed_claim"].append({**place, **each["claim"]})
        for index, line in enumerate(each["lines"], start=1):
            at = {**place, "line_index": index, "line_number": str(index)}
            tables["billed_claim_line"].append({**at, **line})
        for position, code in enumerate(each["dx"], start=1):
            row = {"position": position, "qualifier": "ABK", "code_as_sent": code}
            tables["billed_diagnosis"].append({**place, **row})
    return tables
