"""Claims that were wrong once and are right now: the rules must stay silent on them."""

from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from ketaclaims.simulate.billing import ONE, add_line, icn_of, open_claim, reprice
from ketaclaims.simulate.kinds import places
from ketaclaims.simulate.kinds.registry import Fits, Plot, VisitKind, unchanged
from ketaclaims.simulate.model import Claim, Line, Session
from ketaclaims.simulate.sessions import discarded_entry

REPLACED_AFTER_DAYS = 35  # by then the payer has answered the first claim
UNITS = "drug-units-match-dose"
PATISIRAN = "J0222"


def _early(fits: Fits) -> Fits:
    """Early enough to be answered and billed again."""

    def early(plot: Plot, session: Session) -> bool:
        last_day = plot.calendar.end - timedelta(days=REPLACED_AFTER_DAYS + 3)
        return fits(plot, session) and session.dos <= last_day

    return early


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


def _marked_25(plot: Plot, session: Session, ordinal: int) -> Line:
    assert session.claim is not None
    return session.claim.lines[-1]


def _first_visit_for_pain(plot: Plot, session: Session) -> bool:
    claim = session.claim
    return session.kind == "intake" and claim is not None and not any(dx.startswith("F") for dx in claim.dx)


def _patisiran_for_a_nerve(plot: Plot, session: Session, ordinal: int) -> Line:
    """Patisiran where nothing psychiatric is the matter."""
    assert session.claim is not None
    return add_line(session.claim, session, plot.reference, PATISIRAN, Decimal(300))


def _per_mg_of(dose_mg: int) -> Fits:
    return lambda plot, session: places.per_mg(plot, session) and places.dose(session) == dose_mg


EARLY_PER_MG = _early(places.per_mg)
KINDS = (
    VisitKind("replaced_near_miss", UNITS, "claim_line", EARLY_PER_MG, _replace_claim, ""),
    VisitKind("amended_near_miss", UNITS, "claim_line", EARLY_PER_MG, _amend_claim, ""),
    VisitKind("discarded_near_miss", UNITS, "claim_line", EARLY_PER_MG, _discard_entry, ""),
    VisitKind("bundle_replaced", "gcode-one-unit", "claim_line", _early(places.bundle), _replace_claim, ""),
    VisitKind("bundle_at_56", "gcode-dose-band", "claim_line", places.low_dose, unchanged, ""),
    VisitKind("label_highest", "drug-units-label-max", "claim_line", _per_mg_of(84), unchanged, ""),
    VisitKind("label_usual", "drug-units-label-dose", "claim_line", _per_mg_of(56), unchanged, ""),
    VisitKind("code_of_its_time", "esketamine-code-by-date", "claim_line", places.per_mg, unchanged, ""),
    VisitKind("visit_with_25", "em-same-day-needs-25", "claim_line", places.em_with_25, _marked_25, ""),
    VisitKind(
        "patisiran_for_pain", "patisiran-trap", "claim_line", _first_visit_for_pain,
        _patisiran_for_a_nerve, "",
    ),
)  # fmt: skip
