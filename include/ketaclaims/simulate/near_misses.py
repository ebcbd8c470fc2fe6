"""Claims that were wrong once and are right now: the rules must stay silent on them."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta

from ketaclaims.simulate.billing import ONE, icn_of, open_claim, reprice
from ketaclaims.simulate.care import discarded_entry
from ketaclaims.simulate.defects import is_free, new_defect_id
from ketaclaims.simulate.faults import Defect
from ketaclaims.simulate.model import Calendar, Claim, Clinic, Line, Session
from ketaclaims.simulate.reference import ESKETAMINE_PER_MG, Reference

REPLACED_AFTER_DAYS = 35  # by then the payer has answered the first claim
PER_KIND = 2


def plant_near_misses(clinic: Clinic, reference: Reference, calendar: Calendar) -> list[Defect]:
    """Plant a few of each kind on untouched visits."""
    planted: list[Defect] = []
    kinds: tuple[tuple[str, Callable[[Clinic, Session, Reference], None]], ...] = (
        ("replaced_near_miss", _replace_claim),
        ("amended_near_miss", _amend_claim),
        ("discarded_near_miss", _discard_entry),
    )
    last_day = calendar.end - timedelta(days=REPLACED_AFTER_DAYS + 3)
    for name, apply in kinds:
        free = [s for s in clinic.sessions if is_free(s) and _is_per_mg(s) and s.dos <= last_day]
        for session in clinic.rng.sample(free, min(PER_KIND, len(free))):
            session.touched = True
            apply(clinic, session, reference)
            planted.append(_record(clinic, session, name))
    return planted


def _is_per_mg(session: Session) -> bool:
    return (
        session.kind == "esketamine"
        and session.claim is not None
        and session.drug_line.code in ESKETAMINE_PER_MG
    )


def _record(clinic: Clinic, session: Session, kind: str) -> Defect:
    assert session.claim is not None
    return Defect(
        defect_id=new_defect_id(clinic),
        kind=kind,
        clinic_id=clinic.clinic_id,
        rule_id="drug-units-match-dose",
        subject="claim_line",
        subject_key=f"{session.claim.claim_id}/1",
        dos=session.dos,
        expected="",
        patient_id=session.patient.patient_id,
    )


def _copy_lines(claim: Claim, source: list[Line]) -> list[Line]:
    lines = deepcopy(source)
    for line in lines:
        line.line_control = f"{claim.claim_id}V{claim.version}L{line.line_no}"
    return lines


def _replace_claim(clinic: Clinic, session: Session, reference: Reference) -> None:
    """One unit billed and denied; weeks later a claim with frequency 7 took its place."""
    wrong = session.claim
    assert wrong is not None
    right = open_claim(clinic, session)
    right.lines = _copy_lines(right, wrong.lines)
    right.frequency, right.original_icn = "7", icn_of(clinic, wrong.claim_id)
    right.created_at = wrong.created_at + timedelta(days=REPLACED_AFTER_DAYS)
    right.submitted_at = right.created_at + timedelta(days=1)
    wrong.replaced_at = right.created_at
    reprice(wrong.lines[0], reference, wrong.lines[0].code, ONE)
    for line in wrong.lines:
        clinic.causes[wrong.claim_id, line.line_no] = "replaced_near_miss"


def _amend_claim(clinic: Clinic, session: Session, reference: Reference) -> None:
    """A draft with one unit; a biller saw it and wrote version 2 before anything was sent."""
    claim = session.claim
    assert claim is not None
    draft = replace(claim, superseded=True)
    draft.lines = _copy_lines(draft, claim.lines)
    reprice(draft.lines[0], reference, draft.lines[0].code, ONE)
    claim.version = 2
    claim.lines = _copy_lines(claim, claim.lines)
    claim.created_at += timedelta(hours=14)
    claim.submitted_at = max(claim.submitted_at, claim.created_at + timedelta(days=1))
    clinic.claims.append(draft)


def _discard_entry(clinic: Clinic, session: Session, reference: Reference) -> None:
    """A second chart entry of 28 mg and 30 minutes, marked entered in error."""
    discarded_entry(clinic, session)
