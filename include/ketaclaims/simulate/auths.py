"""Prior authorisations: windows, units and renewals that fit the visits to come."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from ketaclaims.simulate.model import Calendar, Claim, Clinic, Patient, PriorAuth, Session
from ketaclaims.simulate.reference import DEVICE_MG, Payer

BASES = ("visit", "visit", "device", "visit", "mg", "visit", "unit")
SPARE_SESSIONS = 3
RENEWALS_BEYOND_END = timedelta(days=45)  # so that a day after the span is still authorised


def session_use(session: Session, basis: str) -> Decimal:
    """What one clean session takes from an authorisation, in units of its basis."""
    dose = session.administrations[0].dose_mg
    assert dose is not None
    if basis == "visit":
        return Decimal(1)
    if basis == "unit":
        return session.drug_line.units
    return dose / DEVICE_MG if basis == "device" else dose


def esketamine_codes(payer: Payer) -> list[str]:
    """The codes an authorisation of that payer lists."""
    return ["G2082", "G2083"] if payer.model == "gcode" else ["S0013", "J0013"]


def add_authorisation(
    clinic: Clinic,
    patient: Patient,
    valid_from: date,
    valid_to: date,
    units: Decimal | None,
    drug: str = "esketamine",
) -> PriorAuth:
    """An approved authorisation, asked for and decided before its window opens."""
    pa_id = clinic.new_id("PA")
    asked = clinic.at(valid_from - timedelta(days=9), 10)
    authorisation = PriorAuth(
        pa_id=pa_id,
        patient_id=patient.patient_id,
        payer_id=patient.payer.payer_id,
        pa_number=f"AUTH{pa_id[2:]}",
        drug=drug,
        codes=esketamine_codes(patient.payer) if drug == "esketamine" else ["96365", "96372", "J3490"],
        status="partial" if clinic.rng.random() < 0.1 else "approved",
        submitted_at=asked,
        decided_at=asked + timedelta(days=4),
        valid_from=valid_from,
        valid_to=valid_to,
        units_approved=units,
        unit_basis=patient.pa_basis if units is not None else "",
        indication="MDD_SI" if len(patient.dx) > 1 else "TRD",
    )
    clinic.prior_auths.append(authorisation)
    return authorisation


def authorise_course(
    clinic: Clinic, patient: Patient, sessions: Sequence[Session], calendar: Calendar
) -> None:
    """Renewed windows without a gap over the whole course; every third ends on a day of treatment."""
    rng = clinic.rng
    patient.pa_basis = BASES[len({pa.patient_id for pa in clinic.prior_auths}) % len(BASES)]
    opens = sessions[0].dos - timedelta(days=rng.randrange(2, 8))
    while opens <= calendar.end + RENEWALS_BEYOND_END:
        closes = opens + timedelta(days=rng.randrange(50, 90))
        held = [s for s in sessions if opens <= s.dos <= closes]
        if held and rng.random() < 0.33:
            closes = held[-1].dos
        used = sum((session_use(s, patient.pa_basis) for s in held), Decimal(0))
        spare = SPARE_SESSIONS * max(session_use(s, patient.pa_basis) for s in sessions)
        add_authorisation(clinic, patient, opens, closes, used + spare)
        opens = closes + timedelta(days=1)


def authorisations_of(clinic: Clinic, patient: Patient, drug: str = "esketamine") -> list[PriorAuth]:
    """The patient's authorisations for a drug, oldest first."""
    found = [pa for pa in clinic.prior_auths if pa.patient_id == patient.patient_id and pa.drug == drug]
    return sorted(found, key=lambda pa: (pa.valid_from, pa.pa_id))


def stamp_numbers(clinic: Clinic) -> None:
    """Write on each drug claim the number of the authorisation a biller would pick."""
    claims: defaultdict[str, list[Claim]] = defaultdict(list)
    for claim in clinic.claims:
        claims[claim.lines[0].encounter_id].append(claim)
    for session in clinic.sessions:
        if session.administrations or session.kind == "esketamine":
            number = _number_for(clinic, session)
            for claim in claims[session.encounter.encounter_id]:
                claim.pa_number = number


def _number_for(clinic: Clinic, session: Session) -> str:
    drug = "esketamine" if session.kind == "esketamine" else "ketamine"
    begun = [
        pa
        for pa in authorisations_of(clinic, session.patient, drug)
        if pa.is_decided and pa.valid_from <= session.dos
    ]
    fitting = [pa for pa in begun if pa.covers(session.dos)] or begun[-1:]
    return fitting[0].pa_number if fitting else ""
