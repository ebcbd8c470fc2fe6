"""A clinic's spreadsheet of prior authorisations: one row a request, overwritten in place."""

from collections.abc import Iterable, Mapping, Sequence

from ketaclaims.simulate.delivery.workbook import write_workbook
from ketaclaims.simulate.model import Cell, Patient, Row
from ketaclaims.simulate.reference import Payer

UNIT_TYPES = {"mg": "mg", "visit": "Visits", "device": "Devices", "unit": "Units"}
STATUSES = {
    "draft": "Draft", "submitted": "Submitted", "pended": "In review", "approved": "Approved",
    "partial": "Partially approved", "denied": "Denied", "withdrawn": "Withdrawn", "expired": "Expired",
}  # fmt: skip
INDICATIONS = {"TRD": "TRD", "MDD_SI": "MDD with SI", "other": "Other"}
HEADER = (
    "PA ID", "Version", "Patient ID", "Patient Name", "Payer", "Auth Number", "Drug", "Codes", "Status",
    "Date Submitted", "Date Decided", "Valid From", "Valid To", "Units Approved", "Unit Type", "Provider NPI",
    "Site ID", "Indication", "Expedited",
)  # fmt: skip


def write_tracker(rows: Sequence[Row], people: Mapping[str, Patient], payers: Mapping[str, Payer]) -> bytes:
    """An .xlsx of the requests, each as it stands: of several versions the last."""
    newest = {row["pa_id"]: row for row in rows}
    table: Iterable[Sequence[Cell]] = (_row(row, people, payers) for row in newest.values())
    return write_workbook("PA tracker", [HEADER, *table])


def _row(row: Row, people: Mapping[str, Patient], payers: Mapping[str, Payer]) -> Sequence[Cell]:
    person, basis = people[str(row["patient_id"])], row.get("unit_basis")
    return (
        row["pa_id"], row["version"], row["patient_id"], f"{person.last_name}, {person.first_name}",
        payers[str(row["payer_id"])].name, row.get("pa_number"), row["drug"],
        str(row["codes"]).replace(";", ", "), STATUSES[str(row["status"])], row["submitted_at"],
        row.get("decided_at"), row.get("valid_from"), row.get("valid_to"), row.get("units_approved"),
        UNIT_TYPES[str(basis)] if basis else None, row["npi"], row["site_id"],
        INDICATIONS[str(row["indication"])], "Yes" if row["expedited"] else "No",
    )  # fmt: skip
