"""From a visit to a clean claim: which lines each payer wants."""

from datetime import timedelta
from decimal import Decimal

from ketaclaims.simulate.care import log_time
from ketaclaims.simulate.model import Claim, Clinic, Encounter, Line, Session
from ketaclaims.simulate.reference import Payer, Reference
from ketaclaims.simulate.tariffs import policy_value
from ketaclaims.simulate.values import cents

ONE = Decimal(1)
EM_FLOOR = ((40, "99215"), (30, "99214"), (20, "99213"), (10, "99212"))  # minutes of an established visit
NEW_EM_FLOOR = ((60, "99205"), (45, "99204"))
# first unit of prolonged service, in minutes, by base code: (CPT payers 99417, Medicare G2212)
PROLONGED_FROM = {"99205": (75, 89), "99215": (55, 69)}
THERAPY_FLOOR = ((53, "90837"), (38, "90834"), (16, "90832"))
THERAPY_ADD_ON_FLOOR = ((38, "90836"), (16, "90833"))
STAFF_PROLONGED_PAYERS = ("aetna", "humana")
HOME_POS = "10"


def by_minutes(floors: tuple[tuple[int, str], ...], minutes: int) -> str:
    """The code whose least minutes are reached."""
    return next(code for floor, code in floors if minutes >= floor)


def icn_of(clinic: Clinic, claim_id: str, *, corrected: bool = False) -> str:
    """The payer's control number of a claim."""
    return f"{clinic.npi[3:9]}{claim_id[1:]}{'C' if corrected else ''}"


def add_line(
    claim: Claim,
    session: Session,
    reference: Reference,
    code: str,
    units: Decimal = ONE,
    mods: tuple[str, ...] = (),
) -> Line:
    """Append one line of the session's clinician, priced by the charge master."""
    number = len(claim.lines) + 1
    line = Line(
        line_no=number,
        line_control=f"{claim.claim_id}V{claim.version}L{number}",
        dos=session.dos,
        code=code,
        units=units,
        charge=cents(reference.codes[code].charge * units),
        rendering_npi=session.encounter.rendering_npi,
        encounter_id=session.encounter.encounter_id,
        mods=list(mods),
        dx_ptrs=list(range(1, len(claim.dx) + 1)),
    )
    claim.lines.append(line)
    return line


def reprice(line: Line, reference: Reference, code: str, units: Decimal) -> None:
    """Change what a line bills, keeping its charge in step."""
    line.code, line.units, line.charge = code, units, cents(reference.codes[code].charge * units)


def open_claim(clinic: Clinic, session: Session) -> Claim:
    """A claim without lines, written the evening of the visit and sent one to three days later."""
    claim_id = clinic.new_id("C")
    created = clinic.at(session.dos, 23)
    claim = Claim(
        clinic_id=clinic.clinic_id,
        claim_id=claim_id,
        pcn=f"PCN{claim_id[1:]}",
        patient=session.patient,
        rendering_npi=session.encounter.rendering_npi,
        created_at=created,
        submitted_at=created + timedelta(days=clinic.rng.randrange(1, 4)),
        dx=list(session.patient.dx),
        lines=[],
        pos="11" if session.encounter.mode == "in_person" else HOME_POS,
        billing_npi=clinic.npi,
        site_id=clinic.site_id,
    )
    clinic.claims.append(claim)
    session.claim = claim
    return claim


def em_code(session: Session) -> str:
    """The level of an established visit by its minutes."""
    assert session.encounter.em_minutes is not None
    return by_minutes(EM_FLOOR, session.encounter.em_minutes)


def bill_esketamine(clinic: Clinic, session: Session, reference: Reference) -> None:
    """G-code payers: one bundle line. The others: the drug per mg and an E/M, which needs no 25.

    Where a pharmacy supplies the drug, the E/M and the staff's time alone.
    """
    given, payer = session.administrations[0], session.patient.payer
    assert given.dose_mg is not None
    claim = open_claim(clinic, session)
    if payer.model == "gcode":
        add_line(claim, session, reference, reference.esketamine_code(payer, given.dose_mg, session.dos))
        session.drug_line.administration_id = given.administration_id
        return
    if payer.model == "jcode_plus_em":
        code = reference.esketamine_code(payer, given.dose_mg, session.dos)
        line = add_line(claim, session, reference, code, given.dose_mg)
        line.ndc11, line.ndc_qty, line.ndc_uom, line.ndc_qualifier = given.ndc11, ONE, "UN", "N4"
        line.administration_id = given.administration_id
    add_line(claim, session, reference, em_code(session))
    if payer.payer_id in STAFF_PROLONGED_PAYERS and clinic.rng.random() < 0.5:
        add_line(claim, session, reference, "99415")
        log_time(clinic, session, "prolonged_staff", given.given_by, 60, start=given.start_at)


def bill_ketamine(clinic: Clinic, session: Session, reference: Reference, *, with_em: bool) -> None:
    """Infusion, push or injection, the unlisted drug with its text and NDC, and at times an E/M with 25."""
    given = session.administrations[0]
    assert given.dose_mg is not None and given.strength_mg_per_ml is not None
    claim = open_claim(clinic, session)
    liability = ("GA",) if session.patient.payer.lob == "medicare_b" else ()  # a signed ABN is on file
    for code, units in _ketamine_services(session):
        add_line(claim, session, reference, code, units, liability)
    drug = add_line(claim, session, reference, "J3490", mods=liability)
    drug.noc_text = f"KETAMINE HCL {given.dose_mg} MG {given.route}"
    drug.ndc11, drug.ndc_uom, drug.ndc_qualifier = given.ndc11, "ML", "N4"
    drug.ndc_qty = (given.dose_mg / given.strength_mg_per_ml).quantize(Decimal("0.001"))
    drug.administration_id = given.administration_id
    if with_em:
        add_line(claim, session, reference, em_code(session), mods=("25",))


def _ketamine_services(session: Session) -> list[tuple[str, Decimal]]:
    """96365 from 16 minutes on with 96366 for what goes past 90; 96374 below; 96372 into the muscle."""
    given = session.administrations[0]
    if given.route == "IM":
        return [("96372", ONE)]
    assert given.stop_at is not None
    minutes = int((given.stop_at - given.start_at).total_seconds() // 60)
    if minutes < 16:
        return [("96374", ONE)]
    further = (minutes - 31) // 60
    return [("96365", ONE)] + ([("96366", Decimal(further))] if further > 0 else [])


def telehealth_modifiers(encounter: Encounter, payer: Payer, reference: Reference) -> tuple[str, ...]:
    """93 for audio; for video what the payer's policy asks for, nothing under Medicare."""
    if encounter.mode == "in_person":
        return ()
    if encounter.mode == "audio":
        return ("93",)
    wanted = policy_value(reference, payer, "telehealth_mod", encounter.start_at.date())
    return (wanted,) if wanted else ()


def bill_visit(
    clinic: Clinic, session: Session, reference: Reference, *codes: str, units: dict[str, int] | None = None
) -> Claim:
    """A claim of plain lines; ``units`` where a code is billed more than once."""
    claim = open_claim(clinic, session)
    mods = telehealth_modifiers(session.encounter, session.patient.payer, reference)
    for code in codes:
        add_line(claim, session, reference, code, Decimal((units or {}).get(code, 1)), mods)
    return claim


def prolonged(base: str, minutes: int, payer: Payer) -> tuple[str, int] | None:
    """The prolonged code and its units for that many minutes beside that base code, if any.

    Only plain Medicare takes G2212 and only commercial plans 99417 here: others bill none.
    """
    if base not in PROLONGED_FROM or payer.lob not in ("commercial", "medicare_b"):
        return None
    is_medicare = payer.lob == "medicare_b"
    first = PROLONGED_FROM[base][is_medicare]
    count = (minutes - first) // 15 + 1
    return ("G2212" if is_medicare else "99417", count) if count > 0 else None
