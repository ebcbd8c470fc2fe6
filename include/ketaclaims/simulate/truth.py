"""The known answers of a simulation, as CSV under ``truth/``: outside landing, so no reader sees them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal

from ketaclaims.simulate.adjudicate import PATIENT, ZERO, RemitClaim
from ketaclaims.simulate.ehr_writer import to_csv
from ketaclaims.simulate.faults import Defect
from ketaclaims.simulate.model import Claim, Clinic, Row
from ketaclaims.simulate.oracle import Finding
from ketaclaims.simulate.payments import RemitFile

FINDING_COLUMNS = ("rule_id", "clinic_id", "subject", "subject_key", "status", "origin", "defect_id")
DEFECT_COLUMNS = tuple(
    field.name for field in fields(Defect) if field.name not in ("claim_ids", "encounter_ids", "findings")
)
PAYMENT_COLUMNS = (
    "payer_id",
    "clinic_id",
    "trace",
    "payment_date",
    "amount",
    "claim_count",
    "kind",
    "file",
    "copies",
)
CLAIM_COLUMNS = (
    "clinic_id", "claim_id", "version", "pcn", "payer_id", "dos", "ehr_status", "remit_state", "billed",
    "paid", "patient_share", "contractual", "denied", "other_adjustment", "underpaid", "carcs", "rarcs",
    "remit_count",
)  # fmt: skip
README = """# Known answers of this simulation
Written beside `landing/`, never read by the pipeline. Amounts are USD.

| file | one row per |
|---|---|
| `findings.csv` | finding the twelve rules must give; `origin` is planted (the defect itself) or follow_on |
| `defects.csv` | planted defect, with the one finding it is named after |
| `near_misses.csv` | record that looks wrong and is right: no finding may name it for that rule |
| `payments.csv` | payment (ST); `copies` counts the files that hold it, it counts once |
| `claims.csv` | newest version of a claim: netted money over all remits, reason codes of the last one |
| `simulation.json` | how it was made; also marks the folder as ours to overwrite |

`extra_N/` holds the same files for the N-th extra day: findings, defects and payments to add,
claims whose row replaces the earlier one.
"""


@dataclass(frozen=True, slots=True)
class Answers:
    """Everything known at the end of a simulation or of an extra day."""

    findings: Sequence[Finding]
    defects: Sequence[Defect]
    near_misses: Sequence[Defect]
    files: Sequence[RemitFile]
    claims: Sequence[Row]


def attribute(findings: Iterable[Finding], defects: Sequence[Defect]) -> list[Row]:
    """Findings with the defect that caused each; one without a cause is a fault of the simulator."""
    named = {(d.clinic_id, d.rule_id, d.subject_key): d.defect_id for d in defects}
    causes: dict[tuple[str, str], str] = {}
    for defect in defects:
        for subject in (*defect.claim_ids, *defect.encounter_ids):
            causes[defect.clinic_id, subject] = defect.defect_id
    rows: list[Row] = []
    for finding in findings:
        planted = named.get((finding.clinic_id, finding.rule_id, finding.subject_key))
        defect_id = planted or causes[finding.clinic_id, finding.subject_key.split("/")[0]]
        rows.append(
            {
                "rule_id": finding.rule_id,
                "clinic_id": finding.clinic_id,
                "subject": finding.subject,
                "subject_key": finding.subject_key,
                "status": finding.status,
                "origin": "planted" if planted else "follow_on",
                "defect_id": defect_id,
            }
        )
    return rows


def payment_rows(files: Sequence[RemitFile]) -> list[Row]:
    """One row per payment, named by the first file that holds it."""
    copies: dict[str, int] = {}
    for file in files:
        for payment in file.payments:
            copies[payment.trace] = copies.get(payment.trace, 0) + 1
    return [
        {
            "payer_id": payment.payer.payer_id,
            "clinic_id": payment.clinic.clinic_id,
            "trace": payment.trace,
            "payment_date": payment.paid_on,
            "amount": payment.amount,
            "claim_count": len(payment.claims),
            "kind": payment.kind,
            "file": file_name(file),
            "copies": copies[payment.trace],
        }
        for file in files
        if not file.resent
        for payment in file.payments
    ]


def file_name(file: RemitFile) -> str:
    """Name of the file in ``landing/remits``."""
    return f"{file.name}.zip" if file.zipped else f"{file.name}.835"


def claim_row(clinic: Clinic, claim: Claim, remits: Sequence[RemitClaim], status: str) -> Row:
    """Final state of one claim: sums over all its remits, codes of the last answer."""
    adjustments = [a for remit in remits for line in remit.lines for a in line.adjustments]
    denied = _denied(remits)
    share = sum((a.amount for a in adjustments if a.group == PATIENT), ZERO)
    contractual = sum((a.amount for a in adjustments if (a.group, a.carc) == ("CO", "45")), ZERO)
    last = remits[-1].lines if remits else ()
    return {
        "clinic_id": clinic.clinic_id, "claim_id": claim.claim_id, "version": claim.version,
        "pcn": claim.pcn, "payer_id": claim.patient.payer.payer_id, "dos": claim.dos, "ehr_status": status,
        "remit_state": _remit_state(remits), "billed": claim.total_charge,
        "paid": sum((remit.paid for remit in remits), ZERO), "patient_share": share,
        "contractual": contractual, "denied": denied,
        "other_adjustment": sum((a.amount for a in adjustments), ZERO) - share - contractual - denied,
        "underpaid": sum((line.underpaid for line in last), ZERO),
        "carcs": ";".join(sorted({f"{a.group}-{a.carc}" for line in last for a in line.adjustments})),
        "rarcs": ";".join(sorted({rarc for line in last for rarc in line.rarcs})),
        "remit_count": len(remits),
    }  # fmt: skip


def _denied(remits: Sequence[RemitClaim]) -> Decimal:
    return sum((line.charge for remit in remits for line in remit.lines if line.is_denied), ZERO)


def _remit_state(remits: Sequence[RemitClaim]) -> str:
    if not remits:
        return "open"
    if remits[-1].status == "22":
        return "reversed"
    if remits[-1].is_denied:
        return "denied"
    return "partly_denied" if any(line.is_denied for line in remits[-1].lines) else "paid"


def truth_files(answers: Answers) -> dict[str, bytes]:
    """File name -> content."""
    defects = [_defect_row(defect) for defect in answers.defects]
    near = [_defect_row(defect) for defect in answers.near_misses]
    return {
        "findings.csv": to_csv(FINDING_COLUMNS, attribute(answers.findings, answers.defects)),
        "defects.csv": to_csv(DEFECT_COLUMNS, defects),
        "near_misses.csv": to_csv(DEFECT_COLUMNS, near),
        "payments.csv": to_csv(PAYMENT_COLUMNS, payment_rows(answers.files)),
        "claims.csv": to_csv(CLAIM_COLUMNS, answers.claims),
    }


def _defect_row(defect: Defect) -> Row:
    return {column: getattr(defect, column) for column in DEFECT_COLUMNS}
