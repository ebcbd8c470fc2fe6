"""Faults in how the drug was billed: units, dose band, code, and charts that do not tell the dose."""

from collections.abc import Callable
from decimal import Decimal

from ketaclaims.simulate.billing import ONE, add_line, reprice
from ketaclaims.simulate.faults import Expected
from ketaclaims.simulate.kinds import places
from ketaclaims.simulate.kinds.modifiers import MUE_RULES, beyond_mue
from ketaclaims.simulate.kinds.registry import Apply, Plot, VisitKind, line_key
from ketaclaims.simulate.model import Line, Session
from ketaclaims.simulate.reference import DEVICE_MG

UNITS, BAND, ONE_UNIT = "drug-units-match-dose", "gcode-dose-band", "gcode-one-unit"
CODE_DATE, TRAP = "code-valid-on-dos", "patisiran-trap"
CODE_BY_DATE = "esketamine-code-by-date"
LABEL_MAX, LABEL_DOSE = "drug-units-label-max", "drug-units-label-dose"
NDC_CODE, NDC_UNITS, NDC_KIT = "ndc-hcpcs-match", "ndc-units-match-dose", "ndc-kit-dose"
WASTE, DEVICES, SUPPLIED = "waste-sum", "dose-whole-devices", "gcode-drug-supplied-by-clinic"
LABEL_DOSES = (28, 56, 84)
TRAP_MUE = 300
AS_CHARTED = "not_evaluable"


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


def _as_labelled(plot: Plot, session: Session, line: Line | None) -> list[Expected]:
    """Units that are no dose of the label, or above its highest."""
    units, key = session.drug_line.units, line_key(session, session.drug_line)
    found = [] if units in LABEL_DOSES else [Expected(LABEL_DOSE, "claim_line", key)]
    return found + ([Expected(LABEL_MAX, "claim_line", key)] if units > max(LABEL_DOSES) else [])


def _wrong_day_too(plot: Plot, session: Session, line: Line | None) -> list[Expected]:
    return [Expected(CODE_BY_DATE, "claim_line", line_key(session, session.drug_line))]


def _other_drug_too(plot: Plot, session: Session, line: Line | None) -> list[Expected]:
    """The NDC is Spravato's; units other than the dose and beyond the MUE of the wrong code count as well."""
    line = session.drug_line
    rules = [NDC_CODE] + ([UNITS] if line.units != places.dose(session) else [])
    found = [Expected(rule, "claim_line", line_key(session, line)) for rule in rules]
    return found + (beyond_mue(plot, session, line) if line.units > TRAP_MUE else [])


def _unknown_without_dose(plot: Plot, session: Session, line: Line | None) -> list[Expected]:
    encounter_id = session.encounter.encounter_id
    found = [Expected(rule, "encounter", encounter_id, AS_CHARTED) for rule in (WASTE, DEVICES)]
    return found + _unknown_ndc(session)


def _unknown_without_administration(plot: Plot, session: Session, line: Line | None) -> list[Expected]:
    if session.patient.payer.model == "jcode_plus_em":
        return _unknown_ndc(session)
    return [Expected(SUPPLIED, "claim_line", line_key(session, session.drug_line), AS_CHARTED)]


def _unknown_ndc(session: Session) -> list[Expected]:
    """Where an NDC was billed, nobody can say whether it fits."""
    if session.patient.payer.model != "jcode_plus_em":
        return []
    key = line_key(session, session.drug_line)
    return [Expected(rule, "claim_line", key, AS_CHARTED) for rule in (NDC_UNITS, NDC_KIT)]


def _second_bundle(plot: Plot, session: Session, ordinal: int) -> Line:
    assert session.claim is not None
    return add_line(session.claim, session, plot.reference, session.drug_line.code)


def _first_bundle_too(plot: Plot, session: Session, line: Line | None) -> list[Expected]:
    first = session.drug_line
    named = Expected(ONE_UNIT, "claim_line", line_key(session, first))
    return [named, *beyond_mue(plot, session, first), *beyond_mue(plot, session, line)]


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

KINDS = (
    VisitKind(
        "s0013_late", CODE_DATE, "claim_line", places.code_is_dead("S0013"),
        _bill("S0013", lambda dose: dose), follows=_wrong_day_too, follow_rules=(CODE_BY_DATE,),
    ),
    VisitKind(
        "j0013_early", CODE_DATE, "claim_line", places.code_is_dead("J0013"),
        _bill("J0013", lambda dose: dose), follows=_wrong_day_too, follow_rules=(CODE_BY_DATE,),
    ),
    VisitKind(
        "gcode_twice", ONE_UNIT, "claim_line", places.bundle_without_pa, _second_bundle,
        follows=_first_bundle_too, follow_rules=MUE_RULES,
    ),
    VisitKind("band_high", BAND, "claim_line", places.low_dose, _bill("G2083", lambda dose: ONE)),
    VisitKind("band_low", BAND, "claim_line", places.high_dose, _bill("G2082", lambda dose: ONE)),
    VisitKind(
        "gcode_units", ONE_UNIT, "claim_line", places.bundle, _bill("", lambda dose: Decimal(2)),
        follows=beyond_mue, follow_rules=MUE_RULES,
    ),
    VisitKind(
        "units_one", UNITS, "claim_line", places.per_mg, _bill("", lambda dose: ONE),
        follows=_as_labelled, follow_rules=(LABEL_DOSE,),
    ),
    VisitKind("units_short", UNITS, "claim_line", places.per_mg, ONE_DEVICE_LESS),
    VisitKind(
        "units_over", UNITS, "claim_line", places.per_mg, ONE_DEVICE_MORE,
        follows=_as_labelled, follow_rules=(LABEL_DOSE, LABEL_MAX),
    ),
    VisitKind(
        "patisiran", TRAP, "claim_line", places.per_mg, _bill("J0222", lambda dose: dose),
        follows=_other_drug_too, follow_rules=(NDC_CODE,),
    ),
    VisitKind(
        "patisiran_units", TRAP, "claim_line", places.per_mg, _patisiran_units,
        follows=_other_drug_too, follow_rules=(UNITS, NDC_CODE, *MUE_RULES),
    ),
    VisitKind(
        "dose_missing", _by_payer, "claim_line", places.drug_billed, _no_dose, AS_CHARTED,
        follows=_unknown_without_dose, follow_rules=(WASTE, DEVICES, NDC_UNITS, NDC_KIT),
        choices=(UNITS, BAND),
    ),
    VisitKind(
        "administration_missing", _by_payer, "claim_line", places.drug_billed, _no_administration, AS_CHARTED,
        follows=_unknown_without_administration, follow_rules=(SUPPLIED, NDC_UNITS, NDC_KIT),
        choices=(UNITS, BAND),
    ),
)  # fmt: skip
