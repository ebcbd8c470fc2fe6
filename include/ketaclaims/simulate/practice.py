"""Build a clinic as it stands before the first visit: site, staff, patients, fees and policies."""

from datetime import timedelta
from random import Random
from zoneinfo import ZoneInfo

from ketaclaims.simulate.model import Calendar, Clinic
from ketaclaims.simulate.people import add_merged_patient, add_patient, panel_size, places
from ketaclaims.simulate.reference import Reference
from ketaclaims.simulate.staff import add_site, add_staff
from ketaclaims.simulate.tariffs import add_fees, add_policies
from ketaclaims.simulate.values import make_npi


def build_clinic(
    index: int, reference: Reference, calendar: Calendar, seed: int, patients: int | None = None
) -> Clinic:
    """One clinic with staff, patients and reference rows, and no visits yet; ``patients``: how many."""
    place = reference.raw["zones"][index % len(reference.raw["zones"])]
    clinic_id = f"clinic_{index + 1:02d}"
    clinic = Clinic(
        clinic_id=clinic_id,
        name=f"SIMULATED CLINIC {index + 1:02d}",
        npi=make_npi(50_000_000 + index * 1_000),
        tin=f"88{index + 1:07d}",
        site_id="S01",
        state=place["state"],
        zone=ZoneInfo(place["zone"]),
        rng=Random(f"{seed}:{clinic_id}"),
        neighbour=place["neighbour"],
    )
    add_site(clinic, place["zone"])
    size = panel_size(reference) if patients is None else patients
    add_staff(clinic, index, reference, size, calendar.end + timedelta(days=400))
    for place_of_patient in places(reference, patients):
        add_patient(clinic, reference, place_of_patient, calendar)
    add_merged_patient(clinic, calendar)
    add_fees(clinic, reference)
    add_policies(clinic, reference, calendar)
    return clinic
