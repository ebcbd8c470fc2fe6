"""What happened to patients as FHIR R4: visits, drugs given, vitals and scores, past trials, diagnoses."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from ketaclaims.simulate.delivery.fhir_codes import (
    Resource,
    codes,
    coding,
    concept,
    moment,
    period,
    present,
    quantity,
    reference,
    resource,
)
from ketaclaims.simulate.model import Clinic, Row


def encounters(clinic: Clinic, rows: Sequence[Row], diagnoses: Sequence[Row]) -> Iterator[Resource]:
    """Visits. Telehealth is class VR, so video and audio look the same; notes and minutes stay behind."""
    ranked: defaultdict[str, list[Resource]] = defaultdict(list)
    for row in diagnoses:
        if row.get("encounter_id"):
            use = {"condition": reference("Condition", row["diagnosis_id"]), "rank": row["rank"]}
            ranked[str(row["encounter_id"])].append(use)
    for row in rows:
        code, words = codes()["encounter_class"][str(row["mode"])]
        place = reference("Location", row["site_id"])
        yield resource(
            "Encounter",
            row["encounter_id"],
            status=codes()["encounter_status"][str(row["status"])],
            **{"class": coding("act", code, words)},
            type=[concept(str(row["visit_type"]))],
            subject=reference("Patient", row["patient_id"]),
            participant=[*_participants(row)],
            period=period(row["start_at"], row["end_at"]),
            diagnosis=ranked.get(str(row["encounter_id"])),
            location=[{"location": place}] if place else [],
            serviceProvider=reference("Organization", clinic.clinic_id),
        )


def _participants(row: Row) -> Iterator[Resource]:
    for column, code, words in (
        ("rendering_npi", "PPRF", "primary performer"),
        ("supervising_npi", "ATND", "attender"),
    ):
        who = reference("Practitioner", row.get(column))
        if who:
            yield {"type": [concept(words, coding("participation", code, words))], "individual": who}


def administrations(rows: Sequence[Row], patient_of: Mapping[str, str]) -> Iterator[Resource]:
    """Drugs given; ``patient_of`` an encounter. Lot and waste are notes; devices and discharge are lost."""
    for row in rows:
        ndc, drug = str(row["ndc11"] or ""), str(row["drug"])
        encounter_id = str(row["encounter_id"])
        given_by = reference("Practitioner", row["given_by"])
        yield resource(
            "MedicationAdministration",
            row["administration_id"],
            status=codes()["administration_status"][str(row["status"])],
            medicationCodeableConcept=concept(drug, *([coding("ndc", ndc)] if ndc else [])),
            subject=reference("Patient", patient_of[encounter_id]),
            context=reference("Encounter", encounter_id),
            effectivePeriod=period(row["start_at"], row["stop_at"]),
            performer=[{"actor": given_by}] if given_by else [],
            dosage=_dosage(row),
            note=[{"text": f"Lot {row['lot']}, wasted {row['wasted_mg']} mg"}],
        )


def _dosage(row: Row) -> Resource:
    route = str(row["route"])
    code, words = codes()["routes"][route]
    return present(
        {"route": concept(words, coding("snomed", code, words)), "dose": quantity(row["dose_mg"], "mg")}
    )


def observations(rows: Sequence[Row]) -> Iterator[Resource]:
    """Vital signs and scores; a blood pressure is one panel of two components."""
    for row in rows:
        kind = str(row["kind"])
        if kind == "instrument":
            name = str(row["instrument"])
            code, unit, category = codes()["instruments"].get(name, ""), "{score}", "survey"
            name = f"{name} total score"
        else:
            code, name, unit, category = codes()["observations"][kind]
        pressures = [*_pressures(row)] if kind == "bp" else []
        scored_by = reference("Practitioner", row["scored_by"])
        yield resource(
            "Observation",
            row["observation_id"],
            status="final",
            category=[concept(category, coding("observation_category", category))],
            code=concept(name, *([coding("loinc", code, name)] if code else [])),
            subject=reference("Patient", row["patient_id"]),
            encounter=reference("Encounter", row.get("encounter_id")),
            effectiveDateTime=moment(row["taken_at"]),
            performer=[scored_by] if scored_by else [],
            valueQuantity=None if pressures else quantity(row.get("value_num"), unit),
            component=pressures,
        )


def _pressures(row: Row) -> Iterator[Resource]:
    for column, (code, words) in codes()["pressures"].items():
        value = quantity(row.get(column), "mm[Hg]")
        if value:
            yield {"code": concept(words, coding("loinc", code, words)), "valueQuantity": value}


def medication_statements(rows: Sequence[Row]) -> Iterator[Resource]:
    """Past trials: what, how much, from when to when, and why it ended. Adequacy is usually only in notes."""
    for row in rows:
        outcome = codes()["outcomes"].get(str(row["outcome"]), "")
        dose = quantity(row["max_dose_mg"], "mg")
        yield resource(
            "MedicationStatement",
            row["trial_id"],
            status="completed" if row["stop_on"] else "active",
            statusReason=[concept(outcome)] if outcome else [],
            medicationCodeableConcept=concept(str(row["drug"])),
            subject=reference("Patient", row["patient_id"]),
            effectivePeriod=period(row["start_on"], row["stop_on"]),
            dosage=[{"doseAndRate": [{"doseQuantity": dose}]}] if dose else [],
        )


def conditions(rows: Sequence[Row]) -> Iterator[Resource]:
    """Diagnoses of the problem list and of visits; one entered in error has no clinical status."""
    for row in rows:
        status, code = str(row["status"]), str(row["code"])
        clinical = codes()["condition_status"].get(status)
        verified = "confirmed" if clinical else "entered-in-error"
        yield resource(
            "Condition",
            row["diagnosis_id"],
            clinicalStatus=concept("", coding("condition_clinical", clinical)) if clinical else None,
            verificationStatus=concept("", coding("condition_verification", verified)),
            code=concept(code, coding(str(row["code_system"]), code)),
            subject=reference("Patient", row["patient_id"]),
            encounter=reference("Encounter", row.get("encounter_id")),
            onsetDateTime=moment(row.get("onset_on")),
            abatementDateTime=moment(row.get("abated_on")),
            recordedDate=moment(row.get("recorded_on")),
        )
