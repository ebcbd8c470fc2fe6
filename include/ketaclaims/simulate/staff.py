"""The house: its sites, the people who work there, and the papers that let them work."""

from datetime import date, timedelta

from ketaclaims.simulate.model import Clinic, Row
from ketaclaims.simulate.reference import Reference
from ketaclaims.simulate.values import make_npi, years_before

EPOCH = date(2019, 6, 1)  # clinics, credentials and policies of the simulated world begin here
PATIENTS_PER_PRESCRIBER, PATIENTS_PER_NURSE, PATIENTS_PER_THERAPIST = 25, 5, 25
LICENCE_YEARS = 2
PRESCRIBERS = (("MD", "2084P0800X"), ("NP", "363LP0808X"))
THERAPISTS = (("LCSW", "1041C0700X"), ("LMFT", "106H00000X"))
NURSE = ("RN", "163W00000X")


def add_site(clinic: Clinic, zone: str) -> None:
    """The treatment site, certified under the REMS since the beginning."""
    row: Row = {
        "site_id": clinic.site_id, "npi": clinic.npi, "pos_default": "11", "state": clinic.state,
        "timezone": zone, "rems_site_id": f"RS{clinic.tin[-4:]}", "rems_from": EPOCH,
        "rems_to": date(2099, 12, 31), "ownership": "independent",
    }  # fmt: skip
    clinic.rows["site"].append((EPOCH, row))


def add_staff(clinic: Clinic, index: int, reference: Reference, patients: int, until: date) -> None:
    """As many people as that many patients need: the physician first, then the others by turns."""
    rosters = (
        (PRESCRIBERS, max(2, -(-patients // PATIENTS_PER_PRESCRIBER)), clinic.prescribers),
        ((NURSE,), max(6, -(-patients // PATIENTS_PER_NURSE)), clinic.nurses),
        (THERAPISTS, max(2, -(-patients // PATIENTS_PER_THERAPIST)), clinic.therapists),
    )
    number = 0
    for kinds, count, roster in rosters:
        for turn in range(count):
            number += 1
            roster.append(_hire(clinic, index, reference, number, kinds[turn % len(kinds)], until))
    clinic.care_manager = _hire(clinic, index, reference, number + 1, NURSE, until)


def _hire(
    clinic: Clinic, index: int, reference: Reference, number: int, kind: tuple[str, str], until: date
) -> str:
    npi = make_npi(50_000_000 + index * 1_000 + number)
    name = f"{clinic.rng.choice(reference.raw['names']['last'])}, STAFF {number}"
    row: Row = {"npi": npi, "type": kind[0], "taxonomy": kind[1], "name": name}
    clinic.rows["provider"].append((EPOCH, row))
    _add_credentials(clinic, reference, npi, kind[0], number, until)
    return npi


def _add_credentials(
    clinic: Clinic, reference: Reference, npi: str, kind: str, number: int, until: date
) -> None:
    """Licences renewed every two years without a gap, for prescribers also in the neighbouring state."""

    def add(credential: str, reference_number: str, **more: str | bool | date | None) -> None:
        row: Row = {"npi": npi, "kind": credential, "number": reference_number, "eff_from": EPOCH, **more}
        clinic.rows["provider_credential"].append((EPOCH, row))

    states = [clinic.state] if kind == "RN" else [clinic.state, clinic.neighbour]
    for state in states:
        opens, term = EPOCH, 1
        while opens <= until:
            closes = years_before(opens, -LICENCE_YEARS) - timedelta(days=1)
            add("state_licence", f"{state}{number:05d}-{term}", state=state, eff_from=opens, eff_to=closes)
            opens, term = closes + timedelta(days=1), term + 1
    if kind in ("MD", "NP"):
        add("dea", f"BS{number:07d}", state=clinic.state, schedule_iii=True)
    if kind != "RN":
        add("site_privilege", f"SP{number:03d}")
        for payer in reference.payers.values():
            if payer.lob != "self_pay":
                add("payer_enrolment", f"{payer.number}-{number}", payer_id=payer.payer_id)
