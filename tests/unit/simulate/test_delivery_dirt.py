"""The simulator's dirt: lossless forms can be undone by hand, lossy ones are told with their outcome."""

import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from delivery_support import landed, report, resources
from hypothesis import given
from hypothesis import strategies as st
from simulate_support import Simulation, read_csv

from ketaclaims.simulate.delivery.dirty_forms import DirtyForms
from ketaclaims.simulate.delivery.forms import Forms
from ketaclaims.simulate.run import simulate

SHARE = 0.5
seeds = st.integers(0, 10_000)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    root = tmp_path_factory.mktemp("clean")
    simulate(root, clinics=1, months=1, seed=5, delivery="vendor")
    return Simulation(root)


@pytest.fixture(scope="module")
def dirty(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    root = tmp_path_factory.mktemp("dirty")
    simulate(root, clinics=1, months=1, seed=5, delivery="vendor", dirt=SHARE)
    return Simulation(root)


def always(seed: int) -> DirtyForms:
    return DirtyForms(Random(seed), 1.0)


@given(seeds, st.decimals(-9999, 9999, places=2))
def test_dirty_money_is_the_same_money(seed: int, amount: Decimal) -> None:
    text = always(seed).money(amount)
    negative = text.startswith(("(", "-"))
    assert (-1 if negative else 1) * Decimal(re.sub(r"[^0-9.]", "", text)) == amount
    assert Forms().money(amount) != text


@given(seeds, st.sampled_from([56, 84, 28]), st.integers(50, 110))
def test_dirty_doses_are_the_same_dose(seed: int, dose: int, weight: int) -> None:
    written = always(seed).dose(Decimal(dose), Decimal(weight))
    text = written.lower()
    number = Decimal(re.match(r"[0-9.]+", text).group())
    if "mg/kg" in text:
        number *= weight
    assert number == dose and "mg" in text and written != f"{dose} mg"
    devices = re.search(r"\((\d) devices\)", text)
    assert devices is None or int(devices.group(1)) * 28 == dose


@given(seeds, st.sampled_from(["50458002802", "00409205105", "12345678901"]))
def test_dirty_ndcs_can_be_padded_back(seed: int, ndc: str) -> None:
    parts = always(seed).ndc(ndc).split("-")
    widths = (5, 4, 2) if len(parts) == 3 else (11,)
    assert "".join(part.zfill(width) for part, width in zip(parts, widths, strict=True)) == ndc


@given(seeds, st.sampled_from(["F33.2", "R45.851", "F42"]), st.sampled_from(["99214", "J0013", "00104"]))
def test_dirty_codes_can_be_read_back(seed: int, dx: str, code: str) -> None:
    forms = always(seed)
    said = re.split(r"\s", forms.diagnosis(dx))[0].upper().replace(".", "")
    assert said == dx.replace(".", "")
    procedure = re.sub(r"\.0$", "", forms.code(code)).replace(" ", "").upper()
    assert procedure.zfill(5) == code


def rows_of(simulation: Simulation, name: str) -> list[dict[str, str]]:
    return [row for path in landed(simulation.root, f"{name}_2025-11*.csv") for row in report(path)]


def test_no_row_is_lost_and_what_is_added_is_told_or_is_no_data(clean: Simulation, dirty: Simulation) -> None:
    told = dirty.truth("dirt")
    assert {row["outcome"] for row in told} == {"left_out"}
    for name, key in (
        ("sessions", "Administration ID"),
        ("charges", "Line Control Number"),
        ("insurances", "id"),
    ):
        wanted = {row[key] for row in rows_of(clean, name)}
        rows = rows_of(dirty, name)
        assert {row[key] for row in rows} - {"", "ZZTEST"} == wanted
        tests = sum(row[key] == "ZZTEST" for row in rows)
        assert tests == sum(row["file"].startswith(name) for row in told)
        assert len(rows) > len(wanted)  # some were exported twice
        notes = [row for row in rows if not row[key]]
        assert all(next(iter(row.values())).startswith(("Total", "Report generated")) for row in notes)
    assert (
        len({path.read_bytes()[:2] for path in landed(dirty.root, "*.csv")}) > 2
    )  # marks and encodings differ
    assert {path.name for path in landed(dirty.root, "*_late.csv")} >= {"sessions_2025-11_late.csv"}


def test_each_ruined_value_stands_where_the_truth_says(clean: Simulation, tmp_path: Path) -> None:
    simulate(tmp_path, clinics=1, months=1, seed=5, delivery="vendor", lossy_dirt=0.05)
    ruined = Simulation(tmp_path)
    told = ruined.truth("dirt")
    assert Counter(row["file"] for row in told).most_common(1)[0][1] == 5  # not more a file
    assert {row["outcome"] for row in told} == {"quarantined"} and all(row["reason"] for row in told)
    for file in {row["file"] for row in told}:
        (path,) = landed(tmp_path, file)
        (before,) = landed(clean.root, file)
        expected = report(before)
        for row in (row for row in told if row["file"] == file):
            at, column = int(row["row_number"]) - 2, row["column"]
            got = report(path)[at]
            assert got[column] != expected[at][column]
            expected[at] = {**expected[at], column: got[column]}
        assert report(path) == expected


def test_clean_deliveries_tell_no_dirt(clean: Simulation) -> None:
    assert clean.truth("dirt") == []


def test_canonical_files_keep_their_cells_under_any_style(tmp_path: Path) -> None:
    for name, dirt in (("plain", 0.0), ("styled", SHARE)):
        simulate(tmp_path / name, clinics=1, months=1, seed=5, dirt=dirt)
    plain, styled = (tmp_path / name / "landing" / "ehr" / "clinic_01" for name in ("plain", "styled"))
    assert {p.name for p in plain.iterdir()} == {p.name for p in styled.iterdir()}
    for path in plain.iterdir():
        cells = {tuple(row.values()) for row in read_csv(path)}
        assert {tuple(row.values()) for row in report(styled / path.name)} == cells
    assert any(p.read_bytes() != (plain / p.name).read_bytes() for p in styled.iterdir())


def test_fhir_and_837_come_twice_at_times(tmp_path: Path) -> None:
    simulate(tmp_path, clinics=1, months=1, seed=5, delivery="fhir", dirt=SHARE)
    items = resources(tmp_path)["Observation"]
    assert len(items) > len({item["id"] for item in items})
    files = landed(tmp_path, "*.837")
    again = [path for path in files if path.stem.endswith("_again")]
    assert again and all(
        path.read_bytes() == path.with_stem(path.stem.removesuffix("_again")).read_bytes() for path in again
    )
