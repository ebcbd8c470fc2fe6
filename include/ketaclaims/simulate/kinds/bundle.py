"""Faults in what stands for a session: the family of codes, the drug beside a bundle, a first visit."""

from collections.abc import Sequence
from decimal import Decimal

from ketaclaims.simulate.billing import ONE, add_line, reprice
from ketaclaims.simulate.care import note_apart
from ketaclaims.simulate.kinds import places
from ketaclaims.simulate.kinds.registry import Apply, Plot, VisitKind, also, unchanged
from ketaclaims.simulate.model import Line, Session
from ketaclaims.simulate.reference import BUNDLE_LIMIT_MG, ESKETAMINE_PER_MG
from ketaclaims.simulate.values import years_before

DRUG_LINE, SUPPLIED, MODEL = "gcode-no-drug-line", "gcode-drug-supplied-by-clinic", "payer-billing-model"
ESTABLISHED, SAME_DAY, PA_CODE = "gcode-established-only", "gcode-no-em-same-day", "pa-code-covered"
CENT = Decimal("0.01")


def _per_mg_code(plot: Plot, session: Session) -> str:
    return next(c for c in ESKETAMINE_PER_MG if plot.reference.codes[c].valid_on(session.dos))


def _drug_beside(charge: Decimal | None) -> Apply:
    """The drug per mg beside the bundle, at its own charge or as a token line."""

    def apply(plot: Plot, session: Session, ordinal: int) -> Line:
        assert session.claim is not None
        dose, given = places.dose(session), session.administrations[0]
        line = add_line(session.claim, session, plot.reference, _per_mg_code(plot, session), dose)
        line.ndc11, line.ndc_qty, line.ndc_uom, line.ndc_qualifier = given.ndc11, ONE, "UN", "N4"
        line.charge = line.charge if charge is None else charge
        return line

    return apply


def _from_pharmacy(plot: Plot, session: Session, ordinal: int) -> Line:
    session.administrations[0].acquisition = "specialty_pharmacy"
    return session.drug_line


def _as_bundle(plot: Plot, session: Session, ordinal: int) -> Line:
    line = session.drug_line
    line.ndc11, line.ndc_qty, line.ndc_uom, line.ndc_qualifier = "", None, "", ""
    reprice(line, plot.reference, "G2082" if places.dose(session) <= BUNDLE_LIMIT_MG else "G2083", ONE)
    return line


def _as_drug(plot: Plot, session: Session, ordinal: int) -> Line:
    reprice(session.drug_line, plot.reference, _per_mg_code(plot, session), places.dose(session))
    return session.drug_line


def _earlier(plot: Plot, session: Session) -> list[Session]:
    """The patient's visits of the three years before."""
    since = years_before(session.dos, 3)
    return [s for s in plot.sessions_of(session.patient) if since <= s.dos < session.dos]


def _first_bundle(plot: Plot, session: Session) -> bool:
    """The first session of all under plain Medicare, with nothing planted on what came before."""
    if session.patient.payer.lob != "medicare_b" or not places.alone_that_day(places.bundle)(plot, session):
        return False
    return not any(s.touched or s.kind == "esketamine" for s in _earlier(plot, session))


def forget(plot: Plot, sessions: Sequence[Session]) -> None:
    """These visits never happened."""
    clinic = plot.clinic
    gone = {s.encounter.encounter_id for s in sessions}
    claims = {id(s.claim) for s in sessions if s.claim is not None}
    clinic.sessions[:] = [s for s in clinic.sessions if s.encounter.encounter_id not in gone]
    clinic.claims[:] = [c for c in clinic.claims if id(c) not in claims]
    for rows in clinic.rows.values():
        rows[:] = [entry for entry in rows if entry[1].get("encounter_id") not in gone]
    for session in sessions:
        plot.by_patient[session.patient.patient_id].remove(session)
        plot.by_clinician[session.encounter.rendering_npi, session.dos].remove(session)


def _unseen(plot: Plot, session: Session, ordinal: int) -> Line:
    forget(plot, _earlier(plot, session))
    return session.drug_line


def _seen_long_ago(plot: Plot, session: Session, ordinal: int) -> Line:
    """Near miss: one visit, three years ago to the day."""
    earlier = _earlier(plot, session)
    kept = earlier[0]
    forget(plot, earlier[1:])
    if kept.claim is not None:
        plot.clinic.claims.remove(kept.claim)
        kept.claim = None
    day = years_before(session.dos, 3)
    seen = kept.encounter
    for rows in plot.clinic.rows.values():
        rows[:] = [entry for entry in rows if entry[1].get("encounter_id") != seen.encounter_id]
    length = seen.end_at - seen.start_at
    kept.dos, kept.kind, seen.visit_type = day, "history", "history"
    seen.start_at = plot.clinic.at(day, 10)
    seen.end_at = seen.start_at + length
    seen.scheduled_at, seen.signed_at = seen.start_at, seen.end_at
    seen.em_minutes, seen.em_basis = None, ""
    return session.drug_line


def _pharmacy(plot: Plot, session: Session) -> bool:
    is_billed = session.kind == "esketamine" and session.claim is not None
    return is_billed and session.patient.payer.model == "pharmacy_plus_em"


def _ketamine_of_medicare(plot: Plot, session: Session) -> bool:
    return places.ketamine(plot, session) and session.patient.payer.lob == "medicare_b"


medicare = places.of_lob(places.bundle_without_pa, "medicare_b")
without_bar = places.of_lob(places.bundle, "commercial")


def _visit_beside(plot: Plot, session: Session, ordinal: int) -> Line:
    """Near miss: an E/M beside the bundle of a plan that does not go by Medicare's rule."""
    assert session.claim is not None
    note_apart(plot.clinic, session, session)
    return add_line(session.claim, session, plot.reference, "99213")


KINDS = (
    VisitKind("bundle_and_drug", DRUG_LINE, "claim_line", medicare, _drug_beside(None),
              follows=also(MODEL), follow_rules=(MODEL,)),
    VisitKind("bundle_and_token", MODEL, "claim_line", medicare, _drug_beside(CENT), silent=(DRUG_LINE,)),
    VisitKind("pharmacy_bundle", SUPPLIED, "claim_line", places.bundle, _from_pharmacy),
    VisitKind("drug_plan_bundle", MODEL, "claim_line", places.per_mg, _as_bundle,
              follows=also(PA_CODE), follow_rules=(PA_CODE,)),
    VisitKind("bundle_plan_drug", MODEL, "claim_line", medicare, _as_drug),
    VisitKind("bundle_unseen", ESTABLISHED, "claim_line", _first_bundle, _unseen),
)  # fmt: skip
NEAR_MISSES = (
    VisitKind("pharmacy_visit", SUPPLIED, "claim_line", _pharmacy, unchanged, ""),
    VisitKind("ketamine_of_bundle_payer", MODEL, "claim_line", _ketamine_of_medicare, unchanged, ""),
    VisitKind("seen_three_years_ago", ESTABLISHED, "claim_line", _first_bundle, _seen_long_ago, ""),
    VisitKind("bundle_and_visit", SAME_DAY, "claim_line", without_bar, _visit_beside, ""),
)  # fmt: skip
