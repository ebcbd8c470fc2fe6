import pytest

from ketaclaims.landing.clinic import clinic_of


@pytest.mark.parametrize(
    ("landing_path", "member", "clinic"),
    [
        ("ehr/clinic=C7/Patient.ndjson", None, "C7"),
        ("clinic=C7/clinic=C8/Patient.ndjson", None, "C8"),
        ("clinic=C7/export.zip", "clinic=C9/Patient.ndjson", "C9"),
        ("clinic=C7/export.zip", "Patient.ndjson", "C7"),
        ("ehr/clinic=C7", None, None),  # a file's own name says nothing
        ("ehr/myclinic=C7/Patient.ndjson", None, None),
        ("ehr/clinic=C 7/Patient.ndjson", None, None),
        ("ehr/Patient.ndjson", None, None),
        (None, None, None),
    ],
)
def test_a_folder_names_the_clinic(landing_path: str | None, member: str | None, clinic: str | None) -> None:
    assert clinic_of(landing_path, member, None) == clinic
    assert clinic_of(landing_path, member, "main") == (clinic or "main")
