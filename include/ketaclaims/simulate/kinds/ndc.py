"""Faults in the words, the NDC and the waste of a drug line."""

from collections.abc import Callable
from decimal import Decimal

from ketaclaims.simulate.billing import ONE, reprice
from ketaclaims.simulate.kinds import places
from ketaclaims.simulate.kinds.registry import Apply, Plot, VisitKind, also, both, unchanged
from ketaclaims.simulate.model import Administration, Line, Session

FORMAT, QUANTITY, CODE, KIT = "ndc-required-format", "ndc-units-match-dose", "ndc-hcpcs-match", "ndc-kit-dose"
UNLISTED, UNLISTED_UNITS = "ketamine-unlisted-code", "ketamine-unlisted-units"
SINGLE, MULTI, JZ = "jw-jz-single-dose", "jw-jz-on-multidose", "jz-not-asked"
WASTE, DEVICES = "waste-sum", "dose-whole-devices"
NO_KIT = "50458002899"  # of the maker of Spravato, and no product
VIAL_MG = 500
DEVICE = Decimal(28)
LATER_LOW = places.later_session(places.low_dose)
NOT_EVALUABLE = "not_evaluable"


def _drug(change: Callable[[Line], object]) -> Apply:
    """Change the drug line of a Spravato session."""

    def apply(plot: Plot, session: Session, ordinal: int) -> Line:
        change(session.drug_line)
        return session.drug_line

    return apply


def _vial(change: Callable[[Line], object]) -> Apply:
    """Change the line of the unlisted drug."""

    def apply(plot: Plot, session: Session, ordinal: int) -> Line:
        line = places.unlisted(session)
        change(line)
        return line

    return apply


def _set(**values: str | Decimal | None) -> Callable[[Line], None]:
    def change(line: Line) -> None:
        for name, value in values.items():
            setattr(line, name, value)

    return change


def _mark(modifier: str) -> Callable[[Line], None]:
    return lambda line: line.mods.append(modifier)


NO_NDC = _set(ndc11="", ndc_qty=None, ndc_uom="", ndc_qualifier="")


def _other_kit(plot: Plot, session: Session, ordinal: int) -> Line:
    kits = plot.reference.raw["ndc"]
    session.drug_line.ndc11 = kits["56" if places.dose(session) == 84 else "84"]
    return session.drug_line


def _ketamine_on_spravato(plot: Plot, session: Session, ordinal: int) -> Line:
    session.drug_line.ndc11 = plot.reference.raw["ndc"]["ketamine"]
    return session.drug_line


def _spravato_on_ketamine(plot: Plot, session: Session, ordinal: int) -> Line:
    line = places.unlisted(session)
    line.ndc11 = plot.reference.raw["ndc"]["84"]
    return line


def _powder(plot: Plot, session: Session, ordinal: int) -> Line:
    line = places.unlisted(session)
    line.ndc11 = plot.reference.raw["ndc"]["powder"]
    return line


def _mg_as_ml(plot: Plot, session: Session, ordinal: int) -> Line:
    line = places.unlisted(session)
    line.ndc_qty = places.dose(session)
    return line


def _nearly(plot: Plot, session: Session, ordinal: int) -> Line:
    line = places.unlisted(session)
    assert line.ndc_qty is not None
    line.ndc_qty += Decimal("0.009")
    return line


def _bill_vial(code: str, units: Callable[[Session], Decimal]) -> Apply:
    def apply(plot: Plot, session: Session, ordinal: int) -> Line:
        line = places.unlisted(session)
        reprice(line, plot.reference, code, units(session))
        return line

    return apply


def _single_vial(plot: Plot, session: Session) -> Administration:
    """Drawn from a single-dose vial of 500 mg, the rest thrown away."""
    given = session.administrations[0]
    given.ndc11 = places.unlisted(session).ndc11 = plot.reference.raw["ndc"]["vial"]
    given.container_type = "single"
    given.wasted_mg = VIAL_MG - places.dose(session)
    return given


def _single(*mods: str) -> Apply:
    def apply(plot: Plot, session: Session, ordinal: int) -> Line:
        _single_vial(plot, session)
        line = places.unlisted(session)
        line.mods = [*line.mods, *mods]
        return line

    return apply


def _chart(change: Callable[[Administration], object]) -> Apply:
    def apply(plot: Plot, session: Session, ordinal: int) -> None:
        change(session.administrations[0])

    return apply


def _waste_a_device(given: Administration) -> None:
    given.wasted_mg = DEVICE


def _part_of_a_device(given: Administration) -> None:
    given.dose_mg, given.wasted_mg = Decimal(50), Decimal(6)


def _one_device(given: Administration) -> None:
    """Near miss: one device of a kit of two, the other thrown away."""
    given.dose_mg, given.wasted_mg = DEVICE, DEVICE


def _bigger_kit(plot: Plot, session: Session, ordinal: int) -> None:
    """Near miss: two devices from a kit of three, the third thrown away."""
    given = session.administrations[0]
    given.ndc11, given.wasted_mg = plot.reference.raw["ndc"]["84"], DEVICE


def needs_ndc(plot: Plot, session: Session) -> bool:
    """Ketamine of a payer that wants the NDC: Medicare does not."""
    return places.ketamine(plot, session) and session.patient.payer.lob != "medicare_b"


def _one_unit_only(plot: Plot, session: Session) -> bool:
    return places.ketamine(plot, session) and session.patient.payer.payer_id != "bcbs_ma"


def _many_units_taken(plot: Plot, session: Session) -> bool:
    return places.ketamine(plot, session) and session.patient.payer.payer_id == "bcbs_ma"


def _commercial(plot: Plot, session: Session) -> bool:
    """Per mg of a commercial plan that does not ask for JZ."""
    payer = session.patient.payer
    return places.per_mg(plot, session) and payer.lob == "commercial" and payer.payer_id != "premera"


def _jz_asked(plot: Plot, session: Session) -> bool:
    return places.per_mg(plot, session) and session.patient.payer.payer_id == "premera"


CHARTED = places.dose
MEDICARE_VIAL = places.of_lob(places.ketamine, "medicare_b")
COMMERCIAL_VIAL = places.of_lob(places.ketamine, "commercial")
NO_QUANTITY = also(QUANTITY, status=NOT_EVALUABLE)

KINDS = (
    VisitKind(
        "ndc_missing", FORMAT, "claim_line", places.per_mg, _drug(NO_NDC),
        follows=NO_QUANTITY, follow_rules=(QUANTITY,),
    ),
    VisitKind(
        "ndc_no_product", FORMAT, "claim_line", places.per_mg, _drug(_set(ndc11=NO_KIT)),
        follows=also(CODE, QUANTITY, status=NOT_EVALUABLE), follow_rules=(CODE, QUANTITY),
    ),
    VisitKind("ndc_qualifier", FORMAT, "claim_line", places.per_mg, _drug(_set(ndc_qualifier="UK"))),
    VisitKind("ndc_devices", QUANTITY, "claim_line", places.per_mg, _drug(_set(ndc_qty=Decimal(3)))),
    VisitKind("ndc_spray_ml", QUANTITY, "claim_line", places.per_mg, _drug(_set(ndc_uom="ML"))),
    VisitKind("ndc_mg_as_ml", QUANTITY, "claim_line", places.ketamine, _mg_as_ml),
    VisitKind(
        "ndc_other_kit", KIT, "claim_line", places.per_mg, _other_kit,
        follows=also(QUANTITY), follow_rules=(QUANTITY,),
    ),
    VisitKind(
        "ndc_of_ketamine", CODE, "claim_line", places.per_mg, _ketamine_on_spravato,
        follows=NO_QUANTITY, follow_rules=(QUANTITY,),
    ),
    VisitKind(
        "ndc_of_spravato", CODE, "claim_line", needs_ndc, _spravato_on_ketamine,
        follows=also(QUANTITY, KIT, status=NOT_EVALUABLE), follow_rules=(QUANTITY, KIT),
    ),
    VisitKind("ndc_powder", CODE, "claim_line", places.ketamine, _powder),
    VisitKind("unlisted_no_text", UNLISTED, "claim_line", places.ketamine, _vial(_set(noc_text=""))),
    VisitKind(
        "unlisted_no_mg", UNLISTED, "claim_line", places.ketamine, _vial(_set(noc_text="KETAMINE HCL IV")),
    ),
    VisitKind(
        "unlisted_no_ndc", UNLISTED, "claim_line", needs_ndc, _vial(NO_NDC),
        follows=both(also(FORMAT), NO_QUANTITY), follow_rules=(FORMAT, QUANTITY),
    ),
    VisitKind(
        "unlisted_biologic", UNLISTED, "claim_line", places.ketamine, _bill_vial("J3590", lambda s: ONE)
    ),
    VisitKind(
        "unlisted_mg", UNLISTED_UNITS, "claim_line", _one_unit_only, _bill_vial("J3490", CHARTED)
    ),
    VisitKind("single_unmarked", SINGLE, "claim_line", MEDICARE_VIAL, _single()),
    VisitKind("multi_marked", MULTI, "claim_line", COMMERCIAL_VIAL, _vial(_mark("JZ"))),
    VisitKind("jz_unasked", JZ, "claim_line", _commercial, _drug(_mark("JZ"))),
    VisitKind("waste_extra", WASTE, "encounter", places.bundle, _chart(_waste_a_device)),
    VisitKind("device_part", DEVICES, "encounter", LATER_LOW, _chart(_part_of_a_device)),
)  # fmt: skip

NEAR_MISSES = (
    VisitKind("bundle_without_ndc", FORMAT, "claim_line", places.bundle, unchanged, ""),
    VisitKind("quantity_nearly", QUANTITY, "claim_line", places.ketamine, _nearly, ""),
    VisitKind("kit_as_given", KIT, "claim_line", places.per_mg, unchanged, ""),
    VisitKind("spravato_on_s_or_j", CODE, "claim_line", places.per_mg, unchanged, ""),
    VisitKind(
        "unlisted_other_words", UNLISTED, "claim_line", places.injection,
        _vial(_set(noc_text="im injection ketamine hydrochloride 40mg")), "",
    ),
    VisitKind(
        "unlisted_mg_taken", UNLISTED_UNITS, "claim_line", _many_units_taken,
        _bill_vial("J3490", CHARTED), "",
    ),
    VisitKind("single_marked", SINGLE, "claim_line", MEDICARE_VIAL, _single("JW"), ""),
    VisitKind("single_commercial", MULTI, "claim_line", COMMERCIAL_VIAL, _single("JW"), ""),
    VisitKind("jz_asked", JZ, "claim_line", _jz_asked, _drug(_mark("JZ")), ""),
    VisitKind("waste_told", WASTE, "encounter", LATER_LOW, _bigger_kit, ""),
    VisitKind("one_device", DEVICES, "encounter", LATER_LOW, _chart(_one_device), ""),
)  # fmt: skip
