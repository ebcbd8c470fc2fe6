"""Plant faults on single visits: one at most per visit, each with the finding it must give."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from ketaclaims.simulate.billing import ONE, add_line, reprice
from ketaclaims.simulate.faults import Defect
from ketaclaims.simulate.model import Clinic, Line, Session
from ketaclaims.simulate.reference import BUNDLE_LIMIT_MG, DEVICE_MG, Reference

GCODE_EM_LOBS = ("medicare_b", "ma", "tricare")
SHORT_MINUTES = (119, 110, 95, 60)

Fits = Callable[[Session, Reference], bool]
Apply = Callable[[Clinic, Session, Reference, int], Line | None]


@dataclass(frozen=True)
class Kind:
    """One kind of fault: where it can stand, what it changes, which rule must find it.

    ``apply`` gets the ordinal of the instance for variety and returns the faulty line, or None when the
    subject is the claim or the encounter. ``rule_id`` empty: the units or the dose-band rule, by payer.
    """

    name: str
    rule_id: str
    subject: str
    fits: Fits
    apply: Apply
    expected: str = "fail"


def _dose(session: Session) -> Decimal:
    dose = session.administrations[0].dose_mg
    assert dose is not None
    return dose


def _any_claim(session: Session, reference: Reference) -> bool:
    return session.claim is not None


def _esketamine(session: Session, reference: Reference) -> bool:
    return session.kind == "esketamine"


def _billed_esketamine(session: Session, reference: Reference) -> bool:
    return session.kind == "esketamine" and session.claim is not None


def _per_mg(session: Session, reference: Reference) -> bool:
    return _billed_esketamine(session, reference) and session.patient.payer.model == "jcode_plus_em"


def _bundle(session: Session, reference: Reference) -> bool:
    return _billed_esketamine(session, reference) and session.patient.payer.model == "gcode"


def _low_dose(session: Session, reference: Reference) -> bool:
    return _bundle(session, reference) and _dose(session) <= BUNDLE_LIMIT_MG


def _high_dose(session: Session, reference: Reference) -> bool:
    return _bundle(session, reference) and _dose(session) > BUNDLE_LIMIT_MG


def _bundle_without_pa(session: Session, reference: Reference) -> bool:
    return _bundle(session, reference) and not session.patient.payer.pa_required


def _bundle_bars_em(session: Session, reference: Reference) -> bool:
    return _bundle(session, reference) and session.patient.payer.lob in GCODE_EM_LOBS


def _em_with_25(session: Session, reference: Reference) -> bool:
    return (
        session.kind in ("iv", "im") and session.claim is not None and session.claim.lines[-1].mods == ["25"]
    )


def _dead_code(code: str) -> Fits:
    def fits(session: Session, reference: Reference) -> bool:
        return _per_mg(session, reference) and not reference.codes[code].valid_on(session.dos)

    return fits


def _bill(code: str, units: Callable[[Decimal], Decimal]) -> Apply:
    """Bill that code (empty: the right one) with units made from the dose."""

    def apply(clinic: Clinic, session: Session, reference: Reference, ordinal: int) -> Line:
        line = session.drug_line
        reprice(line, reference, code or line.code, units(_dose(session)))
        return line

    return apply


def _patisiran_units(clinic: Clinic, session: Session, reference: Reference, ordinal: int) -> Line:
    units = ONE if ordinal % 2 else _dose(session) * 10  # one "dose", or the tenth-milligram basis of J0222
    reprice(session.drug_line, reference, "J0222", units)
    return session.drug_line


def _second_bundle(clinic: Clinic, session: Session, reference: Reference, ordinal: int) -> Line:
    assert session.claim is not None
    return add_line(session.claim, session, reference, session.drug_line.code)


def _em_beside_bundle(clinic: Clinic, session: Session, reference: Reference, ordinal: int) -> Line:
    assert session.claim is not None
    mods = ("25",) if ordinal % 2 == 0 else ()  # 25 does not rescue it
    return add_line(session.claim, session, reference, "99213", mods=mods)


def _drop_25(clinic: Clinic, session: Session, reference: Reference, ordinal: int) -> Line:
    assert session.claim is not None
    line = session.claim.lines[-1]
    line.mods = []
    return line


def _invalid_dx(clinic: Clinic, session: Session, reference: Reference, ordinal: int) -> None:
    assert session.claim is not None
    codes = reference.raw["diagnoses"]["invalid"]
    session.claim.dx[0] = codes[clinic.rng.randrange(len(codes))]


def _deleted_code(clinic: Clinic, session: Session, reference: Reference, ordinal: int) -> Line:
    assert session.claim is not None
    return add_line(session.claim, session, reference, "99354")


def _short_monitoring(clinic: Clinic, session: Session, reference: Reference, ordinal: int) -> None:
    given = session.administrations[0]
    assert given.last_device_at is not None
    given.discharged_at = clinic.later(given.last_device_at, SHORT_MINUTES[ordinal % len(SHORT_MINUTES)])


def _no_discharge(clinic: Clinic, session: Session, reference: Reference, ordinal: int) -> None:
    session.administrations[0].discharged_at = None


def _no_dose(clinic: Clinic, session: Session, reference: Reference, ordinal: int) -> Line:
    session.administrations[0].dose_mg = None
    return session.drug_line


def _no_administration(clinic: Clinic, session: Session, reference: Reference, ordinal: int) -> Line:
    session.administrations.clear()
    session.drug_line.administration_id = ""
    return session.drug_line


UNITS, BAND, ONE_UNIT = "drug-units-match-dose", "gcode-dose-band", "gcode-one-unit"
CODE_DATE, MONITORING = "code-valid-on-dos", "monitoring-two-hours"
ONE_DEVICE_LESS = _bill("", lambda dose: dose - DEVICE_MG)
ONE_DEVICE_MORE = _bill("", lambda dose: dose + DEVICE_MG)

KINDS = (
    Kind("s0013_late", CODE_DATE, "claim_line", _dead_code("S0013"), _bill("S0013", lambda dose: dose)),
    Kind("j0013_early", CODE_DATE, "claim_line", _dead_code("J0013"), _bill("J0013", lambda dose: dose)),
    Kind("em_no_25", "em-same-day-needs-25", "claim_line", _em_with_25, _drop_25),
    Kind("gcode_twice", ONE_UNIT, "claim_line", _bundle_without_pa, _second_bundle),
    Kind("gcode_em", "gcode-no-em-same-day", "claim_line", _bundle_bars_em, _em_beside_bundle),
    Kind("band_high", BAND, "claim_line", _low_dose, _bill("G2083", lambda dose: ONE)),
    Kind("band_low", BAND, "claim_line", _high_dose, _bill("G2082", lambda dose: ONE)),
    Kind("gcode_units", ONE_UNIT, "claim_line", _bundle, _bill("", lambda dose: Decimal(2))),
    Kind("units_one", UNITS, "claim_line", _per_mg, _bill("", lambda dose: ONE)),
    Kind("units_short", UNITS, "claim_line", _per_mg, ONE_DEVICE_LESS),
    Kind("units_over", UNITS, "claim_line", _per_mg, ONE_DEVICE_MORE),
    Kind("patisiran", "patisiran-trap", "claim_line", _per_mg, _bill("J0222", lambda dose: dose)),
    Kind("patisiran_units", "patisiran-trap", "claim_line", _per_mg, _patisiran_units),
    Kind("deleted_code", CODE_DATE, "claim_line", _per_mg, _deleted_code),
    Kind("dose_missing", "", "claim_line", _billed_esketamine, _no_dose, "not_evaluable"),
    Kind("administration_missing", "", "claim_line", _billed_esketamine, _no_administration, "not_evaluable"),
    Kind("discharge_missing", MONITORING, "encounter", _esketamine, _no_discharge, "not_evaluable"),
    Kind("monitoring_short", MONITORING, "encounter", _esketamine, _short_monitoring),
    Kind("dx_invalid", "dx-valid-on-dos", "claim", _any_claim, _invalid_dx),
)


def is_free(session: Session) -> bool:
    """Whether a fault may stand on this visit without changing what its patient's PA rules say.

    A visit-based PA counts the session whatever was charted or billed, so only those patients are used.
    """
    return not session.touched and not session.patient.reserved and session.patient.pa_basis in ("", "visit")


def new_defect_id(clinic: Clinic) -> str:
    """An id that is unique over all clinics."""
    return f"{clinic.clinic_id}-{clinic.new_id('D')}"


def plant_on_visits(clinic: Clinic, reference: Reference, per_kind: int) -> list[Defect]:
    """Plant up to ``per_kind`` instances of every kind on untouched visits of the clinic."""
    planted = []
    for kind in KINDS:
        candidates = [s for s in clinic.sessions if is_free(s) and kind.fits(s, reference)]
        chosen = clinic.rng.sample(candidates, min(per_kind, len(candidates)))
        for ordinal, session in enumerate(chosen):
            planted.append(plant(clinic, session, kind, reference, ordinal))
    return planted


def plant(clinic: Clinic, session: Session, kind: Kind, reference: Reference, ordinal: int) -> Defect:
    """Plant one fault on one visit that fits it."""
    session.touched = True
    line = kind.apply(clinic, session, reference, ordinal)
    claim = session.claim
    if claim is not None:
        # a fault of the claim or the visit may cost every line of the claim
        for claim_line in [line] if line is not None else claim.lines:
            clinic.causes[claim.claim_id, claim_line.line_no] = kind.name
    key = session.encounter.encounter_id
    if kind.subject != "encounter":
        assert claim is not None
        key = claim.claim_id if line is None else f"{claim.claim_id}/{line.line_no}"
    by_payer = UNITS if session.patient.payer.model == "jcode_plus_em" else BAND
    return Defect(
        defect_id=new_defect_id(clinic),
        kind=kind.name,
        clinic_id=clinic.clinic_id,
        rule_id=kind.rule_id or by_payer,
        subject=kind.subject,
        subject_key=key,
        dos=session.dos,
        expected=kind.expected,
        patient_id=session.patient.patient_id,
        claim_ids=(claim.claim_id,) if claim is not None else (),
        encounter_ids=(session.encounter.encounter_id,),
    )
