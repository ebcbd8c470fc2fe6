"""Profiles as files: what a wrong one is told, what the shipped ones promise, a user's own folder, drafts."""

import copy
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner
from vendor_rows import CHARGE, SESSION, csv_text

from ketaclaims.cli import app
from ketaclaims.ehr.profile import Match, match_header
from ketaclaims.ehr.profile_build import (
    all_profiles,
    canonical_profile,
    profiles,
    read_profile,
    shipped_specs,
)
from ketaclaims.ehr.profile_spec import HeaderSpec, ProfileSpec, ReportSpec, TableSpec, ValueSpec
from ketaclaims.ehr.propose import alike, propose
from ketaclaims.ehr.reasons import CELL_MESSAGES, PROFILE_MESSAGES
from ketaclaims.ehr.row_checks import FLAG_MESSAGES
from ketaclaims.ehr.schema import canonical_tables
from ketaclaims.errors import KetaclaimsError

SMALL = {
    "name": "mine",
    "version": "1",
    "title": "Mine",
    "source_system": "mine",
    "sources": {"seen": "an export of January 2026"},
    "dates": ["DD.MM.YYYY"],
    "numbers": {"decimal": ",", "thousands": ".", "currency": ["EUR"]},
    "reports": [
        {
            "name": "paid",
            "title": "Paid",
            "source": "seen",
            "headers": {
                "No": {"mark": "confirmed"},
                "Patient": {"mark": "confirmed"},
                "Day": {"mark": "confirmed"},
                "Sum": {"mark": "assumed"},
            },
            "tables": [
                {
                    "table": "patient_payment",
                    "columns": {
                        "clinic_id": {"setting": "clinic_id"},
                        "payment_id": "No",
                        "patient_id": "Patient",
                        "paid_on": "Day",
                        "amount": "Sum",
                        "kind": {"constant": "balance"},
                    },
                }
            ],
        }
    ],
}


def changed(path: str, value) -> str:
    """SMALL with one key replaced; None removes it."""
    spec = copy.deepcopy(SMALL)
    *parents, last = [int(key) if key.isdigit() else key for key in path.split(".")]
    at = spec
    for key in parents:
        at = at[key]
    if value is None:
        del at[last]
    else:
        at[last] = value
    return yaml.safe_dump(spec)


TABLE = "reports.0.tables.0"


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("version", None, "version: Field required"),
        ("colour", "red", "colour: Extra inputs"),
        ("dates", ["DD.MM"], "dates.0: Value error, form 'DD.MM' needs year, month and day"),
        ("dates", ["DD.MM.YY"], "a form with YY needs first_year"),
        ("time_zone", "Boston", "neither `site` nor an IANA time zone"),
        ("numbers", {"decimal": ",", "thousands": ","}, "decimal and thousands are the same"),
        ("reports.0.headers.Day.mark", "guessed", "reports.0.headers.Day.mark: Input should be"),
        (
            "reports.0.headers.Day.source",
            "hearsay",
            "reports.paid.headers.Day.source: no such key of sources",
        ),
        (
            "reports.0.headers.Memo",
            {"mark": "assumed"},
            "headers.Memo.unused: a column no table reads says why",
        ),
        ("reports.0.headers.Sum.also", ["Day"], "headers: named twice: day"),
        ("reports.0.left_out", ["("], "reports.0.left_out.0: Value error, not a regular expression"),
        (f"{TABLE}.table", "payments", "tables.payments.table: no such canonical table"),
        (f"{TABLE}.columns.amnt", "Sum", "columns.amnt: no such column of table patient_payment"),
        (f"{TABLE}.columns.method", "Way", "headers: 'Way' is used but not listed"),
        (
            f"{TABLE}.columns.payment_id",
            None,
            "columns.payment_id: required by table patient_payment, but not mapped",
        ),
        (f"{TABLE}.columns.amount", {"from": "Sum", "part": 2}, "part goes with as:"),
        (f"{TABLE}.columns.amount", {"from": "Sum", "constant": "1"}, "exactly one of from, join, constant"),
        (f"{TABLE}.columns.method", {"from": "Sum", "as": "code"}, "as: code and width belong together"),
        (f"{TABLE}.only_if", "method", "only_if: column method is not mapped"),
        ("reports.0.headers.No.optional", True, "required, but its column 'No' is optional"),
    ],
)
def test_a_wrong_profile_is_told_by_file_and_key(path, value, said):
    with pytest.raises(KetaclaimsError) as told:
        read_profile(changed(path, value), "mine.yml")
    assert told.value.code == "BAD_PROFILE"
    assert told.value.where == "profile mine.yml"
    assert said in told.value.cause


def test_a_file_that_is_no_yaml_is_told_by_its_line():
    with pytest.raises(KetaclaimsError, match=r"BAD_PROFILE: profile mine.yml: line 2: not YAML"):
        read_profile("name: mine\n  version: [", "mine.yml")


def test_any_edit_is_a_new_version_and_a_comment_is_none():
    text = yaml.safe_dump(SMALL)
    version = read_profile(text, "m").version
    assert version == read_profile("# a comment\n" + text, "m").version
    assert version.startswith("1+") and version != read_profile(changed("dates", ["MM/DD/YYYY"]), "m").version


def test_every_shipped_column_is_marked_and_has_a_source():
    for spec in shipped_specs():
        for report in spec.reports:
            for name, header in report.headers.items():
                assert (header.source or report.source) in spec.sources, (spec.name, report.name, name)
                free = any(word in name.lower() for word in ("note", "comment", "reason", "patient name"))
                if free and name not in ("Note ID", "Line Note", "clinical_note_id"):
                    assert header.unused, f"{spec.name}: {name} is free text or a name, and stored"


def test_no_shipped_report_is_taken_for_another():
    for profile in profiles():
        for report in profile.reports:
            for header in (sorted(report.needed), sorted(set(report.columns.values()))):
                found = match_header(header, profiles())
                assert isinstance(found, Match), (profile.name, report.label, found)
                assert (found.profile.name, found.report.label) == (profile.name, report.label)


def test_a_profile_of_ones_own_reads_its_reports(read, tmp_path):
    text = "No;Patient;Day;Sum\n1;P1;05.02.2026;1.290,00 EUR\n2;P2;13.02.2026;x\n"
    assert read(text, clinic_id="c1").codes == ["UNKNOWN_REPORT"]
    own = tmp_path / "own"
    own.mkdir()
    (own / "mine.yml").write_text(yaml.safe_dump(SMALL))
    reading = read(text, clinic_id="c1", profiles_dir=own)
    assert (reading.report.profile, reading.report.control_totals_cents) == ("mine", {"amount": 129_000})
    assert str(reading.rows("patient_payment")[0]["paid_on"]) == "2026-02-05"
    assert reading.bad == [(3, "amount", "BAD_AMOUNT")]


def test_a_folder_of_ones_own_must_exist_and_not_take_a_shipped_name(tmp_path):
    with pytest.raises(KetaclaimsError, match="PROFILES_MISSING"):
        all_profiles(tmp_path / "absent")
    (tmp_path / "mine.yml").write_text(changed("name", "tebra"))
    with pytest.raises(KetaclaimsError, match="tebra: name: another profile has this name"):
        all_profiles(tmp_path)


def test_the_canonical_profile_stays_as_versioned():
    assert canonical_profile().version == "1"
    assert len(canonical_profile().reports) == len(canonical_tables())


RENAMED = {"Claim ID": "Claim Number", "Line": "Line No", "Procedure Code": "CPT", "Total Charges": "Charges"}


def unknown_report() -> str:
    base = {RENAMED.get(name, name): value for name, value in CHARGE.items()}
    return csv_text(base | {"Balance": "0"}, {})


def test_a_proposal_names_what_matches_what_is_alike_and_what_is_missing(tmp_path):
    source = tmp_path / "x"
    source.write_text("Some title\n" + unknown_report())
    found = propose(source)
    assert (found.is_known, found.profile.name, found.report.label) == (False, "tebra", "report charges")
    assert found.suggested["cpt"] == "procedure code" and found.suggested["charges"] == "total charges"
    assert "balance" in found.unmapped
    assert set(found.missing) | set(found.suggested.values()) == {
        "claim id",
        "line",
        "procedure code",
        "total charges",
    }


def test_a_draft_once_completed_reads_the_report(read, tmp_path):
    source, out = tmp_path / "x.csv", tmp_path / "own" / "clinic_7.yml"
    out.parent.mkdir()
    source.write_text(unknown_report())
    result = CliRunner().invoke(app, ["ehr", "profile", str(source), "--write", str(out)])
    assert result.exit_code == 0 and "missing" in result.output and "P1" not in result.output
    text = out.read_text()
    assert "# No column found for: claim id." in text
    spec = yaml.safe_load(text)
    headers = spec["reports"][0]["headers"]
    headers["Claim ID"]["also"] = ["Claim Number"]  # what the comment asks a person to do
    del headers["Claim Number"]
    out.write_text(yaml.safe_dump(spec, sort_keys=False))
    reading = read(source.read_text(), clinic_id="c1", profiles_dir=out.parent)
    assert (reading.report.profile, reading.report.status) == ("clinic_7", "clean")
    assert reading.rows("claim_line") == read(csv_text(CHARGE, {}), clinic_id="c1").rows("claim_line")
    again = CliRunner().invoke(app, ["ehr", "profile", str(source), "--write", str(out)])
    assert again.exit_code == 2 and "FILE_EXISTS" in again.output


def test_a_known_report_is_named(tmp_path):
    source = tmp_path / "x.csv"
    source.write_text(csv_text(SESSION, {}))
    result = CliRunner().invoke(app, ["ehr", "profile", str(source)])
    assert result.exit_code == 0
    assert "Read by profile osmind, report sessions." in result.output and "ZZCANARY" not in result.output


def test_the_guide_names_every_profile_key_and_reason():
    guide = (Path(__file__).parents[3] / "docs" / "ehr_profiles.md").read_text()
    keys = {
        field.alias or name
        for spec in (ProfileSpec, ReportSpec, TableSpec, ValueSpec, HeaderSpec)
        for name, field in spec.model_fields.items()
    }
    known = {
        *keys,
        *PROFILE_MESSAGES,
        *CELL_MESSAGES,
        *FLAG_MESSAGES,
        *(spec.name for spec in shipped_specs()),
    }
    assert sorted(word for word in known if word not in guide) == []


def test_a_header_of_a_canonical_table_in_other_words_drafts_that_table(tmp_path):
    source, out = tmp_path / "x.csv", tmp_path / "deposits.yml"
    source.write_text("Clinic ID,Deposit No,Deposited On,Amount USD,Trace Number\n")
    result = CliRunner().invoke(app, ["ehr", "profile", str(source), "--write", str(out)])
    assert result.exit_code == 0, result.output
    assert read_profile(out.read_text(), "deposits.yml").reports[0].outputs[0].table.name == "bank_deposit"


@pytest.mark.parametrize("content", ["ZZCANARY,Zelda,1980-01-01\n", "Doe,Jane\nRoe,Ann\n", ""])
def test_a_first_row_that_may_be_data_is_not_shown(tmp_path, content):
    source = tmp_path / "x.csv"
    source.write_text(content)
    result = CliRunner().invoke(app, ["ehr", "profile", str(source)])
    assert result.exit_code == 2
    assert not any(name in result.output for name in ("ZZCANARY", "Doe", "Ann"))


@pytest.mark.parametrize(
    ("first", "second", "is_alike"),
    [
        ("Dx 1", "Diagnosis 1", True),
        ("DOS", "Service Date", True),
        ("Dx 1", "Diagnosis 2", False),
        ("#", "", False),
    ],
)
def test_likeness_of_names(first, second, is_alike):
    assert (alike(first, second) >= 0.9) == is_alike
