"""Master data as FHIR R4: organisations, the site, clinicians, patients and their coverages."""

from collections.abc import Iterator, Mapping, Sequence

from ketaclaims.simulate.delivery.fhir_codes import (
    Resource,
    codes,
    coding,
    concept,
    identifier,
    moment,
    period,
    reference,
    resource,
)
from ketaclaims.simulate.model import Clinic, Patient, Row
from ketaclaims.simulate.reference import Payer

Tables = Mapping[str, Sequence[Row]]


def organizations(clinic: Clinic, payers: Mapping[str, Payer]) -> Iterator[Resource]:
    """The clinic and its payers."""
    yield resource(
        "Organization",
        clinic.clinic_id,
        identifier=[identifier(clinic.npi, "npi"), identifier(clinic.clinic_id, text="clinic")],
        active=True,
        type=[concept("Healthcare Provider", coding("organization_type", "prov", "Healthcare Provider"))],
        name=clinic.name,
    )
    for payer in payers.values():
        yield resource(
            "Organization",
            payer.payer_id,
            identifier=[i for i in (identifier(payer.number, text="payer number"),) if i],
            active=True,
            type=[concept("Payer", coding("organization_type", "pay", "Payer"))],
            name=payer.name,
        )


def locations(clinic: Clinic, rows: Sequence[Row]) -> Iterator[Resource]:
    """Sites. FHIR has no home for REMS numbers and ownership."""
    for row in rows:
        place = str(row["pos_default"])
        yield resource(
            "Location",
            row["site_id"],
            extension=[{"url": codes()["timezone_extension"], "valueCode": str(row["timezone"])}],
            identifier=[identifier(row["npi"], "npi")],
            status="active",
            name=clinic.name,
            type=[concept("", coding("place_of_service", place))],
            address={"state": str(row["state"]), "country": "US"},
            managingOrganization=reference("Organization", clinic.clinic_id),
        )


def practitioners(rows: Sequence[Row]) -> Iterator[Resource]:
    """Clinicians under their NPI, with their degree; licences stay in the clinic's credential list."""
    for row in rows:
        npi, degree = str(row["npi"]), str(row["type"])
        family, _, given = str(row["name"]).partition(", ")
        yield resource(
            "Practitioner",
            npi,
            identifier=[identifier(npi, "npi")],
            active=True,
            name=[{"text": str(row["name"]), "family": family, "given": [given], "suffix": [degree]}],
            qualification=[{"code": concept(degree, coding("degree", degree))}],
        )


def practitioner_roles(clinic: Clinic, rows: Sequence[Row]) -> Iterator[Resource]:
    """What each clinician is at the clinic."""
    for row in rows:
        taxonomy = concept("", coding("nucc", str(row["taxonomy"])))
        yield resource(
            "PractitionerRole",
            f"R{row['npi']}",
            active=True,
            practitioner=reference("Practitioner", row["npi"], str(row["name"])),
            organization=reference("Organization", clinic.clinic_id),
            code=[concept(str(row["type"]))],
            specialty=[taxonomy],
            location=[reference("Location", clinic.site_id)],
        )


def patients(clinic: Clinic, rows: Sequence[Row], people: Mapping[str, Patient]) -> Iterator[Resource]:
    """Patients; a REMS number is an identifier like any other, told by its type alone."""
    for row in rows:
        person = people[str(row["patient_id"])]
        numbers = (
            identifier(row["patient_id"], text="MR"),
            identifier(row.get("rems_patient_id"), text="REMS"),
        )
        yield resource(
            "Patient",
            row["patient_id"],
            identifier=[number for number in numbers if number],
            active=True,
            name=[{"family": person.last_name, "given": [person.first_name]}],
            gender=codes()["genders"].get(str(row["sex"])),
            birthDate=moment(row["birth_date"]),
            deceasedDateTime=moment(row.get("deceased_on")),
            address=[{"state": str(row["state"]), "country": "US"}],
            managingOrganization=reference("Organization", clinic.clinic_id),
        )


def coverages(rows: Sequence[Row], payers: Mapping[str, Payer]) -> Iterator[Resource]:
    """Coverages with the payer, the line of business as type and the group as class."""
    for row in rows:
        payer = payers[str(row["payer_id"])]
        code, words = codes()["lines_of_business"][str(row["line_of_business"])]
        group = {"type": concept("", coding("coverage_class", "group")), "value": str(row["group_id"])}
        yield resource(
            "Coverage",
            row["coverage_id"],
            status="active",
            type=concept(words, coding("payment_typology", code, words)),
            subscriberId=row["member_id"],
            beneficiary=reference("Patient", row["patient_id"]),
            relationship=concept("", coding("relationship", "self")),
            period=period(row["eff_from"], row.get("eff_to")),
            payor=[reference("Organization", payer.payer_id, payer.name)],
            order=row["priority"],
            **({"class": [group]} if row["group_id"] else {}),
        )
