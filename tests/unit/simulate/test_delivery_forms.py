"""Vendor reports, FHIR and PA spreadsheet of the simulator, beside the canonical CSV of the same practice."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from delivery_support import landed, report, resources, sheet
from simulate_support import Simulation

from ketaclaims.simulate.delivery.workbook import column_name, write_workbook
from ketaclaims.simulate.run import extra_day, simulate

CLINIC = "clinic_01"


def practice(folder: Path, delivery: str, **more: float) -> Simulation:
    simulate(folder, clinics=1, months=1, seed=5, delivery=delivery, **more)
    return Simulation(folder)


@pytest.fixture(scope="module")
def canonical(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    return practice(tmp_path_factory.mktemp("canonical"), "canonical")


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    return practice(tmp_path_factory.mktemp("vendor"), "vendor")


@pytest.fixture(scope="module")
def fhir(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    return practice(tmp_path_factory.mktemp("fhir"), "fhir")


def one_report(simulation: Simulation, name: str) -> list[dict[str, str]]:
    (path,) = landed(simulation.root, f"{name}_2025-11.csv")
    return report(path)


def us_day(iso: str) -> str:
    return f"{datetime.fromisoformat(iso):%m/%d/%Y}"


def us_clock(iso: str) -> str:
    return f"{datetime.fromisoformat(iso):%m/%d/%Y %I:%M %p}" if iso else ""


def test_the_truth_and_the_remits_are_the_same_in_every_delivery(
    canonical: Simulation, vendor: Simulation, fhir: Simulation
) -> None:
    for other in (vendor, fhir):
        assert other.remits == canonical.remits
        for name in ("findings", "defects", "near_misses", "payments", "claims"):
            assert other.truth(name) == canonical.truth(name)


def test_each_drug_given_is_one_row_of_the_session_report(canonical: Simulation, vendor: Simulation) -> None:
    given = canonical.exports(CLINIC, "administration")
    rows = {row["Administration ID"]: row for row in one_report(vendor, "sessions")}
    assert rows.keys() == {row["administration_id"] for row in given}
    for want in given:
        got = rows[want["administration_id"]]
        dose = f"{want['dose_mg']} mg" if want["dose_mg"] else ""
        assert (got["Session ID"], got["Dose"]) == (want["encounter_id"], dose)
        assert got["NDC"].replace("-", "") == want["ndc11"] and got["NDC"].count("-") == 2
        for header, column in (
            ("Dose Start", "start_at"),
            ("Dose End", "stop_at"),
            ("Last Device Time", "last_device_at"),
            ("Discharge Time", "discharged_at"),
        ):
            assert got[header] == us_clock(want[column])
        error = got["Administration Status"] == "Entered in Error"
        assert error == (want["status"] == "entered_in_error")


def test_every_encounter_and_observation_is_told_exactly_once(
    canonical: Simulation, vendor: Simulation
) -> None:
    sessions = one_report(vendor, "sessions")
    visits = {row["Session ID"] for row in sessions}
    others = {row["encounter_id"] for row in one_report(vendor, "encounter")}
    assert visits.isdisjoint(others)
    assert visits | others == {row["encounter_id"] for row in canonical.exports(CLINIC, "encounter")}
    pressures = sum(bool(row[place]) for row in sessions for place in ("Pre BP", "40 Min BP", "Discharge BP"))
    points = ("PHQ-9 Score", "GAD-7 Score", "Pre HR", "Pre SpO2", "Sedation Score", "Dissociation Score")
    scores = sum(bool(row[name]) for row in sessions for name in points)
    left = one_report(vendor, "observation")
    assert pressures + scores + len(left) == len(canonical.exports(CLINIC, "observation"))
    assert pressures > 0 and scores > 0


def test_charges_add_up_and_show_the_claim_on_each_line(canonical: Simulation, vendor: Simulation) -> None:
    claims = {(r["claim_id"], r["version"]): r for r in canonical.exports(CLINIC, "claim")}
    lines = canonical.exports(CLINIC, "claim_line")
    rows = one_report(vendor, "charges")
    assert len(rows) == len(lines)

    def dollars(text: str) -> Decimal:
        return Decimal(text.replace("$", "").replace(",", ""))

    assert sum(dollars(row["Total Charges"]) for row in rows) == sum(Decimal(row["charge"]) for row in lines)
    words = {
        "draft": "Drafted",
        "submitted": "Billed",
        "paid": "Settled",
        "denied": "Denied",
        "replaced": "Replaced",
    }
    for row in rows:
        claim = claims[row["Claim ID"], row["Claim Version"]]
        assert dollars(row["Claim Total"]) == Decimal(claim["total_charge"])
        assert row["Claim Status"] == words[claim["status"]]
        assert row["Created Date"] == us_day(claim["created_at"])
        assert [row[f"Diagnosis {n}"] for n in range(1, 5)] == [claim[f"dx{n}"] for n in range(1, 5)]


def test_people_who_need_rems_numbers_stay_in_canonical_csv(
    canonical: Simulation, vendor: Simulation
) -> None:
    patients = {row["patient_id"]: row for row in canonical.exports(CLINIC, "patient")}
    plain = {row["id"]: row for row in one_report(vendor, "demographics")}
    enrolled = {row["patient_id"]: row for row in one_report(vendor, "patient")}
    assert plain.keys() == {key for key, row in patients.items() if not row["rems_patient_id"]}
    assert enrolled == {key: row for key, row in patients.items() if row["rems_patient_id"]}
    assert all(row["date_of_birth"] == us_day(patients[key]["birth_date"]) for key, row in plain.items())


def test_the_pa_spreadsheet_shows_each_request_as_it_stands(
    canonical: Simulation, vendor: Simulation
) -> None:
    (path,) = landed(vendor.root, "pa_tracker_2025-11.xlsx")
    newest = {row["pa_id"]: row for row in canonical.exports(CLINIC, "prior_auth")}
    rows = {row["PA ID"]: row for row in sheet(path)}
    assert rows.keys() == newest.keys()
    for pa_id, want in newest.items():
        got = rows[pa_id]
        assert (got["Version"], got["Auth Number"]) == (want["version"], want["pa_number"])
        assert got["Codes"].split(", ") == want["codes"].split(";")
        assert got["Units Approved"] == want["units_approved"]
    # pandas reads the same, dates as dates
    frame = pd.read_excel(path, dtype={"PA ID": str})
    frame = frame[frame["Valid To"].notna()]
    days = dict(zip(frame["PA ID"], frame["Valid To"].dt.date.astype(str), strict=True))
    assert days == {key: row["valid_to"] for key, row in newest.items() if row["valid_to"]}


def test_fhir_resources_have_unique_ids_and_whole_references(fhir: Simulation) -> None:
    found = resources(fhir.root)
    ids = {(kind, item["id"]) for kind, items in found.items() for item in items}
    assert len(ids) == sum(map(len, found.values()))
    assert all(item["resourceType"] == kind for kind, items in found.items() for item in items)

    def references(node: object) -> set[tuple[str, ...]]:
        if isinstance(node, list):
            return set().union(*map(references, node)) if node else set()
        if not isinstance(node, dict):
            return set()
        own = {tuple(node["reference"].split("/"))} if isinstance(node.get("reference"), str) else set()
        return own.union(*map(references, node.values()))

    def empty(node: object) -> bool:
        children = node if isinstance(node, list) else node.values() if isinstance(node, dict) else ()
        return node in (None, "", [], {}) or any(map(empty, children))

    assert references(list(found.values())) <= ids
    assert not empty(list(found.values()))


def test_fhir_says_what_the_canonical_exports_say(canonical: Simulation, fhir: Simulation) -> None:
    found = {kind: {item["id"]: item for item in items} for kind, items in resources(fhir.root).items()}
    for row in canonical.exports(CLINIC, "administration"):
        item = found["MedicationAdministration"][row["administration_id"]]
        dose = item["dosage"].get("dose")
        assert (Decimal(str(dose["value"])) if dose else None) == (Decimal(row["dose_mg"] or 0) or None)
        ends = {"end": row["stop_at"]} if row["stop_at"] else {}
        assert item["effectivePeriod"] == {"start": row["start_at"], **ends}
        assert item["context"]["reference"] == f"Encounter/{row['encounter_id']}"
        assert item["status"].replace("-", "_") == row["status"]
    observed = canonical.exports(CLINIC, "observation")
    assert found["Observation"].keys() == {row["observation_id"] for row in observed}
    for row in (row for row in observed if row["kind"] == "bp"):
        parts = found["Observation"][row["observation_id"]]["component"]
        values = {part["code"]["coding"][0]["code"]: part["valueQuantity"]["value"] for part in parts}
        assert values == {"8480-6": int(row["sbp"]), "8462-4": int(row["dbp"])}
    for row in canonical.exports(CLINIC, "coverage"):
        assert found["Coverage"][row["coverage_id"]].get("subscriberId", "") == row["member_id"]


@pytest.mark.parametrize("delivery", ["vendor", "fhir"])
def test_the_same_seed_gives_the_same_bytes(tmp_path: Path, delivery: str) -> None:
    for name in ("one", "two"):
        practice(tmp_path / name, delivery, dirt=0.2, lossy_dirt=0.02)
        extra_day(tmp_path / name, seed=1)
    first, second = (
        {
            path.relative_to(tmp_path / name): (path.read_bytes(), path.stat().st_mtime)
            for path in landed(tmp_path / name, "*.*")
        }
        for name in ("one", "two")
    )
    assert first == second and len({path.suffix for path in first}) >= 3
    clean = practice(tmp_path / "clean", delivery)
    assert {p.name for p in landed(clean.root, "*.*")} <= {path.name for path in first}


def test_workbook_cells_have_the_types_of_a_spreadsheet(tmp_path: Path) -> None:
    moment = datetime(2026, 1, 2, 13, 30)
    rows = [
        ("a & b", "n", "d", "t", "f"),
        ("<x>", Decimal("1.50"), moment.date(), moment, True),
        ("", None, None, None, False),
    ]
    (tmp_path / "one.xlsx").write_bytes(write_workbook("S & T", rows))
    book = pd.read_excel(tmp_path / "one.xlsx", sheet_name=None)
    assert list(book) == ["S & T"]
    frame = book["S & T"]
    assert list(frame.columns) == ["a & b", "n", "d", "t", "f"]
    assert frame.iloc[0].tolist() == ["<x>", 1.5, pd.Timestamp("2026-01-02"), pd.Timestamp(moment), True]
    assert frame.iloc[1, :4].isna().all()
    assert [column_name(n) for n in (1, 26, 27, 52, 53, 703)] == ["A", "Z", "AA", "AZ", "BA", "AAA"]
