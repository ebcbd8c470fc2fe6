"""Contract file, profiles, and the generated document stay in step."""

from importlib import resources
from pathlib import Path

import pytest
import yaml

from ketaclaims.ehr.data_contract import data_contract
from ketaclaims.ehr.profile import Match, match_header
from ketaclaims.ehr.profile_build import parse_profile, profiles
from ketaclaims.ehr.schema import canonical_schemas, canonical_tables

ROOT = Path(__file__).parents[3]


def canonical_spec():
    file = resources.files("ketaclaims.ehr") / "profiles" / "canonical.yml"
    return yaml.safe_load(file.read_text())


def test_document_is_the_generated_one():
    assert (ROOT / "docs" / "data_contract.md").read_text() == data_contract(), (
        "run: python -m ketaclaims.ehr.data_contract > docs/data_contract.md"
    )


def test_keys_are_columns_and_begin_with_the_clinic():
    for table in canonical_tables().values():
        assert table.key[0] == "clinic_id"
        assert set(table.key) <= {c.name for c in table.columns}


def test_schema_lays_out_lineage_columns_and_offsets():
    names = canonical_schemas()["rems_form"].names
    assert names == [
        "_file_sha256",
        "_commit_id",
        "_row_number",
        "exported_at",
        "clinic_id",
        "encounter_id",
        "submitted_at",
        "submitted_at_utc_offset_minutes",
        "form_type",
        "source_system",
        "record_version",
        "is_deleted",
        "known_from",
        "known_from_utc_offset_minutes",
    ]


def test_the_tables_around_the_fourteen_are_there():
    around = {
        "benefit_check",
        "fee_schedule",
        "rems_form",
        "notice",
        "patient_payment",
        "appeal",
        "cash_sale",
    }
    assert around | {"superbill", "superbill_outcome", "session_documentation"} <= set(canonical_tables())


@pytest.mark.parametrize("name", list(canonical_tables()))
def test_no_table_is_taken_for_another(name):
    table = canonical_tables()[name]
    found = match_header([c.name for c in table.columns], profiles())
    assert isinstance(found, Match) and found.report.label == f"table {name}"
    needed_only = match_header(sorted(table.needed), profiles())
    assert isinstance(needed_only, Match) and needed_only.report.label == f"table {name}"


def test_a_header_of_two_tables_is_refused():
    tables = canonical_tables()
    found = match_header(sorted(tables["notice"].needed | tables["rems_form"].needed), profiles())
    assert not isinstance(found, Match)
    assert (found.code, found.message) == (
        "AMBIGUOUS_REPORT",
        "The header fits several tables equally: notice, rems_form.",
    )


@pytest.mark.parametrize(
    "change",
    [
        {"reports": "elsewhere"},
        {"upper_case": {"no_table": []}},
        {"upper_case": {"claim": ["no_column"]}},
        {"control_totals": {"claim": "no_column"}},
    ],
)
def test_a_wrong_profile_is_refused(change):
    assert parse_profile(canonical_spec()).version == "1"
    with pytest.raises(ValueError, match="profile canonical"):
        parse_profile(canonical_spec() | change)
