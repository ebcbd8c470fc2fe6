"""Where faults can stand: predicates on visits, shared by the topics."""

from decimal import Decimal

from ketaclaims.simulate.kinds.registry import Fits, Plot
from ketaclaims.simulate.model import Session
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


def code_is_dead(code: str) -> Fits:
    """Billed per mg on a day that code was not in force."""

    def fits(plot: Plot, session: Session) -> bool:
        return per_mg(plot, session) and not plot.reference.codes[code].valid_on(session.dos)

    return fits
