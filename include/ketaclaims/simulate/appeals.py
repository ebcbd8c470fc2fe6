"""Appeals of denied claims: sent within weeks, decided a month later, some of them won."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from ketaclaims.simulate.model import Clinic, Row
from ketaclaims.simulate.remits import ZERO, RemitClaim

WON_WITHOUT_CAUSE, WON_WITH_CAUSE = 0.5, 0.1
WITHOUT_CAUSE, NOT_COVERED = "without_cause", "not_covered_with_abn"


def appeal_denial(clinic: Clinic, denied: RemitClaim, rng: Random) -> tuple[date, Row] | None:
    """File the appeal of what was denied; the day the payer gives in, None when it does not.

    With the day comes the row that still lacks the amount recovered.
    """
    answers = [line for line in denied.lines if line.is_denied]
    sent = denied.paid_on + timedelta(days=rng.randrange(5, 20))
    decided = sent + timedelta(days=rng.randrange(18, 40))
    has_cause = any(line.reason != WITHOUT_CAUSE for line in answers)
    is_won = rng.random() < (WON_WITH_CAUSE if has_cause else WON_WITHOUT_CAUSE)
    if denied.claim.patient.reserved or answers[0].reason == NOT_COVERED:
        is_won = False
    amount = sum((line.charge for line in answers), ZERO)
    row: Row = {
        "appeal_id": clinic.new_id("Z"), "claim_id": denied.claim.claim_id,
        "line_no": answers[0].line.line_no if len(answers) == 1 else None, "level": 1, "sent_on": sent,
        "outcome": "pending", "requested_amount": amount, "reason": answers[0].adjustments[0].carc,
    }  # fmt: skip
    if (sent.year, sent.month) != (decided.year, decided.month):
        clinic.rows["appeal"].append((sent, row))
    answer = row | {"decided_on": decided, "outcome": "overturned" if is_won else "upheld"}
    answer["recovered_amount"] = Decimal(0)
    clinic.rows["appeal"].append((decided, answer))
    return (decided, answer) if is_won else None
