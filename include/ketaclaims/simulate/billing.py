"""From a visit to a clean claim: which lines each payer wants."""

from datetime import timedelta
from decimal import Decimal

from ketaclaims.simulate.model import Claim, Clinic, Line, Session
from ketaclaims.simulate.practice import cents
from ketaclaims.simulate.reference import Reference

ONE = Decimal(1)


def icn_of(clinic: Clinic, claim_id: str, *, corrected: bool = False) -> str:
    """The payer's control number of a claim."""
    return f"{clinic.npi[5:9]}{claim_id[1:]}{'C' if corrected else ''}"


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
    created = clinic.at(session.dos, 18)
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
    )
    clinic.claims.append(claim)
    session.claim = claim
    return claim


def bill_esketamine(clinic: Clinic, session: Session, reference: Reference) -> None:
    """G-code payers: one bundle line. The others: the drug per mg and an E/M, which needs no 25."""
    dose = session.administrations[0].dose_mg
    assert dose is not None
    payer = session.patient.payer
    claim = open_claim(clinic, session)
    code = reference.esketamine_code(payer, dose, session.dos)
    if payer.model == "gcode":
        add_line(claim, session, reference, code)
    else:
        line = add_line(claim, session, reference, code, dose)
        line.ndc11, line.ndc_qty, line.ndc_uom = session.administrations[0].ndc11, ONE, "UN"
        add_line(claim, session, reference, "99214" if clinic.rng.random() < 0.3 else "99213")
    session.drug_line.administration_id = session.administrations[0].administration_id


def bill_ketamine(clinic: Clinic, session: Session, reference: Reference, *, with_em: bool) -> None:
    """Infusion or injection, the unlisted drug with its text and NDC, and at times an E/M with 25."""
    given = session.administrations[0]
    assert given.dose_mg is not None and given.strength_mg_per_ml is not None
    claim = open_claim(clinic, session)
    add_line(claim, session, reference, "96365" if session.kind == "iv" else "96372")
    drug = add_line(claim, session, reference, "J3490")
    drug.noc_text = f"KETAMINE HCL {given.dose_mg} MG {given.route}"
    drug.ndc11, drug.ndc_uom = given.ndc11, "ML"
    drug.ndc_qty = (given.dose_mg / given.strength_mg_per_ml).quantize(Decimal("0.001"))
    drug.administration_id = given.administration_id
    if with_em:
        add_line(claim, session, reference, "99213", mods=("25",))


def bill_visit(clinic: Clinic, session: Session, reference: Reference, *codes: str) -> None:
    """A claim of plain one-unit lines."""
    claim = open_claim(clinic, session)
    for code in codes:
        add_line(claim, session, reference, code)
