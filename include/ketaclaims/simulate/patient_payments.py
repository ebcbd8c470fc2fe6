"""What patients pay after a remit tells their share: most of them, some weeks later, in full."""

from collections.abc import Iterable
from datetime import timedelta
from random import Random

from ketaclaims.simulate.model import Clinic, Row
from ketaclaims.simulate.remits import RemitClaim

PAYING_SHARE = 0.6


def collect_from_patients(clinic: Clinic, remits: Iterable[RemitClaim], seed: int) -> None:
    """Add patient payments for the first answers that left a patient share."""
    for remit in remits:
        rng = Random(f"{seed}:patient:{clinic.clinic_id}:{remit.claim.claim_id}")
        if remit.event != "first" or remit.status == "19" or remit.patient_share <= 0:
            continue  # corrections come back to patients later than simulated; a second payer may still pay
        if rng.random() >= PAYING_SHARE:
            continue
        day = remit.paid_on + timedelta(days=rng.randrange(5, 20))
        is_copay = any(a.group == "PR" and a.carc == "3" for a in remit.adjustments)
        row: Row = {
            "payment_id": clinic.new_id("R"), "patient_id": remit.claim.patient.patient_id,
            "claim_id": remit.claim.claim_id, "paid_on": day, "amount": remit.patient_share,
            "kind": "copay" if is_copay else "balance", "method": rng.choice(("card", "check")),
        }  # fmt: skip
        clinic.rows["patient_payment"].append((day, row))
