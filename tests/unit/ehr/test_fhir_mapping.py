"""FHIR resources to canonical rows: one hit and one near miss per kind of value."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import fhir_kit as kit
import pytest

from ketaclaims.ehr.fhir.loading import fhir_map
from ketaclaims.ehr.schema import canonical_tables


@pytest.fixture
def read(tmp_path: Path):
    return lambda *resources, **context: kit.read_bytes(
        tmp_path / "x.ndjson", kit.ndjson(resources), **context
    )


def shown(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: row.get(name) for name in names}


def test_one_of_everything_is_mapped_or_kept(read) -> None:
    reading = read(*kit.practice())
    assert dict(reading.report.rows) == {
        "patient": 1, "coverage": 1, "provider": 1, "provider_credential": 1, "site": 1, "encounter": 1,
        "administration": 1, "observation": 3, "medication_trial": 1, "diagnosis": 1, "prior_auth": 1,
        "fhir_directory": 5, "fhir_resource_other": 1,
    }  # fmt: skip
    assert reading.account() == (15, 1, 0)
    assert {row["source_system"] for row in reading.rows("observation")} == {"fhir"}
    kept = reading.row("fhir_resource_other")
    assert shown(kept, "resource_type", "resource_id", "reason_code", "_row_number") == {
        "resource_type": "Immunization", "resource_id": "im1", "reason_code": "not_mapped", "_row_number": 16,
    }  # fmt: skip


def test_every_value_map_gives_only_what_its_column_allows() -> None:
    for tables in fhir_map().resources.values():
        for table in tables:
            if table.table == "fhir_directory":
                continue
            enums = {column.name: column.enum for column in canonical_tables()[table.table].columns}
            for column in table.columns:
                if enums[column.name] and column.values:
                    given = {*column.values.codes.values(), *column.values.words.values()} - {None}
                    assert given <= set(enums[column.name]), column.where
                if enums[column.name] and column.const:
                    assert column.const in enums[column.name], column.where


def test_the_page_names_every_resource_and_table_of_the_map() -> None:
    page = (Path(__file__).parents[3] / "docs" / "fhir.md").read_text()
    named = {
        (kind.strip(), table.strip())
        for line in page.splitlines()
        if line.startswith("| ") and line.count("|") == 4
        for kind in line.split("|")[1].split(",")
        for table in line.split("|")[2].split(",")
    }
    mapped = {(kind, one.table) for kind, tables in fhir_map().resources.items() for one in tables}
    assert mapped <= named


def test_an_encounter_keeps_its_wall_clock_and_offset(read) -> None:
    row = read(kit.encounter()).row("encounter")
    assert shown(
        row, "clinic_id", "patient_id", "site_id", "rendering_npi", "start_at", "start_at_utc_offset_minutes",
        "mode", "status",
    ) == {
        "clinic_id": "C1", "patient_id": "p1", "site_id": "s1", "rendering_npi": "Practitioner/d1",
        "start_at": datetime(2026, 3, 2, 9), "start_at_utc_offset_minutes": -420, "mode": "in_person",
        "status": "completed",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("start", "expected", "code"),
    [
        ("2026-03-02T09:00:00Z", (datetime(2026, 3, 2, 9), 0), None),
        ("2026-03-02T09:00:00.25+05:30", (datetime(2026, 3, 2, 9, 0, 0, 250_000), 330), None),
        ("2026-03-02T09:00:00", (datetime(2026, 3, 2, 9), None), None),
        ("2026-03-02", (datetime(2026, 3, 2), None), "DATE_WITHOUT_TIME"),
        ("2026-03", (None, None), "PARTIAL_DATE"),
        ("2026", (None, None), "PARTIAL_DATE"),
        ("2026-02-30T09:00:00Z", (None, None), "BAD_TIMESTAMP"),
        ("20260302T090000Z", (None, None), "BAD_TIMESTAMP"),
        ("0001-01-01T00:00:00Z", (None, None), "SENTINEL_DATE"),
        ("ZZCANARY", (None, None), "BAD_DATE"),
    ],
)
def test_times_are_taken_as_written_or_not_at_all(read, start: str, expected: Any, code: str | None) -> None:
    reading = read(kit.encounter(period={"start": start}))
    row = reading.row("encounter")
    assert (row.get("start_at"), row.get("start_at_utc_offset_minutes")) == expected
    assert reading.codes - {"FHIR_RESOURCES"} == ({code} if code else set())
    assert not any("ZZCANARY" in issue.message for issue in reading.report.issues)


def test_a_date_is_the_local_date_of_an_instant_and_a_partial_one_is_none(read) -> None:
    row = read(kit.patient(deceasedDateTime="2026-01-01T23:30:00-08:00")).row("patient")
    assert (row["birth_date"], row["deceased_on"]) == (date(1980, 2, 29), date(2026, 1, 1))
    reading = read(kit.patient(birthDate="1980"))
    assert "birth_date" not in reading.row("patient")
    (issue,) = [one for one in reading.report.issues if one.code == "PARTIAL_DATE"]
    assert issue.element == "patient.birth_date" and issue.message.endswith("First on line 1.")


@pytest.mark.parametrize(
    ("code", "mode"),
    [("VR", "video"), ("AMB", "in_person"), ("HH", "in_person"), ("ZZ", None)],
)
def test_the_class_of_a_visit_says_how_it_was_held(read, code: str, mode: str | None) -> None:
    reading = read(kit.encounter(**{"class": {"system": kit.ACT, "code": code}}))
    assert reading.row("encounter").get("mode") == mode
    assert ("UNMAPPED_VALUE" in reading.codes) == (mode is None)


@pytest.mark.parametrize(
    ("dose", "mg"),
    [
        ({"value": 56, "unit": "mg"}, "56"),
        ({"value": 0.084, "code": "g"}, "84"),
        ({"value": 56000, "unit": "mcg"}, "56"),
        ({"value": 1.10, "unit": "MG"}, "1.1"),
        ({"value": 2, "unit": "device"}, None),
        ({"value": 0.5, "unit": "mg/kg"}, None),
        ({"value": 56}, None),
        ({"value": 1e30, "unit": "mg"}, None),
    ],
)
def test_a_dose_is_milligrams_or_empty_and_counted(read, dose: dict[str, Any], mg: str | None) -> None:
    dosage = {"route": kit.concept(kit.SNOMED, "46713006"), "dose": dose}
    reading = read(kit.administration(dosage=dosage))
    assert reading.row("administration").get("dose_mg") == (None if mg is None else Decimal(mg))
    assert bool(reading.codes & {"UNIT_NOT_CONVERTED", "BAD_NUMBER"}) == (mg is None)


def test_an_administration_names_drug_route_product_and_who_gave_it(read) -> None:
    row = read(kit.administration()).row("administration")
    names = ("encounter_id", "drug", "route", "ndc11", "given_by", "status", "stop_at")
    assert shown(row, *names) == {
        "encounter_id": "e1", "drug": "esketamine", "route": "nasal", "ndc11": "50458002802",
        "given_by": "1234567893", "status": "completed", "stop_at": datetime(2026, 3, 2, 9, 20),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("medication", "drug", "ndc11"),
    [
        (kit.concept(kit.RXNORM, "x", "0.2 ML esketamine 140 MG/ML Nasal Spray"), "esketamine", None),
        (kit.concept(kit.RXNORM, "x", "10 ML ketamine hydrochloride 50 MG/ML Injection"), "ketamine", None),
        (kit.concept(kit.NDC, "50458002802"), "esketamine", "50458002802"),
        (kit.concept(kit.NDC, "5045802802"), "5045802802", None),  # ten digits: ambiguous
        ({"text": "norketaminex"}, "norketaminex", None),
    ],
)
def test_drugs_are_known_by_word_or_product(read, medication: Any, drug: str, ndc11: str | None) -> None:
    reading = read(kit.administration(medicationCodeableConcept=medication))
    row = reading.row("administration")
    assert (row["drug"], row.get("ndc11")) == (drug, ndc11)
    assert ("NDC_AMBIGUOUS" in reading.codes) == (drug == "5045802802")


def test_a_medication_elsewhere_is_a_pointer_and_a_contained_one_is_read(read) -> None:
    away = kit.administration(medicationReference=kit.ref("Medication/m1"))
    del away["medicationCodeableConcept"]
    assert read(away).row("administration")["drug"] == "Medication/m1"
    inside = {
        "resourceType": "Medication",
        "id": "k",
        "code": {"text": "Ketalar"},
        "batch": {"lotNumber": "L1"},
    }
    row = read(away | {"medicationReference": kit.ref("#k"), "contained": [inside]}).row("administration")
    assert (row["drug"], row["lot"]) == ("ketamine", "L1")


@pytest.mark.parametrize(
    ("note", "lot", "wasted"),
    [
        ("Lot LOT2511, wasted 0 mg", "LOT2511", "0"),
        ("Wastage: 12.5mg witnessed; lot no. A-77", "A-77", "12.5"),
        ("A lot of rest, 5 mg given", None, None),
        ("wasted 5 mL", None, None),
        ("56mg", None, None),
    ],
)
def test_lot_and_waste_are_read_from_a_note(read, note: str, lot: str | None, wasted: str | None) -> None:
    row = read(kit.administration(note=[{"text": note}])).row("administration")
    assert (row.get("lot"), row.get("wasted_mg")) == (lot, None if wasted is None else Decimal(wasted))


@pytest.mark.parametrize(
    ("status", "canonical", "is_deleted"),
    [
        ("completed", "completed", None),
        ("entered-in-error", "entered_in_error", None),
        ("in-progress", None, None),
        ("not-done", None, True),
    ],
)
def test_a_drug_not_given_or_entered_in_error_says_so(read, status, canonical, is_deleted) -> None:
    row = read(kit.administration(status=status)).row("administration")
    assert (row.get("status"), row.get("is_deleted")) == (canonical, is_deleted)


def test_void_records_are_versions_that_say_deleted(read) -> None:
    reading = read(
        kit.encounter(status="entered-in-error"),
        kit.score(status="entered-in-error"),
        kit.coverage(status="cancelled"),
        kit.encounter(status="cancelled"),
    )
    assert [row.get("is_deleted") for row in reading.rows("encounter")] == [True, None]
    assert reading.row("observation")["is_deleted"] and reading.row("coverage")["is_deleted"]


def test_an_administration_without_encounter_is_kept_with_its_reason(read) -> None:
    given = kit.administration()
    del given["context"]
    reading = read(given)
    kept = reading.row("fhir_resource_other")
    assert shown(kept, "reason_code", "column_name") == {
        "reason_code": "missing_value", "column_name": "administration.encounter_id",
    }  # fmt: skip
    assert reading.account() == (0, 1, 0) and reading.report.status == "warned"


def test_blood_pressure_is_two_whole_numbers(read) -> None:
    reading = read(kit.pressure())
    row = reading.row("observation")
    assert shown(row, "kind", "sbp", "dbp", "value_num", "encounter_id") == {
        "kind": "bp", "sbp": 128, "dbp": 83, "value_num": None, "encounter_id": "e1",
    }  # fmt: skip
    assert "ROUNDED" in reading.codes
    alone = read(
        kit.pressure(code=kit.concept(kit.LOINC, "8480-6"), component=[], valueQuantity={"value": 131})
    )
    assert shown(alone.row("observation"), "sbp", "dbp") == {"sbp": 131, "dbp": None}


def test_other_components_of_a_panel_are_rows_of_their_own(read) -> None:
    heart = {"code": kit.concept(kit.LOINC, "8867-4"), "valueQuantity": {"value": 71}}
    rows = read(kit.pressure(component=[*kit.pressure()["component"], heart])).rows("observation")
    assert [(r["observation_id"], r["kind"], r.get("value_num")) for r in rows] == [
        ("o1", "bp", None), ("o1#8867-4", "hr", Decimal(71)),
    ]  # fmt: skip
    assert len({r["_row_number"] for r in rows}) == 2


@pytest.mark.parametrize(
    ("code", "unit", "value", "kind", "expected"),
    [
        ("29463-7", "kg", 80.5, "weight", "80.5"),
        ("29463-7", "[lb_av]", 150, "weight", "68.039"),
        ("29463-7", "stone", 11, "weight", None),
        ("59408-5", "%", 97, "spo2", "97"),
        ("9279-1", "/min", 14, "rr", "14"),
        ("70274-6", "{score}", 9, "instrument", "9"),
    ],
)
def test_vitals_and_scores_by_code(read, code, unit, value, kind, expected) -> None:
    quantity = {"value": value, "code": unit}
    row = read(kit.score(code=kit.concept(kit.LOINC, code), valueQuantity=quantity)).row("observation")
    assert row["kind"] == kind
    assert row.get("value_num") == (None if expected is None else Decimal(expected))


def test_a_score_without_a_known_code_is_found_by_name_and_a_lab_is_kept(read) -> None:
    row = read(kit.score(code={"text": "MADRS total score"})).row("observation")
    assert (row["kind"], row["instrument"], row["value_num"]) == ("instrument", "MADRS", Decimal(17))
    lab = read(kit.score(code=kit.concept(kit.LOINC, "2345-7", "Glucose")))
    assert lab.row("fhir_resource_other")["reason_code"] == "not_selected"


def test_an_item_of_an_instrument_is_no_score(read) -> None:
    item = kit.concept(kit.LOINC, "44250-9", "Little interest or pleasure [PHQ-9]")
    assert read(kit.score(code=item)).row("fhir_resource_other")["reason_code"] == "not_selected"
    total = kit.concept(kit.LOINC, "99999-9", "MADRS total score")
    assert read(kit.score(code=total)).row("observation")["instrument"] == "MADRS"
    local = {"coding": [{"system": "urn:local", "code": "PHQ9"}], "text": "PHQ-9"}
    assert read(kit.score(code=local)).row("observation")["instrument"] == "PHQ-9"


def test_the_primary_performer_goes_before_others(read) -> None:
    seen = [
        {"type": [{"coding": [{"code": role}]}], "individual": kit.ref(f"Practitioner/{role}")}
        for role in ("CON", "ATND", "PPRF")
    ]
    rendering = [
        read(kit.encounter(participant=seen[:count])).row("encounter")["rendering_npi"] for count in (1, 2, 3)
    ]
    assert rendering == ["Practitioner/CON", "Practitioner/ATND", "Practitioner/PPRF"]


def test_the_total_of_a_questionnaire_is_a_score(read) -> None:
    row = read(kit.answers()).row("observation")
    assert shown(row, "observation_id", "instrument", "value_num", "patient_id") == {
        "observation_id": "q1#t", "instrument": "GAD-7", "value_num": Decimal(11), "patient_id": "p1",
    }  # fmt: skip
    coded = [{"linkId": "/44249-1", "item": [{"linkId": "/44261-6", "answer": [{"valueDecimal": 21}]}]}]
    assert read(kit.answers(item=coded)).row("observation")["instrument"] == "PHQ-9"
    without = kit.answers(item=kit.answers()["item"][:1])
    assert read(without).row("fhir_resource_other")["reason_code"] == "not_selected"


def test_a_coverage_names_payer_line_of_business_member_and_group(read) -> None:
    row = read(kit.coverage()).row("coverage")
    names = ("payer_id", "line_of_business", "member_id", "group_id", "priority", "eff_from", "eff_to")
    assert shown(row, *names) == {
        "payer_id": "Aetna", "line_of_business": "ma", "member_id": "M-7", "group_id": "G-9", "priority": 1,
        "eff_from": date(2026, 1, 1), "eff_to": None,
    }  # fmt: skip
    away = read(kit.coverage(payor=[kit.ref("Organization/pay1")], type={"text": "Medicare"}))
    assert shown(away.row("coverage"), "payer_id", "line_of_business") == {
        "payer_id": "Organization/pay1", "line_of_business": None,
    }  # fmt: skip
    assert "UNMAPPED_VALUE" in away.codes  # Medicare alone may be B or Advantage
    assert read(kit.coverage(payor=[kit.ref("Patient/p1")])).row("coverage")["payer_id"] == "self_pay"


def test_a_preauthorisation_is_a_prior_auth_and_a_claim_answer_is_kept(read) -> None:
    row = read(kit.authorisation()).row("prior_auth")
    names = (
        "pa_id",
        "pa_number",
        "drug",
        "codes",
        "status",
        "valid_from",
        "valid_to",
        "units_approved",
        "unit_basis",
    )
    assert shown(row, *names) == {
        "pa_id": "r1", "pa_number": "PA-77", "drug": "esketamine", "codes": "J0013", "status": "approved",
        "valid_from": date(2026, 2, 1), "valid_to": date(2026, 7, 31), "units_approved": Decimal(672),
        "unit_basis": "unit",
    }  # fmt: skip
    assert read(kit.authorisation(use="claim")).row("fhir_resource_other")["reason_code"] == "not_selected"


@pytest.mark.parametrize(
    ("actions", "status"),
    [(["A1"], "approved"), (["A3"], "denied"), (["A1", "A3"], "partial"), (["A4"], "pended")],
)
def test_review_actions_of_the_items_decide(read, actions: list[str], status: str) -> None:
    base = "http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-reviewAction"
    x12 = "https://codesystem.x12.org/005010/306"
    items = [
        {"adjudication": [{"extension": [{"url": base, "extension": [
            {"url": f"{base}Code", "valueCodeableConcept": kit.concept(x12, code)}
        ]}]}]}
        for code in actions
    ]  # fmt: skip
    assert read(kit.authorisation(item=items)).row("prior_auth")["status"] == status


def test_clinicians_give_provider_credential_and_directory(read) -> None:
    reading = read(kit.practitioner())
    assert shown(reading.row("provider"), "npi", "type", "name") == {
        "npi": "1234567893", "type": "MD", "name": "Dana Render",
    }  # fmt: skip
    assert shown(reading.row("provider_credential"), "kind", "number", "eff_from") == {
        "kind": "state_licence", "number": "DR.0042", "eff_from": date(2015, 6, 1),
    }  # fmt: skip
    assert shown(reading.row("fhir_directory"), "resource_id", "npi") == {
        "resource_id": "d1",
        "npi": "1234567893",
    }
    nameless = read(kit.practitioner(identifier=[]))
    assert dict(nameless.report.rows) == {"fhir_directory": 1}


@pytest.mark.parametrize(
    ("target", "npi"),
    [
        (kit.ref("Practitioner/d1"), "Practitioner/d1"),
        (kit.ref("https://fhir.example.org/r4/Practitioner/d1/_history/3"), "Practitioner/d1"),
        (kit.ref(f"Practitioner?identifier={kit.NPI}|1234567893"), "1234567893"),
        ({"type": "Practitioner", "identifier": {"system": kit.NPI, "value": "1234567893"}}, "1234567893"),
        (kit.ref("#d"), "1234567893"),
    ],
)
def test_references_of_every_form(read, target: Any, npi: str) -> None:
    inside = {
        "resourceType": "Practitioner",
        "id": "d",
        "identifier": [{"system": kit.NPI, "value": "1234567893"}],
    }
    coded = [{"coding": [{"code": "PPRF"}]}]
    seen = kit.encounter(participant=[{"type": coded, "individual": target}], contained=[inside])
    assert read(seen).row("encounter")["rendering_npi"] == npi


def test_a_diagnosis_prefers_icd10_and_a_refuted_one_is_void(read) -> None:
    given = kit.practice()[13]
    row = read(given).row("diagnosis")
    assert shown(row, "code", "code_system", "status", "onset_on", "recorded_on") == {
        "code": "F33.2", "code_system": "icd10cm", "status": "active", "onset_on": None,
        "recorded_on": date(2026, 3, 2),
    }  # fmt: skip
    refuted = read(given | {"verificationStatus": {"coding": [{"code": "refuted"}]}})
    assert refuted.row("diagnosis")["is_deleted"]


def test_a_medication_order_is_a_trial_and_a_plan_is_kept(read) -> None:
    order = kit.practice()[12]
    row = read(order).row("medication_trial")
    assert shown(row, "drug", "max_dose_mg", "start_on", "source") == {
        "drug": "sertraline 100 MG Oral Tablet", "max_dose_mg": Decimal(200), "start_on": date(2025, 1, 5),
        "source": "emr",
    }  # fmt: skip
    assert read(order | {"intent": "plan"}).row("fhir_resource_other")["reason_code"] == "not_selected"
    stated = order | {"resourceType": "MedicationStatement", "informationSource": kit.ref("Patient/p1")}
    row = read(stated).row("medication_trial")
    ended = read(stated | {"statusReason": [{"text": "Inadequate response"}]}).row("medication_trial")
    assert ended["outcome"] == "inadequate"
    assert (row["trial_id"], row["source"]) == ("MedicationStatement/mr1", "patient")


def test_a_merged_patient_names_the_one_that_stays(read) -> None:
    link = [{"type": "replaced-by", "other": kit.ref("Patient/p2")}]
    row = read(kit.patient(link=link)).row("patient_merge")
    assert shown(row, "patient_id", "surviving_patient_id") == {
        "patient_id": "p1",
        "surviving_patient_id": "p2",
    }
