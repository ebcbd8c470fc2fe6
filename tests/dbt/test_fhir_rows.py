"""FHIR from the reader to the intermediate models: pointers looked up, versions and deletions honoured."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from tiny_raw import File
from warehouse import Warehouse

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "ehr"))

import fhir_kit as kit

SUBJECTS = (
    *("administrations", "coverages", "prior_auths", "diagnoses", "medication_trials", "providers"),
    "observations",
)


def as_file(folder: Path, name: str, *resources: kit.Resource, day: int = 0) -> File:
    """A FHIR file read by the reader, as an input of the tiny raw store."""
    reading = kit.read_bytes(folder / f"{name}.ndjson", kit.ndjson(resources))
    return File(name, {table: reading.rows(table) for table in reading.batches}, exported_day=day)


@pytest.fixture(scope="module")
def built(make_warehouse: Any, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Charts first; a correction, a deletion and what the pointers stand for in later commits."""
    folder, warehouse = tmp_path_factory.mktemp("fhir"), make_warehouse("fhir")
    drug = {"medicationReference": kit.ref("Medication/m1"), "medicationCodeableConcept": None}
    chart = as_file(
        folder,
        "chart",
        kit.patient(),
        kit.encounter(meta={"lastUpdated": "2026-03-02T20:00:00Z"}),
        kit.encounter() | {"id": "e2", "meta": {"lastUpdated": "2026-03-02T20:00:00Z"}},
        kit.administration(**drug, performer=[{"actor": kit.ref("PractitionerRole/pr1")}]),
        kit.administration() | {"id": "a2", "status": "entered-in-error"},
        kit.coverage(payor=[kit.ref("Organization/pay1")]),
        kit.authorisation(insurer=kit.ref("Organization/pay1"), requestor=kit.ref("Practitioner/d1")),
        *kit.practice()[12:14],
        kit.pressure(),
    )
    warehouse.raw.commit(chart)
    run(warehouse)
    role = {
        "practitioner": kit.ref("Practitioner/d1"),
        "specialty": [kit.concept("http://nucc.org/provider-taxonomy", "2084P0800X")],
    }
    later = as_file(
        folder,
        "later",
        kit.practitioner(),
        kit.resource("PractitionerRole", "pr1", **role),
        kit.resource("Organization", "pay1", name="Aetna"),
        kit.resource("Medication", "m1", code=kit.concept(kit.NDC, "50458-028-02", "Spravato")),
        kit.encounter(
            status="cancelled", meta={"lastUpdated": "2026-03-01T00:00:00Z"}
        ),  # older, delivered later
    )
    gone = {"request": {"method": "DELETE", "url": "Encounter/e2"}}
    meta = {"lastUpdated": "2026-03-04T00:00:00Z"}
    deleted = as_file(folder, "deleted", {"resourceType": "Bundle", "meta": meta, "entry": [gone]})
    warehouse.raw.commit(later, deleted)
    run(warehouse)
    return warehouse


def run(warehouse: Warehouse) -> None:
    chosen = ("path:models/staging/ehr", *(f"+int_ehr__{subject}" for subject in SUBJECTS))
    warehouse.run(
        "build", "--select", *chosen, "--indirect-selection", "cautious", "--exclude", "test_type:unit"
    )


def test_pointers_to_what_came_later_are_looked_up(built: Warehouse) -> None:
    assert built.rows("select encounter_id, rendering_npi from intermediate.int_ehr__encounters") == [
        ("e1", "1234567893")
    ]
    given = built.rows(
        "select administration_id, drug_name, is_esketamine, ndc11, given_by, dose_mg, is_entered_in_error"
        " from intermediate.int_ehr__administrations order by 1"
    )
    assert [row[:5] for row in given] == [
        ("a1", "esketamine", True, "50458002802", "1234567893"),
        ("a2", "esketamine", True, "50458002802", "1234567893"),
    ]
    assert [(float(row[5]), row[6]) for row in given] == [(56.0, False), (56.0, True)]
    assert built.rows("select npi, taxonomy_code from intermediate.int_ehr__providers") == [
        ("1234567893", "2084P0800X")
    ]


def test_payers_are_those_of_their_name(built: Warehouse) -> None:
    assert built.rows("select payer_id from intermediate.int_ehr__coverages") == [("aetna",)]
    found = "select payer_id, npi, prior_auth_status from intermediate.int_ehr__prior_auths"
    assert built.rows(found) == [("aetna", "1234567893", "approved")]


def test_the_newest_version_counts_and_a_deleted_record_is_gone(built: Warehouse) -> None:
    versions = built.rows(
        "select encounter_id, encounter_status from staging.stg_ehr__encounters order by all"
    )
    assert versions == [("e1", "cancelled"), ("e1", "completed"), ("e2", "completed"), ("e2", None)]
    current = built.rows(
        "select encounter_id, encounter_status, service_date::varchar from intermediate.int_ehr__encounters"
    )
    assert current == [("e1", "completed", "2026-03-02")]


def test_the_rest_of_the_chart_is_there(built: Warehouse) -> None:
    assert built.rows("select diagnosis_code, code_system from intermediate.int_ehr__diagnoses") == [
        ("F33.2", "icd10cm")
    ]
    assert built.rows("select drug_name, max_dose_mg::int from intermediate.int_ehr__medication_trials") == [
        ("sertraline", 200)
    ]
    assert built.rows("select source_system from staging.stg_ehr__observations") == [("fhir",)]


def test_every_kept_resource_is_in_the_warehouse(built: Warehouse) -> None:
    assert json.dumps(built.rows("select count(*) from staging.stg_ehr__fhir_resources_other")) == "[[0]]"
