"""Faults in how the drug was billed: units, dose band, code, and charts that do not tell the dose."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from ketaclaims.simulate.billing import ONE, add_line, reprice
from ketaclaims.simulate.faults import Expected
from ketaclaims.simulate.kinds import places
from ketaclaims.simulate.kinds.registry import Apply, Plot, VisitKind, line_key
from ketaclaims.simulate.model import Line, Session
from ketaclaims.simulate.reference import DEVICE_MG

UNITS, BAND, ONE_UNIT = "drug-units-match-dose", "gcode-dose-band", "gcode-one-unit"
CODE_DATE, TRAP = "code-valid-on-dos", "patisiran-trap"


def _bill(code: str, units: Callable[[Decimal], Decimal]) -> Apply:
    """Bill that code (empty: the right one) with units made from the dose."""

    def apply(plot: Plot, session: Session, ordinal: int) -> Line:
        line = session.drug_line
        reprice(line, plot.reference, code or line.code, units(places.dose(session)))
        return line

    return apply


def _patisiran_units(plot: Plot, session: Session, ordinal: int) -> Line:
    # one "dose", or the tenth-milligram basis of J0222
    units = ONE if ordinal % 2 else places.dose(session) * 10
    reprice(session.drug_line, plot.reference, "J0222", units)
    return session.drug_line


def _units_differ_too(plot: Plot, session: Session, line: Line | None) -> Sequence[Expected]:
    return (Expected(UNITS, "claim_line", line_key(session, session.drug_line)),)


def _second_bundle(plot: Plot, session: Session, ordinal: int) -> Line:
    assert session.claim is not None
    return add_line(session.claim, session, plot.reference, session.drug_line.code)


def _first_bundle_too(plot: Plot, session: Session, line: Line | None) -> Sequence[Expected]:
    return (Expected(ONE_UNIT, "claim_line", line_key(session, session.drug_line)),)


def _no_dose(plot: Plot, session: Session, ordinal: int) -> Line:
    session.administrations[0].dose_mg = None
    return session.drug_line


def _no_administration(plot: Plot, session: Session, ordinal: int) -> Line:
    session.administrations.clear()
    session.drug_line.administration_id = ""
    return session.drug_line


def _by_payer(session: Session) -> str:
    return UNITS if session.patient.payer.model == "jcode_plus_em" else BAND


ONE_DEVICE_LESS = _bill("", lambda dose: dose - DEVICE_MG)
ONE_DEVICE_MORE = _bill("", lambda dose: dose + DEVICE_MG)
AS_CHARTED = "not_evaluable"

KINDS = (
    VisitKind(
        "s0013_late", CODE_DATE, "claim_line", places.code_is_dead("S0013"), _bill("S0013", lambda dose: dose)
    ),
    VisitKind(
        "j0013_early", CODE_DATE, "claim_line", places.code_is_dead("J0013"),
        _bill("J0013", lambda dose: dose),
    ),
    VisitKind(
        "gcode_twice", ONE_UNIT, "claim_line", places.bundle_without_pa, _second_bundle,
        follows=_first_bundle_too,
    ),
    VisitKind("band_high", BAND, "claim_line", places.low_dose, _bill("G2083", lambda dose: ONE)),
    VisitKind("band_low", BAND, "claim_line", places.high_dose, _bill("G2082", lambda dose: ONE)),
    VisitKind("gcode_units", ONE_UNIT, "claim_line", places.bundle, _bill("", lambda dose: Decimal(2))),
    VisitKind("units_one", UNITS, "claim_line", places.per_mg, _bill("", lambda dose: ONE)),
    VisitKind("units_short", UNITS, "claim_line", places.per_mg, ONE_DEVICE_LESS),
    VisitKind("units_over", UNITS, "claim_line", places.per_mg, ONE_DEVICE_MORE),
    VisitKind("patisiran", TRAP, "claim_line", places.per_mg, _bill("J0222", lambda dose: dose)),
    VisitKind(
        "patisiran_units", TRAP, "claim_line", places.per_mg, _patisiran_units,
        follows=_units_differ_too, follow_rules=(UNITS,),
    ),
    VisitKind(
        "dose_missing", _by_payer, "claim_line", places.drug_billed, _no_dose, AS_CHARTED,
        choices=(UNITS, BAND),
    ),
    VisitKind(
        "administration_missing", _by_payer, "claim_line", places.drug_billed, _no_administration, AS_CHARTED,
        choices=(UNITS, BAND),
    ),
)  # fmt: skip
