"""The tables of one export as FHIR R4 bulk files: one NDJSON file a resource type."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ketaclaims.simulate.delivery import fhir_care, fhir_people
from ketaclaims.simulate.delivery.fhir_codes import Resource
from ketaclaims.simulate.ehr_writer import Window
from ketaclaims.simulate.model import Clinic, Patient, Row
from ketaclaims.simulate.reference import Payer

CARRIED = (
    "patient", "coverage", "provider", "site", "encounter", "administration", "observation",
    "medication_trial", "diagnosis",
)  # fmt: skip


def fhir_resources(
    clinic: Clinic,
    tables: Mapping[str, Sequence[Row]],
    people: Mapping[str, Patient],
    payers: Mapping[str, Payer],
) -> Iterator[tuple[str, Iterable[Resource]]]:
    """(resource type, resources) of one export; types without resources are left out by the caller."""
    rows = {name: tables.get(name, ()) for name in CARRIED}
    patient_of = {str(row["encounter_id"]): str(row["patient_id"]) for row in rows["encounter"]}
    yield "Organization", fhir_people.organizations(clinic, payers)
    yield "Location", fhir_people.locations(clinic, rows["site"])
    yield "Practitioner", fhir_people.practitioners(rows["provider"])
    yield "PractitionerRole", fhir_people.practitioner_roles(clinic, rows["provider"])
    yield "Patient", fhir_people.patients(clinic, rows["patient"], people)
    yield "Coverage", fhir_people.coverages(rows["coverage"], payers)
    yield "Encounter", fhir_care.encounters(clinic, rows["encounter"], rows["diagnosis"])
    yield "MedicationAdministration", fhir_care.administrations(rows["administration"], patient_of)
    yield "Observation", fhir_care.observations(rows["observation"])
    yield "MedicationStatement", fhir_care.medication_statements(rows["medication_trial"])
    yield "Condition", fhir_care.conditions(rows["diagnosis"])


def to_ndjson(resources: Iterable[Resource], window: Window) -> bytes:
    """One resource a line, as the server held it when the export was made."""
    moment = f"{window.moment:%Y-%m-%dT%H:%M:%SZ}"
    lines = []
    for item in resources:
        head = {"resourceType": item["resourceType"], "id": item["id"], "meta": {"lastUpdated": moment}}
        lines.append(json.dumps({**head, **item}, separators=(",", ":"), ensure_ascii=False))
    return "".join(f"{line}\n" for line in lines).encode("utf-8")
