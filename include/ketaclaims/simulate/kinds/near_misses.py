"""Claims that were wrong once and are right now: the rules must stay silent on them."""

from copy import deepcopy
from dataclasses import replace
from datetime import timedelta

from ketaclaims.simulate.billing import ONE, icn_of, open_claim, reprice
from ketaclaims.simulate.kinds import places
from ketaclaims.simulate.kinds.registry import Plot, VisitKind
from ketaclaims.simulate.model import Claim, Line, Session
from ketaclaims.simulate.sessions import discarded_entry

REPLACED_AFTER_DAYS = 35  # by then the payer has answered the first claim
UNITS = "drug-units-match-dose"


def _early_per_mg(plot: Plot, session: Session) -> bool:
    """Early enough to be answered and billed again."""
    last_day = plot.calendar.end - timedelta(days=REPLACED_AFTER_DAYS + 3)
    return places.per_mg(plot, session) and session.dos <= last_day


def _copy_lines(claim: Claim, source: list[Line]) -> list[Line]:
    lines = deepcopy(source)
    for line in lines:
        line.line_control = f"{claim.claim_id}V{claim.version}L{line.line_no}"
    return lines


def _replace_claim(plot: Plot, session: Session, ordinal: int) -> Line:
    """One unit billed and denied; weeks later a claim with frequency 7 took its place."""
    wrong = session.claim
    assert wrong is not None
    right = open_claim(plot.clinic, session)
    right.lines = _copy_lines(right, wrong.lines)
    right.frequency, right.original_icn = "7", icn_of(plot.clinic, wrong.claim_id)
    right.created_at = wrong.created_at + timedelta(days=REPLACED_AFTER_DAYS)
    right.submitted_at = right.created_at + timedelta(days=1)
    wrong.replaced_at = right.created_at
    reprice(wrong.lines[0], plot.reference, wrong.lines[0].code, ONE)
    for line in wrong.lines:
        plot.clinic.causes[wrong.claim_id, line.line_no] = "replaced_near_miss"
    right.pa_number = wrong.pa_number
    return right.lines[0]


def _amend_claim(plot: Plot, session: Session, ordinal: int) -> Line:
    """A draft with one unit; a biller saw it and wrote version 2 before anything was sent."""
    claim = session.claim
    assert claim is not None
    draft = replace(claim, superseded=True)
    draft.lines = _copy_lines(draft, claim.lines)
    reprice(draft.lines[0], plot.reference, draft.lines[0].code, ONE)
    claim.version = 2
    claim.lines = _copy_lines(claim, claim.lines)
    claim.created_at += timedelta(hours=14)
    claim.submitted_at = max(claim.submitted_at, claim.created_at + timedelta(days=1))
    plot.clinic.claims.append(draft)
    return claim.lines[0]


def _discard_entry(plot: Plot, session: Session, ordinal: int) -> Line:
    """A second chart entry of 28 mg and 30 minutes, marked entered in error."""
    discarded_entry(plot.clinic, session)
    return session.drug_line


KINDS = (
    VisitKind("replaced_near_miss", UNITS, "claim_line", _early_per_mg, _replace_claim, ""),
    VisitKind("amended_near_miss", UNITS, "claim_line", _early_per_mg, _amend_claim, ""),
    VisitKind("discarded_near_miss", UNITS, "claim_line", _early_per_mg, _discard_entry, ""),
)
