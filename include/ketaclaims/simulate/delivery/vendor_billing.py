"""Billing and front-office reports: Tebra-like charges, SimplePractice-like payments, DrChrono-like EHI."""

from collections.abc import Iterator, Mapping, Sequence

from ketaclaims.simulate.delivery.forms import Forms, words
from ketaclaims.simulate.model import Cell, Patient, Row
from ketaclaims.simulate.reference import Payer

CLAIM_STATUS = {
    "draft": "Drafted", "submitted": "Billed", "paid": "Settled", "denied": "Denied", "replaced": "Replaced",
}  # fmt: skip
MAX_DIAGNOSES = 4
TRANSACTIONS = {"copay": "Copayment", "balance": "Client Payment", "package": "Credit", "refund": "Refund"}
PLANS = {
    "medicare_b": "Medicare", "ma": "Medicare Advantage", "medicaid_ffs": "Medicaid",
    "medicaid_mco": "Medicaid Managed Care", "commercial": "Commercial", "tricare": "Tricare",
    "self_pay": "Self Pay",
}  # fmt: skip
ORDERS = {"1": "primary", "2": "secondary", "3": "tertiary"}
DEMOGRAPHICS = ("clinic_id", "patient_id", "birth_date", "sex", "state", "deceased_on")


def charges(
    claims: Sequence[Row],
    lines: Mapping[tuple[Cell, Cell], Sequence[Row]],
    people: Mapping[str, Patient],
    forms: Forms,
) -> Iterator[dict[str, str]]:
    """One row a service line, the claim's data on each; ``lines`` by claim id and version."""
    for claim in claims:
        person = people[str(claim["patient_id"])]
        head = _claim(claim, person, forms)
        for line in lines[claim["claim_id"], claim["version"]]:
            yield {**head, **_line(line, forms)}


def _claim(claim: Row, person: Patient, forms: Forms) -> dict[str, str]:
    diagnoses = {
        f"Diagnosis {number}": forms.diagnosis(claim.get(f"dx{number}"))
        for number in range(1, MAX_DIAGNOSES + 1)
    }
    return {
        "Claim ID": str(claim["claim_id"]),
        "Claim Version": str(claim["version"]),
        "Patient ID": str(claim["patient_id"]),
        "Patient Name": f"{person.last_name}, {person.first_name}",
        "Case ID": str(claim["coverage_id"]),
        "Primary Insurance": person.payer.name,
        "Patient Control Number": str(claim["pcn"]),
        "Billing Provider NPI": forms.digits(claim["billing_npi"]),
        "Service Location ID": str(claim["site_id"]),
        "Place of Service Code": forms.digits(claim["pos"]),
        "Claim Frequency": str(claim["frequency"]),
        "Original Reference Number": str(claim["original_icn"] or ""),
        "Authorization Number": str(claim["pa_number"] or ""),
        "Claim Total": forms.money(claim["total_charge"]),
        "Created Date": forms.written_on(claim["created_at"]),
        "First Billed Date": forms.written_on(claim["submitted_at"]),
        "Claim Status": words(CLAIM_STATUS, claim["status"]),
        **diagnoses,
    }


def _line(line: Row, forms: Forms) -> dict[str, str]:
    modifiers = forms.modifiers([line.get(f"mod{number}") for number in range(1, 5)])
    pointers = [str(line[f"dx_ptr{number}"]) for number in range(1, 5) if line.get(f"dx_ptr{number}")]
    return {
        "Line": str(line["line_no"]),
        "Encounter ID": str(line["encounter_id"]),
        "Rendering Provider NPI": forms.digits(line["rendering_npi"]),
        "Service Start Date": forms.day(line["dos_from"]),
        "Service End Date": forms.day(line["dos_to"]),
        "Procedure Code": forms.code(line["code"]),
        **{f"Procedure Modifier {number}": text for number, text in enumerate(modifiers, 1)},
        "Units": forms.number(line["units"]),
        "Total Charges": forms.money(line["charge"]),
        "Diagnosis Pointers": ",".join(pointers),
        "NDC": forms.ndc(line["ndc11"]),
        "NDC Quantity": forms.number(line["ndc_qty"]),
        "NDC Unit": str(line["ndc_uom"] or ""),
        "Line Note": str(line["noc_text"] or ""),
        "Line Control Number": str(line["line_control"]),
    }


def transactions(
    rows: Sequence[Row], people: Mapping[str, Patient], forms: Forms
) -> Iterator[dict[str, str]]:
    """What patients paid."""
    for row in rows:
        person = people[str(row["patient_id"])]
        yield {
            "Transaction ID": str(row["payment_id"]),
            "Date": forms.day(row["paid_on"]),
            "Type": words(TRANSACTIONS, row["kind"]),
            "Amount": forms.money(row["amount"]),
            "Client": f"{person.first_name} {person.last_name}",
            "Client ID": str(row["patient_id"]),
            "Claim ID": str(row.get("claim_id") or ""),
            "Payment Method": str(row["method"] or ""),
        }


def demographics(
    rows: Sequence[Row], people: Mapping[str, Patient], forms: Forms
) -> Iterator[dict[str, str]]:
    """Patients; the report has no place for REMS numbers."""
    for row in rows:
        person = people[str(row["patient_id"])]
        yield {
            "id": str(row["patient_id"]),
            "first_name": person.first_name,
            "last_name": person.last_name,
            "date_of_birth": forms.day(row["birth_date"]),
            "gender": {"F": "Female", "M": "Male"}.get(str(row["sex"]), ""),
            "state": str(row["state"]),
            "date_of_death": forms.day(row.get("deceased_on")),
        }


def insurances(rows: Sequence[Row], payers: Mapping[str, Payer], forms: Forms) -> Iterator[dict[str, str]]:
    """Coverages; the payer by our id, the plan by its type."""
    for row in rows:
        yield {
            "id": str(row["coverage_id"]),
            "patient_id": str(row["patient_id"]),
            "insurance_payer_id": str(row["payer_id"]),
            "insurance_company": payers[str(row["payer_id"])].name,
            "insurance_plan_type": words(PLANS, row["line_of_business"]),
            "insurance_id_number": str(row["member_id"] or ""),
            "insurance_group_number": str(row["group_id"] or ""),
            "insurance_order": words(ORDERS, row["priority"]),
            "effective_date": forms.day(row["eff_from"]),
            "termination_date": forms.day(row.get("eff_to")),
        }
