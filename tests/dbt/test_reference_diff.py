"""What a table would change is said before it is taken in: counts for all, claims in private files only."""

import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import duckdb
import pytest
from chart_rows import claim, coverage, line, site
from conftest import MakeWarehouse
from tiny_raw import File

from ketaclaims.errors import KetaclaimsError
from ketaclaims.reference import diff, lookup
from ketaclaims.reference.pending import given
from ketaclaims.settings import Settings

IN_SEED, IN_2026, LATER = date(2024, 8, 20), date(2026, 8, 20), date(2027, 1, 5)
BUILT = (
    "+fct_claims",
    "+int_ehr__claim_diagnoses",
    "+int_reference__reason_codes",
    "+int_reference__ptp_pairs",
    "+int_reference__mues",
)
HEADER = (
    "Column 1\tColumn 2\t*=in existence prior to 1996\tEffective Date\tDeletion Date *=no data\t"
    "Modifier 0=not allowed 1=allowed 9=not applicable\tPTP Edit Rationale\n"
)
PAIRS = (
    "96365\t96372\t\t20090101\t*\t0\tr\n"  # 1 in the seed
    "96365\t96360\t\t20090101\t*\t1\tr\n"  # as in the seed
    "96365\t96127\t\t20260701\t*\t0\tr\n"  # new
    "96365\t96374\t\t20090101\t20260630\t1\tr\n"  # ended the day before the quarter
    "11111\t22222\t\t20090101\t*\t0\tr\n"  # of codes nobody here knows
)
MUES = (
    "HCPCS/CPT Code,Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale\n"
    "96127,4,3 Date of Service Edit: Clinical,r\n96372,4,3 Date of Service Edit: Clinical,r\n"
)
ORDER = "".join(
    f"{number:05d} {code:<7} {flag} text\n"
    for number, (code, flag) in enumerate([("F331", 1), ("F332", 0), ("F334", 0)], start=1)
)


def claims(*days: tuple[str, date]) -> File:
    return File(
        "ehr",
        {
            "site": [site()],
            "patient": [{"clinic_id": "c1", "patient_id": "p1"}],
            "coverage": [coverage("p1")],
            "claim": [claim(number) for number, _ in days],
            "claim_line": [
                line(number, at, code, "1", dos_from=on, dos_to=on, encounter_id=None)
                for number, on in days
                for at, code in enumerate(("96365", "96372", "96127"), start=1)
            ],
        },
        1,
    )


@pytest.fixture(scope="module")
def settings(make_warehouse: MakeWarehouse, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = make_warehouse("diff")
    made.raw.commit(claims(("SECRET1", IN_SEED), ("SECRET2", IN_2026), ("SECRET3", LATER)))
    made.run("run", "--select", *BUILT, "--exclude", "resource_type:seed")
    with duckdb.connect(str(made.file)) as connection:
        connection.execute("checkpoint")
    found = Settings(data_root=tmp_path_factory.mktemp("diff_root"))
    found.warehouse_file.parent.mkdir(parents=True)
    shutil.copyfile(made.file, found.warehouse_file)
    return found


def compared(settings: Settings, folder: Path, **files: str) -> diff.Diff:
    paths = []
    for name, text in files.items():
        paths.append(folder / f"{name.replace('_', '-')}.txt")
        paths[-1].write_text(text)
    with given(settings, paths) as inputs:
        return diff.compare(settings, inputs)


def test_pairs_and_the_open_claims_whose_days_the_release_will_answer(
    settings: Settings, tmp_path: Path
) -> None:
    found = compared(settings, tmp_path, ccipra_v322r0_f1=HEADER + PAIRS)
    changes = {(row[3], row[2]): row[1] for row in found.changes.rows}
    assert changes[("96365", "96372")] == "indicator_changed"
    assert changes[("96365", "96127")] == "added"
    assert changes[("96365", "96374")] == "ended"
    assert ("96365", "96360") not in changes
    assert ("11111", "22222") not in changes
    touched = Counter(row[1] for row in found.open_claims.rows)
    assert touched == {"SECRET2": 2, "SECRET3": 2}  # the changed and the new pair; 2024 keeps its own table
    assert found.open_claim_count == 2
    diff.write(found, tmp_path / "out")
    assert "SECRET" not in (tmp_path / "out" / "changes.csv").read_text()
    private = tmp_path / "out" / "open_claims.csv"
    assert private.read_text().count("SECRET2") == 2
    assert private.stat().st_mode & 0o077 == 0


def test_limits_changed_by_a_release_of_its_own(settings: Settings, tmp_path: Path) -> None:
    found = compared(settings, tmp_path, mue=f"Release: 2026-07-01\n{MUES}")
    rows = {row[2]: (row[1], row[4], row[5]) for row in found.changes.rows}
    assert rows["96127"] == ("limit_changed", "3 MAI 3", "4 MAI 3")
    assert rows["G2082"] == ("ended", "1 MAI 2", None)
    assert "96372" not in rows
    assert {row[1] for row in found.open_claims.rows if row[5] == "96127"} == {"SECRET2", "SECRET3"}


def test_a_diagnosis_that_is_a_header_from_a_fiscal_year_on(settings: Settings, tmp_path: Path) -> None:
    found = compared(settings, tmp_path, icd10cm_order_2027=ORDER)
    assert ("ended", "F33.2") in {(row[1], row[2]) for row in found.changes.rows}
    assert "F33.1" not in {row[2] for row in found.changes.rows}
    assert {row[1] for row in found.open_claims.rows} == {"SECRET3"}  # FY2027 begins on 2026-10-01


def test_what_is_refused_is_counted_and_what_is_no_table_is_named(settings: Settings, tmp_path: Path) -> None:
    assert compared(settings, tmp_path, mue=MUES).refused == ("RELEASE_UNKNOWN",)
    with pytest.raises(KetaclaimsError, match="NO_REFERENCE_TABLE"):
        compared(settings, tmp_path, letter="Dear Sir")


def test_a_code_on_a_day(settings: Settings) -> None:
    def on(code: str, day: date) -> list[object]:
        return [row[3] for row in lookup.code(settings, code, day).rows]

    assert on("s0013", date(2025, 12, 31)) == ["valid"]
    assert on("S0013", date(2026, 1, 1)) == ["not valid"]
    assert on("F32A", date(2021, 9, 30)) == ["not valid"]
    assert on("45", date(2026, 1, 1)) == ["active"]
    assert on("ZZZZZ", date(2026, 1, 1)) == []


def test_releases_say_how_many_lines_they_answer_for_want_of_another(settings: Settings) -> None:
    rows = {row[0]: row[5:] for row in lookup.releases(settings).rows}
    assert rows["ptp_practitioner"] == (9, 6)
