"""Where faults can stand: predicates on visits, shared by the topics."""

from decimal import Decimal

from ketaclaims.simulate.kinds.registry import Fits, Plot
from ketaclaims.simulate.model import Line, Session
from ketaclaims.simulate.reference import BUNDLE_LIMIT_MG

GCODE_EM_LOBS = ("medicare_b", "ma", "tricare")


def dose(session: Session) -> Decimal:
    """Charted mg of the session."""
    charted = session.administrations[0].dose_mg
    assert charted is not None
    return charted


def any_claim(plot: Plot, session: Session) -> bool:
    """Any visit that was billed."""
    return session.claim is not None


def esketamine(plot: Plot, session: Session) -> bool:
    """A Spravato session, billed or not."""
    return session.kind == "esketamine"


def _billed(session: Session, model: str) -> bool:
    is_billed = session.kind == "esketamine" and session.claim is not None
    return is_billed and session.patient.payer.model == model


def drug_billed(plot: Plot, session: Session) -> bool:
    """A Spravato session billed with its drug, per mg or as a bundle."""
    return per_mg(plot, session) or bundle(plot, session)


def per_mg(plot: Plot, session: Session) -> bool:
    """Billed per mg."""
    return _billed(session, "jcode_plus_em")


def bundle(plot: Plot, session: Session) -> bool:
    """Billed as a bundle."""
    return _billed(session, "gcode")


def low_dose(plot: Plot, session: Session) -> bool:
    """A bundle of the lower band."""
    return bundle(plot, session) and dose(session) <= BUNDLE_LIMIT_MG


def high_dose(plot: Plot, session: Session) -> bool:
    """A bundle of the upper band."""
    return bundle(plot, session) and dose(session) > BUNDLE_LIMIT_MG


def bundle_without_pa(plot: Plot, session: Session) -> bool:
    """A bundle that no authorisation counts."""
    return bundle(plot, session) and not session.patient.payer.pa_required


def bundle_bars_em(plot: Plot, session: Session) -> bool:
    """A bundle under a payer whose bundle holds the E/M."""
    return bundle(plot, session) and session.patient.payer.lob in GCODE_EM_LOBS


def em_with_25(plot: Plot, session: Session) -> bool:
    """Ketamine with an E/M that carries 25."""
    return (
        session.kind in ("iv", "im") and session.claim is not None and session.claim.lines[-1].mods == ["25"]
    )


def minutes(session: Session) -> int:
    """Minutes from start to stop of what was given."""
    given = session.administrations[0]
    assert given.stop_at is not None
    return int((given.stop_at - given.start_at).total_seconds() // 60)


def unlisted(session: Session) -> Line:
    """The line of the unlisted drug."""
    assert session.claim is not None
    return next(line for line in session.claim.lines if line.code == "J3490")


def ketamine(plot: Plot, session: Session) -> bool:
    """Ketamine by vein or muscle, billed to a payer."""
    return session.kind in ("iv", "im") and session.claim is not None


def infusion(plot: Plot, session: Session) -> bool:
    """An infusion of one hour at most: 96365 without 96366."""
    return session.kind == "iv" and session.claim is not None and 16 <= minutes(session) < 91


def long_infusion(plot: Plot, session: Session) -> bool:
    """An infusion with a second hour: 96366 on the second line."""
    return session.kind == "iv" and session.claim is not None and minutes(session) >= 91


def any_infusion(plot: Plot, session: Session) -> bool:
    """96365, whatever stands beside it."""
    return infusion(plot, session) or long_infusion(plot, session)


def push(plot: Plot, session: Session) -> bool:
    """Under 16 minutes: 96374."""
    return session.kind == "iv" and session.claim is not None and minutes(session) < 16


def injection(plot: Plot, session: Session) -> bool:
    """Into the muscle: 96372."""
    return session.kind == "im" and session.claim is not None


def of_lob(fits: Fits, *lobs: str) -> Fits:
    """The same places, of patients of these lines of business."""
    return lambda plot, session: fits(plot, session) and session.patient.payer.lob in lobs


def later_session(fits: Fits) -> Fits:
    """The same places but the first session of a course, whose dose the label sets."""

    def later(plot: Plot, session: Session) -> bool:
        if not fits(plot, session):
            return False
        own = plot.by_patient[session.patient.patient_id]
        return session.dos > min(s.dos for s in own if s.kind == "esketamine")

    return later


def office_visit(plot: Plot, session: Session) -> bool:
    """A medication visit in the room, with an E/M of level 3 or 4 as its first line."""
    is_seen = session.kind == "visit" and session.encounter.mode == "in_person"
    return is_seen and session.claim is not None and session.claim.lines[0].code in ("99213", "99214")


def alone_that_day(fits: Fits) -> Fits:
    """The same places, where the patient came for nothing else that day."""

    def alone(plot: Plot, session: Session) -> bool:
        if not fits(plot, session):
            return False
        own = plot.by_patient[session.patient.patient_id]
        return sum(other.dos == session.dos for other in own) == 1

    return alone


def with_line(fits: Fits, *codes: str) -> Fits:
    """The same places, where one of these codes is billed."""

    def billed(plot: Plot, session: Session) -> bool:
        claim = session.claim
        return claim is not None and any(x.code in codes for x in claim.lines) and fits(plot, session)

    return billed


def without_line(fits: Fits, *codes: str) -> Fits:
    """The same places, where none of these codes is billed."""

    def unbilled(plot: Plot, session: Session) -> bool:
        claim = session.claim
        return claim is not None and all(x.code not in codes for x in claim.lines) and fits(plot, session)

    return unbilled


def line_of(session: Session, *codes: str) -> Line:
    """The first line with one of these codes."""
    assert session.claim is not None
    return next(line for line in session.claim.lines if line.code in codes)


def of_kind(*kinds: str) -> Fits:
    """Billed visits of these kinds."""
    return lambda plot, session: session.kind in kinds and session.claim is not None


def in_room(fits: Fits) -> Fits:
    """The same places, the patient being there."""
    return lambda plot, session: session.encounter.mode == "in_person" and fits(plot, session)


def code_is_dead(code: str) -> Fits:
    """Billed per mg on a day that code was not in force."""

    def fits(plot: Plot, session: Session) -> bool:
        return per_mg(plot, session) and not plot.reference.codes[code].valid_on(session.dos)

    return fits
