"""A deterministic FHIR R4 bulk file of a wanted size: a ketamine practice's resources, mixed, one a line."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

Resource = dict[str, Any]
LOINC, SNOMED = "http://loinc.org", "http://snomed.info/sct"
NDC, RXNORM = "http://hl7.org/fhir/sid/ndc", "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
POOL_SIZE = 2_000


def _concept(system: str, code: str, display: str) -> Resource:
    return {"coding": [{"system": system, "code": code, "display": display}], "text": display}


def _at(draw: random.Random) -> str:
    return f"2026-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}T{draw.randint(8, 17):02}:15:00-07:00"


def _meta(draw: random.Random, profile: str) -> Resource:
    base = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"
    return {"versionId": "1", "lastUpdated": _at(draw), "profile": [base + profile]}


def _encounter(draw: random.Random) -> Resource:
    at = _at(draw)
    performer = _concept(
        "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "PPRF", "primary performer"
    )
    return {
        "meta": _meta(draw, "encounter"),
        "status": "finished",
        "class": {"system": ACT, "code": draw.choice(["AMB", "AMB", "VR"])},
        "type": [_concept(SNOMED, "185349003", "Encounter for check up (procedure)")],
        "subject": {"reference": "Patient/p-########", "display": "Synthetic Patient"},
        "participant": [
            {"type": [performer], "individual": {"reference": f"Practitioner/d{draw.randint(1, 30)}"}}
        ],
        "period": {"start": at, "end": at.replace(":15:00", ":55:00")},
        "location": [{"location": {"reference": f"Location/s{draw.randint(1, 4)}"}}],
    }


def _administration(draw: random.Random) -> Resource:
    at = _at(draw)
    return {
        "meta": _meta(draw, "medicationadministration"),
        "status": "completed",
        "medicationCodeableConcept": _concept(NDC, "50458-028-02", "Spravato 56 mg dose kit"),
        "subject": {"reference": "Patient/p-########"},
        "context": {"reference": "Encounter/e-########"},
        "effectivePeriod": {"start": at, "end": at.replace(":15:00", ":25:00")},
        "dosage": {
            "route": _concept(SNOMED, "46713006", "Nasal route"),
            "dose": {"value": draw.choice([56, 84]), "unit": "mg"},
        },
    }


def _observation(draw: random.Random) -> Resource:
    vital = draw.random() < 0.6
    shared = {
        "meta": _meta(draw, "blood-pressure" if vital else "observation-screening-assessment"),
        "status": "final",
        "subject": {"reference": "Patient/p-########"},
        "encounter": {"reference": "Encounter/e-########"},
        "effectiveDateTime": _at(draw),
    }
    if not vital:
        score = {"value": draw.randint(0, 27), "unit": "{score}"}
        return shared | {"code": _concept(LOINC, "44261-6", "PHQ-9 total score"), "valueQuantity": score}
    parts = [("8480-6", "Systolic", draw.randint(100, 160)), ("8462-4", "Diastolic", draw.randint(60, 99))]
    return shared | {
        "code": _concept(LOINC, "85354-9", "Blood pressure panel"),
        "component": [
            {"code": _concept(LOINC, code, name), "valueQuantity": {"value": value, "unit": "mm[Hg]"}}
            for code, name, value in parts
        ],
    }


def _condition(draw: random.Random) -> Resource:
    return {
        "meta": _meta(draw, "condition-encounter-diagnosis"),
        "clinicalStatus": _concept(
            "http://terminology.hl7.org/CodeSystem/condition-clinical", "active", "Active"
        ),
        "code": _concept(ICD, draw.choice(["F33.2", "F32.2", "F41.1"]), "Diagnosis"),
        "subject": {"reference": "Patient/p-########"},
        "encounter": {"reference": "Encounter/e-########"},
        "recordedDate": _at(draw),
    }


def _order(draw: random.Random) -> Resource:
    drug = draw.choice(["sertraline 100 MG Oral Tablet", "bupropion 150 MG Oral Tablet"])
    return {
        "meta": _meta(draw, "medicationrequest"),
        "status": "completed",
        "intent": "order",
        "medicationCodeableConcept": _concept(RXNORM, "312941", drug),
        "subject": {"reference": "Patient/p-########"},
        "authoredOn": _at(draw),
        "dosageInstruction": [{"doseAndRate": [{"doseQuantity": {"value": 100, "unit": "mg"}}]}],
    }


def _procedure(draw: random.Random) -> Resource:
    return {
        "meta": _meta(draw, "procedure"),
        "status": "completed",
        "code": _concept(SNOMED, "430193006", "Medication reconciliation (procedure)"),
        "subject": {"reference": "Patient/p-########"},
        "performedDateTime": _at(draw),
    }


KINDS: tuple[tuple[str, int, Callable[[random.Random], Resource]], ...] = (
    ("Encounter", 20, _encounter),
    ("MedicationAdministration", 15, _administration),
    ("Observation", 40, _observation),
    ("Condition", 10, _condition),
    ("MedicationRequest", 8, _order),
    ("Procedure", 7, _procedure),
)


def write_fhir(path: Path, megabytes: int, seed: int = 4) -> int:
    """Write resources until ``megabytes`` (10**6) are reached; the number of lines."""
    draw = random.Random(seed)
    names, weights, makers = zip(*KINDS, strict=True)
    pool = []
    for _ in range(POOL_SIZE):
        (at,) = draw.choices(range(len(names)), weights)
        made = {"resourceType": names[at], "id": "x-########"} | makers[at](draw)
        pool.append(json.dumps(made, separators=(",", ":")).encode() + b"\n")
    lines = left = 0
    left = megabytes * 1_000_000
    with path.open("wb") as out:
        while left > 0:
            text = draw.choice(pool).replace(b"########", b"%08d" % lines)
            out.write(text)
            left -= len(text)
            lines += 1
    return lines
