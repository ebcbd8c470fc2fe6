"""Prior authorisations: windows, units and renewals that fit the visits to come."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from ketaclaims.simulate.care import RESPONSE_TARGET
from ketaclaims.simulate.model import Calendar, Clinic, Patient, PriorAuth, Session
from ketaclaims.simulate.reference import DEVICE_MG, Payer

BASES = ("visit", "visit", "device", "visit", "mg", "visit", "unit")
SPARE_SESSIONS = 3
KETAMINE_CODES = ("96365", "96366", "96372", "96374", "J3490")
AMENDED_ON = date(2025, 12, 15)  # payers had added J0013 by then
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
    """An approved authorisation, asked for and decided before its window opens.

    One of late 2025 listed S0013 alone and was amended before J0013 took its place.
    """
    pa_id = clinic.new_id("PA")
    is_expedited = clinic.rng.random() < 0.1
    asked = clinic.at(valid_from - timedelta(days=3 if is_expedited else 6), 10)
    codes = esketamine_codes(patient.payer) if drug == "esketamine" else list(KETAMINE_CODES)
    authorisation = PriorAuth(
        pa_id=pa_id,
        patient_id=patient.patient_id,
        payer_id=patient.payer.payer_id,
        pa_number=f"AUTH{pa_id[2:]}",
        drug=drug,
        codes=codes,
        status="partial" if clinic.rng.random() < 0.1 else "approved",
        submitted_at=asked,
        decided_at=asked + timedelta(days=1 if is_expedited else 4),
        valid_from=valid_from,
        valid_to=valid_to,
        units_approved=units,
        unit_basis=patient.pa_basis if units is not None else "",
        indication=patient.indication,
        npi=clinic.npi,
        site_id=clinic.site_id,
        expedited=is_expedited,
    )
    if "S0013" in codes and authorisation.decided_at.date() < AMENDED_ON <= valid_to:
        authorisation.first_codes, authorisation.amended_at = ["S0013"], clinic.at(AMENDED_ON, 11)
    clinic.prior_auths.append(authorisation)
    clinic.auths_of[patient.patient_id].append(authorisation)
    return authorisation


def drop_authorisation(clinic: Clinic, authorisation: PriorAuth) -> None:
    """As if it had never been asked for."""
    clinic.prior_auths.remove(authorisation)
    clinic.auths_of[authorisation.patient_id].remove(authorisation)


def authorise_course(
    clinic: Clinic, patient: Patient, sessions: Sequence[Session], calendar: Calendar
) -> None:
    """Renewed windows without a gap over the whole course; every third ends on a day of treatment.

    Without response, and past the four weeks of a course against ideation, nothing is renewed.
    """
    rng = clinic.rng
    turn = clinic.counters["basis"]
    clinic.counters["basis"] += 1
    patient.pa_basis = "visit" if patient.payer.model == "pharmacy_plus_em" else BASES[turn % len(BASES)]
    opens = sessions[0].dos - timedelta(days=rng.randrange(2, 6))
    is_renewed = patient.indication == "TRD" and patient.response >= RESPONSE_TARGET
    while opens <= calendar.end + RENEWALS_BEYOND_END:
        closes = opens + timedelta(days=rng.randrange(50, 90))
        held = [s for s in sessions if opens <= s.dos <= closes]
        if held and rng.random() < 0.33 and is_renewed:
            closes = held[-1].dos
        used = sum((session_use(s, patient.pa_basis) for s in held), Decimal(0))
        spare = SPARE_SESSIONS * max(session_use(s, patient.pa_basis) for s in sessions)
        add_authorisation(clinic, patient, opens, closes, used + spare)
        opens = closes + timedelta(days=1)
        if not is_renewed:
            return


def authorisations_of(clinic: Clinic, patient: Patient, drug: str = "esketamine") -> list[PriorAuth]:
    """The patient's authorisations for a drug, oldest first."""
    found = [pa for pa in clinic.auths_of[patient.patient_id] if pa.drug == drug]
    return sorted(found, key=lambda pa: (pa.valid_from, pa.pa_id))


def stamp_numbers(clinic: Clinic, sessions: Sequence[Session]) -> None:
    """Write on each drug claim of these visits the number of the authorisation a biller would pick."""
    for session in sessions:
        if session.claim is not None and session.administrations:
            session.claim.pa_number = _number_for(clinic, session)


def _number_for(clinic: Clinic, session: Session) -> str:
    drug = "esketamine" if session.kind == "esketamine" else "ketamine"
    begun = [
        pa
        for pa in authorisations_of(clinic, session.patient, drug)
        if pa.is_decided and pa.valid_from <= session.dos
    ]
    fitting = [pa for pa in begun if pa.covers(session.dos)] or begun[-1:]
    return fitting[0].pa_number if fitting else ""
