"""A small synthetic practice as FHIR R4 resources, and reading it as the pipeline does."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from ketaclaims.ehr.fhir.reader import read_fhir
from ketaclaims.raw.contract import InputReport, ReadContext

Resource = dict[str, Any]
LOINC, SNOMED = "http://loinc.org", "http://snomed.info/sct"
RXNORM, NDC = "http://www.nlm.nih.gov/research/umls/rxnorm", "http://hl7.org/fhir/sid/ndc"
NPI, ICD = "http://hl7.org/fhir/sid/us-npi", "http://hl7.org/fhir/sid/icd-10-cm"
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


def ref(target: str) -> Resource:
    return {"reference": target}


def concept(system: str, code: str, display: str | None = None) -> Resource:
    coding = {"system": system, "code": code}
    return {"coding": [coding | ({"display": display} if display else {})]}


def resource(kind: str, resource_id: str, **fields: Any) -> Resource:
    return {"resourceType": kind, "id": resource_id, **fields}


def patient(**fields: Any) -> Resource:
    base = {"birthDate": "1980-02-29", "gender": "female", "address": [{"state": "CO"}]}
    return resource("Patient", "p1", **(base | fields))


def encounter(**fields: Any) -> Resource:
    base = {
        "status": "finished",
        "class": {"system": ACT, "code": "AMB"},
        "subject": ref("Patient/p1"),
        "period": {"start": "2026-03-02T09:00:00-07:00", "end": "2026-03-02T11:30:00-07:00"},
        "participant": [{"individual": ref("Practitioner/d1")}],
        "location": [{"location": ref("Location/s1")}],
    }
    return resource("Encounter", "e1", **(base | fields))


def administration(**fields: Any) -> Resource:
    base = {
        "status": "completed",
        "medicationCodeableConcept": concept(NDC, "50458-028-02", "Spravato 56 mg dose kit"),
        "subject": ref("Patient/p1"),
        "context": ref("Encounter/e1"),
        "effectivePeriod": {"start": "2026-03-02T09:10:00-07:00", "end": "2026-03-02T09:20:00-07:00"},
        "dosage": {"route": concept(SNOMED, "46713006"), "dose": {"value": 56, "unit": "mg"}},
        "performer": [{"actor": {"identifier": {"system": NPI, "value": "1234567893"}}}],
    }
    return resource("MedicationAdministration", "a1", **(base | fields))


def pressure(**fields: Any) -> Resource:
    base = {
        "status": "final",
        "code": concept(LOINC, "85354-9"),
        "subject": ref("Patient/p1"),
        "encounter": ref("Encounter/e1"),
        "effectiveDateTime": "2026-03-02T09:05:00-07:00",
        "component": [
            {"code": concept(LOINC, "8480-6"), "valueQuantity": {"value": 128, "unit": "mmHg"}},
            {"code": concept(LOINC, "8462-4"), "valueQuantity": {"value": 82.5, "unit": "mmHg"}},
        ],
    }
    return resource("Observation", "o1", **(base | fields))


def score(**fields: Any) -> Resource:
    base = {
        "status": "final",
        "code": concept(LOINC, "44261-6"),
        "subject": ref("Patient/p1"),
        "effectiveDateTime": "2026-03-02T08:55:00-07:00",
        "valueQuantity": {"value": 17},
    }
    return resource("Observation", "o2", **(base | fields))


def answers(**fields: Any) -> Resource:
    base = {
        "status": "completed",
        "questionnaire": "https://example.org/Questionnaire/GAD-7",
        "subject": ref("Patient/p1"),
        "authored": "2026-03-02T08:50:00-07:00",
        "item": [
            {
                "linkId": "g",
                "item": [{"linkId": "1", "text": "Feeling nervous", "answer": [{"valueInteger": 2}]}],
            },
            {"linkId": "t", "text": "Total score", "answer": [{"valueInteger": 11}]},
        ],
    }
    return resource("QuestionnaireResponse", "q1", **(base | fields))


def coverage(**fields: Any) -> Resource:
    base = {
        "status": "active",
        "type": concept("https://nahdo.org/sopt", "11"),
        "subscriberId": "M-7",
        "beneficiary": ref("Patient/p1"),
        "payor": [{"reference": "Organization/pay1", "display": "Aetna"}],
        "class": [{"type": {"coding": [{"code": "group"}]}, "value": "G-9"}],
        "period": {"start": "2026-01-01"},
        "order": 1,
    }
    return resource("Coverage", "c1", **(base | fields))


def authorisation(**fields: Any) -> Resource:
    period = {"start": "2026-02-01", "end": "2026-07-31"}
    base = {
        "status": "active",
        "use": "preauthorization",
        "patient": ref("Patient/p1"),
        "created": "2026-01-28T15:00:00-07:00",
        "insurer": {"display": "Aetna"},
        "request": ref("Claim/r1"),
        "outcome": "complete",
        "preAuthRef": "PA-77",
        "preAuthPeriod": period,
        "addItem": [
            {
                "productOrService": concept(
                    "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", "J0013", "Esketamine per mg"
                ),
                "quantity": {"value": 672, "unit": "unit"},
            }
        ],
    }
    return resource("ClaimResponse", "pa1", **(base | fields))


def practitioner(**fields: Any) -> Resource:
    base = {
        "identifier": [{"system": NPI, "value": "1234567893"}],
        "name": [{"family": "Render", "given": ["Dana"], "suffix": ["MD"]}],
        "qualification": [
            {"code": {"text": "MD"}, "identifier": [{"value": "DR.0042"}], "period": {"start": "2015-06-01"}}
        ],
    }
    return resource("Practitioner", "d1", **(base | fields))


def practice() -> list[Resource]:
    """One of everything that is mapped, and one that is not."""
    return [
        patient(),
        coverage(),
        practitioner(),
        resource("PractitionerRole", "pr1", practitioner=ref("Practitioner/d1")),
        resource("Organization", "pay1", name="Aetna"),
        resource("Location", "s1", address={"state": "CO"}),
        resource("Medication", "m1", code=concept(RXNORM, "6130", "ketamine")),
        encounter(),
        administration(),
        pressure(),
        score(),
        answers(),
        resource(
            "MedicationRequest",
            "mr1",
            status="completed",
            intent="order",
            subject=ref("Patient/p1"),
            authoredOn="2025-01-05",
            medicationCodeableConcept={"text": "sertraline 100 MG Oral Tablet"},
            dosageInstruction=[{"doseAndRate": [{"doseQuantity": {"value": 0.2, "unit": "g"}}]}],
        ),
        resource(
            "Condition",
            "dx1",
            clinicalStatus={"coding": [{"code": "active"}]},
            code={"coding": [{"system": SNOMED, "code": "370143000"}, {"system": ICD, "code": "f33.2"}]},
            subject=ref("Patient/p1"),
            onsetDateTime="2024-05",
            recordedDate="2026-03-02",
        ),
        authorisation(),
        resource("Immunization", "im1", patient=ref("Patient/p1")),
    ]


def ndjson(resources: Iterable[Resource]) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in resources)


@dataclass
class Reading:
    report: InputReport
    batches: dict[str, list[pa.RecordBatch]] = field(default_factory=dict)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Rows without empty columns."""
        return [
            {name: value for name, value in row.items() if value is not None}
            for batch in self.batches.get(table, [])
            for row in batch.to_pylist()
        ]

    def row(self, table: str) -> dict[str, Any]:
        (found,) = self.rows(table)
        return found

    @property
    def codes(self) -> set[str]:
        return {issue.code for issue in self.report.issues}

    def account(self) -> tuple[int, int, int]:
        """(mapped, kept, quarantined) as the report says it."""
        (issue,) = [one for one in self.report.issues if one.code == "FHIR_RESOURCES"]
        words = issue.message.replace(",", "").split()
        return tuple(int(words[words.index(word) - 1]) for word in ("mapped", "kept", "quarantined."))  # type: ignore


def read_bytes(path: Path, content: bytes, **context: Any) -> Reading:
    path.write_bytes(content)
    batches: dict[str, list[pa.RecordBatch]] = {}
    given = {"clinic_id": "C1", "exported_at": "2026-04-01T00:00:00+00:00"} | context
    report = read_fhir(
        path,
        ReadContext(file_sha256="a" * 64, commit_id="c1", **given),
        lambda table, batch: batches.setdefault(table, []).append(batch),
    )
    pushed = {table: sum(batch.num_rows for batch in found) for table, found in batches.items()}
    assert pushed == dict(report.rows)
    return Reading(report, batches)
