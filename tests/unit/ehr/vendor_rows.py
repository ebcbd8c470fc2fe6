"""Rows of vendor reports for the tests: one good row each, to be changed a cell at a time."""

import csv
import io
from collections.abc import Mapping, Sequence

CHARGE = {
    "Claim ID": "1001", "Line": "1", "Patient ID": "P1", "Patient Name": "Doe, Jo", "Encounter ID": "E1",
    "Case ID": "C1", "Patient Control Number": "PCN1", "Billing Provider NPI": "1234567893",
    "Rendering Provider NPI": "1234567893", "Service Location ID": "S1", "Place of Service Code": "11",
    "Service Start Date": "01/15/2026", "Procedure Code": "J0013", "Procedure Modifier 1": "JZ",
    "Procedure Modifier 2": "", "Procedure Modifier 3": "", "Procedure Modifier 4": "", "Units": "84",
    "Total Charges": "$1,290.00", "Diagnosis 1": "F33.2", "Diagnosis 2": "", "Diagnosis 3": "",
    "Diagnosis 4": "", "NDC": "50458-028-03", "Revenue Code": "636", "Claim Status": "Billed",
}  # fmt: skip
SESSION = {
    "Session ID": "E1", "Administration ID": "A1", "Patient ID": "P1", "Patient Name": "Doe, Jo",
    "Site ID": "S1", "Rendering NPI": "1234567893", "Session Status": "Completed", "Session Type": "Spravato",
    "Mode": "In Person", "Check-in Time": "01/15/2026 09:00 AM", "Check-out Time": "01/15/2026 11:30 AM",
    "Medication": "Spravato", "Route": "Intranasal", "Dose": "84 mg", "Weight": "80 kg",
    "Dose Start": "01/15/2026 09:10 AM", "Dose End": "01/15/2026 09:20 AM",
    "Discharge Time": "01/15/2026 11:20 AM", "Diagnoses": "F33.2 - MDD;370143000", "Pre BP": "120/80",
    "Pre BP Time": "01/15/2026 09:05 AM", "Discharge BP": "", "PHQ-9 Score": "18",
    "PHQ-9 Completed At": "01/15/2026 09:02 AM", "Session Notes": "ZZCANARY said so",
}  # fmt: skip
APPOINTMENT = {
    "Appointment ID": "A1", "Claim ID": "K1", "Line": "1", "Date of Service": "01/15/2026",
    "Start Time": "09:00 AM", "End Time": "10:00 AM", "Client ID": "P1", "Client": "Jo Doe",
    "Clinician NPI": "1234567893", "Location ID": "S1", "Appointment Status": "Show", "Telehealth": "Yes",
    "Insurance ID": "C1", "Billing NPI": "1234567893", "Billing Code": "99214", "Modifiers": "25/95",
    "Diagnosis": "F332", "Place of Service": "2", "Units": "1", "Total Fee": "150.00",
    "Claim Status": "Submitted", "Client Paid": "20.00", "Insurance Paid": "0.00",
}  # fmt: skip
REQUEST = {
    "PA ID": "R1", "Patient ID": "P1", "Payer": "Aetna PPO", "Auth #": "00123", "Drug": "Spravato",
    "Codes": "J0013, G2083", "Status": "In Review", "Submitted": "1/2/2026", "Decided": "",
    "Start Date": "1/5/26", "End Date": "05-Jul-26", "Approved Units": "24", "Unit Type": "visits",
    "Comments": "ZZCANARY called",
}  # fmt: skip


def csv_text(base: Mapping[str, str], *changes: Mapping[str, str], delimiter: str = ",") -> str:
    """A file with a header and a row per change."""
    return "".join(csv_line(cells, delimiter) for cells in grid(base, *changes))


def grid(base: Mapping[str, str], *changes: Mapping[str, str]) -> list[list[str]]:
    """Header and rows; a changed column that the base lacks is a further column."""
    header = list(dict.fromkeys([*base, *(name for change in changes for name in change)]))
    return [header, *([{**base, **change}.get(name, "") for name in header] for change in changes)]


def csv_line(cells: Sequence[str], delimiter: str = ",") -> str:
    """One line of CSV."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerow(cells)
    return out.getvalue()
