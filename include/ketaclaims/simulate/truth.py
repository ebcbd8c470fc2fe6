"""The known answers of a simulation, as CSV under ``truth/``: outside landing, so no reader sees them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal

from ketaclaims.simulate.delivery.dirt import DIRT_COLUMNS
from ketaclaims.simulate.ehr_writer import Window, claim_status
from ketaclaims.simulate.faults import Defect
from ketaclaims.simulate.model import Claim, Row
from ketaclaims.simulate.oracle import Finding
from ketaclaims.simulate.payments import RemitFile
from ketaclaims.simulate.remits import PATIENT, ZERO, RemitClaim
from ketaclaims.simulate.world import ClinicWorld

DEFECT_COLUMNS = tuple(
    field.name for field in fields(Defect) if field.name not in ("claim_ids", "encounter_ids", "findings")
)
COLUMNS: dict[str, tuple[str, ...]] = {
    "findings": ("rule_id", "clinic_id", "subject", "subject_key", "status", "origin", "defect_id"),
    "defects": DEFECT_COLUMNS,
    "near_misses": DEFECT_COLUMNS,
    "expected_findings": ("defect_id", "rule_id", "clinic_id", "subject", "subject_key", "status"),
    "payments": (
        "payer_id", "clinic_id", "trace", "payment_date", "amount", "claim_count", "kind", "file", "copies",
    ),
    "claims": (
        "clinic_id", "claim_id", "version", "pcn", "payer_id", "dos", "ehr_status", "remit_state", "billed",
        "paid", "patient_share", "contractual", "denied", "other_adjustment", "underpaid", "carcs", "rarcs",
        "remit_count",
    ),
    "adjudications": (
        "clinic_id", "trace", "payment_date", "payer_id", "claim_id", "line_nos", "event", "clp_status",
        "is_denied", "reason", "carcs", "rarcs", "charge", "paid", "allowed", "underpaid",
    ),
    "payment_events": (
        "clinic_id", "trace", "payment_date", "payer_id", "code", "reference", "amount", "reason",
    ),
    "remit_files": ("clinic_id", "file", "received_on", "arrival", "payments"),
    "deposits": ("clinic_id", "trace", "amount", "payment_date", "deposited_on", "state"),
    "dirt": DIRT_COLUMNS,
}  # fmt: skip
README = """# Known answers of this simulation
Written beside `landing/`, never read by the pipeline. Amounts are USD.

| file | one row per |
|---|---|
| `findings.csv` | finding the rules must give; `origin` is planted (the defect itself) or follow_on |
| `defects.csv` | planted defect, with the one finding it is named after |
| `expected_findings.csv` | finding a planted defect declares: that one and all that follow from it |
| `near_misses.csv` | record that looks wrong and is right: no finding may name it for that rule |
| `payments.csv` | payment (ST); `copies` counts the files that hold it, it counts once |
| `claims.csv` | newest version of a claim: netted money over all remits, reason codes of the last one |
| `adjudications.csv` | answer of a payer to a line (SVC), in the order paid |
| `payment_events.csv` | provider adjustment (PLB pair) of a payment; positive lowers the payment |
| `remit_files.csv` | file in `landing/remits` |
| `deposits.csv` | payment with money, or stray credit of the bank |
| `dirt.csv` | value of a vendor report that nobody can read, and what must become of it |
| `simulation.json` | how it was made; also marks the folder as ours to overwrite |

In `adjudications.csv`, `event` is first, secondary, reversal, correction or appeal; `reason` is contract,
underpaid, downcoded (paid as a lower level), without_cause, the kind of defect a payer saw, bundled,
secondary, patient_share_corrected, appeal_won or not_covered_with_abn; `line_nos` are parted by a semicolon
where one answer stands for several lines. `arrival` of a file is regular, late, resent (new control numbers)
or copied (same bytes). `state` of a deposit is matched, late, missing_deposit, missing_era, or awaited (the
credit comes after the last export).

`extra_N/` holds the same files for the N-th extra day: findings, defects and payments to add,
claims whose row replaces the earlier one.
"""


@dataclass(frozen=True, slots=True)
class Answers:
    """What is known of one clinic at the end of a simulation or of an extra day."""

    findings: Sequence[Finding]
    defects: Sequence[Defect]
    near_misses: Sequence[Defect]
    files: Sequence[RemitFile]
    claims: Sequence[Row]
    deposits: Sequence[Row]
    dirt: Sequence[Row]


def attribute(findings: Iterable[Finding], defects: Sequence[Defect]) -> Iterator[Row]:
    """Findings with the defect that declares each; one without is a fault of the simulator."""
    declared = {(d.clinic_id, e.rule_id, e.subject_key, e.status): d for d in defects for e in d.findings}
    for finding in findings:
        place = (finding.clinic_id, finding.rule_id, finding.subject_key, finding.status)
        defect = declared[place]
        is_named = (defect.rule_id, defect.subject_key) == (finding.rule_id, finding.subject_key)
        yield {
            "rule_id": finding.rule_id, "clinic_id": finding.clinic_id, "subject": finding.subject,
            "subject_key": finding.subject_key, "status": finding.status,
            "origin": "planted" if is_named else "follow_on", "defect_id": defect.defect_id,
        }  # fmt: skip


def payment_rows(files: Sequence[RemitFile]) -> Iterator[Row]:
    """One row per payment, named by the first file that holds it."""
    copies: dict[str, int] = {}
    for file in files:
        for payment in file.payments:
            copies[payment.trace] = copies.get(payment.trace, 0) + 1
    for file in files:
        for payment in () if file.is_repeated else file.payments:
            yield {
                "payer_id": payment.payer.payer_id, "clinic_id": payment.clinic.clinic_id,
                "trace": payment.trace, "payment_date": payment.paid_on, "amount": payment.amount,
                "claim_count": len(payment.claims), "kind": payment.kind, "file": file_name(file),
                "copies": copies[payment.trace],
            }  # fmt: skip


def adjudication_rows(files: Sequence[RemitFile]) -> Iterator[Row]:
    """Every answer of the payments delivered."""
    for file in files:
        for payment in () if file.is_repeated else file.payments:
            for remit in payment.claims:
                for answer in remit.lines:
                    yield {
                        "clinic_id": remit.clinic_id, "trace": payment.trace,
                        "payment_date": payment.paid_on, "payer_id": payment.payer.payer_id,
                        "claim_id": remit.claim.claim_id,
                        "line_nos": ";".join(str(line.line_no) for line in answer.lines),
                        "event": remit.event, "clp_status": remit.status, "is_denied": answer.is_denied,
                        "reason": answer.reason,
                        "carcs": ";".join(f"{a.group}-{a.carc}" for a in answer.adjustments),
                        "rarcs": ";".join(answer.rarcs), "charge": answer.charge, "paid": answer.paid,
                        "allowed": answer.allowed, "underpaid": answer.underpaid,
                    }  # fmt: skip


def payment_event_rows(files: Sequence[RemitFile]) -> Iterator[Row]:
    """Every provider adjustment of the payments delivered."""
    for file in files:
        for payment in () if file.is_repeated else file.payments:
            for entry in payment.plb:
                yield {
                    "clinic_id": payment.clinic.clinic_id, "trace": payment.trace,
                    "payment_date": payment.paid_on, "payer_id": payment.payer.payer_id,
                    "code": entry.code, "reference": entry.reference, "amount": entry.amount,
                    "reason": entry.reason,
                }  # fmt: skip


def _file_rows(files: Sequence[RemitFile]) -> Iterator[Row]:
    for file in files:
        yield {
            "clinic_id": file.payments[0].clinic.clinic_id, "file": file_name(file),
            "received_on": file.received_on, "arrival": file.arrival, "payments": len(file.payments),
        }  # fmt: skip


def file_name(file: RemitFile) -> str:
    """Name of the file in ``landing/remits``."""
    return f"{file.name}.zip" if file.zipped else f"{file.name}.835"


def claim_rows(world: ClinicWorld, window: Window) -> list[Row]:
    """Truth of every claim of a clinic at the end of that export."""
    known, rows = world.known(window.until), []
    for claim in sorted(world.clinic.claims, key=lambda c: c.claim_id):
        if not claim.superseded and claim.created_at <= window.moment:
            remits = known[claim.claim_id]
            rows.append(claim_row(claim, remits, claim_status(claim, remits, window.moment)))
    return rows


def claim_row(claim: Claim, remits: Sequence[RemitClaim], status: str) -> Row:
    """Final state of one claim: sums over all its remits, codes of the last answer."""
    adjustments = [a for remit in remits for line in remit.lines for a in line.adjustments]
    denied = _denied(remits)
    share = _patient_share(remits)
    contractual = sum((a.amount for a in adjustments if (a.group, a.carc) == ("CO", "45")), ZERO)
    last = remits[-1].lines if remits else ()
    return {
        "clinic_id": claim.clinic_id, "claim_id": claim.claim_id, "version": claim.version,
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


def _patient_share(remits: Sequence[RemitClaim]) -> Decimal:
    """What is the patient's; a refused line that falls to the patient counts as denied instead."""
    answers = [line for remit in remits for line in remit.lines if not line.is_denied]
    return sum((a.amount for line in answers for a in line.adjustments if a.group == PATIENT), ZERO)


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


def truth_rows(answers: Answers) -> Mapping[str, Iterable[Row]]:
    """File name without suffix -> rows."""
    return {
        "findings": attribute(answers.findings, answers.defects),
        "defects": map(_defect_row, answers.defects),
        "near_misses": map(_defect_row, answers.near_misses),
        "expected_findings": _expected_rows(answers.defects),
        "payments": payment_rows(answers.files),
        "claims": answers.claims,
        "adjudications": adjudication_rows(answers.files),
        "payment_events": payment_event_rows(answers.files),
        "remit_files": _file_rows(answers.files),
        "deposits": answers.deposits,
        "dirt": answers.dirt,
    }


def _defect_row(defect: Defect) -> Row:
    return {column: getattr(defect, column) for column in DEFECT_COLUMNS}


def _expected_rows(defects: Sequence[Defect]) -> Iterator[Row]:
    for defect in defects:
        for expected in defect.findings:
            yield {
                "defect_id": defect.defect_id, "rule_id": expected.rule_id, "clinic_id": defect.clinic_id,
                "subject": expected.subject, "subject_key": expected.subject_key, "status": expected.status,
            }  # fmt: skip
