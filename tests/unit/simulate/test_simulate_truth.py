from datetime import date
from pathlib import Path

import pytest
from simulate_support import Simulation

from ketaclaims.errors import KetaclaimsError
from ketaclaims.simulate.kinds import (
    PATIENT_FAULTS,
    PATIENT_NEAR_MISSES,
    VISIT_FAULTS,
    VISIT_NEAR_MISSES,
)
from ketaclaims.simulate.run import extra_day, simulate

FAULTS = {kind.name for kind in (*PATIENT_FAULTS, *VISIT_FAULTS)}
NEAR_MISSES = {kind.name for kind in (*PATIENT_NEAR_MISSES, *VISIT_NEAR_MISSES)}
FROM_2027 = {"home_without_visit", "seen_once_in_person"}  # the rule for home ketamine begins then
RULES = {
    "drug-units-match-dose", "gcode-dose-band", "gcode-one-unit", "gcode-no-em-same-day",
    "em-same-day-needs-25", "pa-present", "pa-date-covered", "pa-units-left", "dx-valid-on-dos",
    "code-valid-on-dos", "monitoring-two-hours", "patisiran-trap",
}  # fmt: skip


def snapshot(root: Path) -> dict[str, tuple[bytes, float]]:
    landing = {p for p in (root / "landing").rglob("*") if p.is_file()}
    return {
        str(p.relative_to(root)): (p.read_bytes(), p.stat().st_mtime if p in landing else 0)
        for p in root.rglob("*")
        if p.is_file()
    }


def identity(row: dict[str, str]) -> tuple[str, str, str]:
    return row["clinic_id"], row["rule_id"], row["subject_key"]


def test_same_seed_gives_the_same_bytes_and_times(practice: Simulation, tmp_path: Path) -> None:
    simulate(tmp_path / "again")
    assert snapshot(tmp_path / "again") == snapshot(practice.root)


def test_another_seed_gives_another_practice(practice: Simulation, tmp_path: Path) -> None:
    simulate(tmp_path, clinics=1, months=1, seed=8)
    assert (tmp_path / "truth" / "findings.csv").read_bytes() != (
        practice.root / "truth" / "findings.csv"
    ).read_bytes()


def test_every_kind_stands_somewhere(practice: Simulation) -> None:
    assert {row["kind"] for row in practice.truth("defects")} == FAULTS - FROM_2027
    assert {row["kind"] for row in practice.truth("near_misses")} == NEAR_MISSES - FROM_2027


def test_rules_of_2027_have_their_kinds_then(tmp_path: Path) -> None:
    simulate(tmp_path, clinics=1, months=2, seed=1, start=date(2027, 1, 1))
    practice = Simulation(tmp_path)
    planted = {row["kind"] for name in ("defects", "near_misses") for row in practice.truth(name)}
    assert planted & FROM_2027


def test_every_rule_has_findings_and_each_defect_has_exactly_one_planted(practice: Simulation) -> None:
    findings = practice.truth("findings")
    assert {row["rule_id"] for row in findings} >= RULES
    assert len({identity(row) for row in findings}) == len(findings)
    planted = {(*identity(r), r["status"], r["defect_id"]) for r in findings if r["origin"] == "planted"}
    assert planted == {(*identity(d), d["expected"], d["defect_id"]) for d in practice.truth("defects")}
    assert {r["defect_id"] for r in findings} == {d["defect_id"] for d in practice.truth("defects")}


def test_near_misses_are_not_findings(practice: Simulation) -> None:
    near = {identity(row) for row in practice.truth("near_misses")}
    assert len(near) >= len(NEAR_MISSES - FROM_2027) and not near & {
        identity(row) for row in practice.truth("findings")
    }


def test_no_defects_no_findings(flawless: Simulation) -> None:
    assert flawless.truth("findings") == [] and flawless.truth("defects") == []
    assert len(flawless.truth("claims")) > 500  # there was plenty to judge


@pytest.mark.parametrize(("seed", "patients"), [(1, None), (2, 90), (3, None)])
def test_faults_declare_exactly_what_the_oracle_finds(
    tmp_path: Path, seed: int, patients: int | None
) -> None:
    """Two independent accounts of the same faults: what a kind declares, and what the records show."""
    simulate(tmp_path, clinics=1, months=3, seed=seed, patients=patients)
    practice = Simulation(tmp_path)
    declared = {(*identity(row), row["status"]) for row in practice.truth("expected_findings")}
    assert declared == {(*identity(row), row["status"]) for row in practice.truth("findings")}


def test_the_number_of_workers_changes_nothing(tmp_path: Path) -> None:
    simulate(tmp_path / "one", clinics=3, months=1, workers=1)
    simulate(tmp_path / "two", clinics=3, months=1, workers=2)
    assert snapshot(tmp_path / "one") == snapshot(tmp_path / "two")


def test_a_clinic_is_the_same_however_many_others_there_are(tmp_path: Path) -> None:
    simulate(tmp_path / "alone", clinics=1, months=1)
    simulate(tmp_path / "among", clinics=2, months=1)
    alone, among = snapshot(tmp_path / "alone"), snapshot(tmp_path / "among")
    landed = {name for name in alone if name.startswith("landing/")}
    assert {name: among[name] for name in landed} == {name: alone[name] for name in landed}


def test_truth_lies_outside_landing(practice: Simulation) -> None:
    assert {p.name for p in (practice.root / "landing").iterdir()} == {"ehr", "remits"}
    assert {p.name for p in (practice.root / "truth").iterdir()} == {
        "findings.csv", "defects.csv", "near_misses.csv", "payments.csv", "claims.csv",
        "README.md", "simulation.json", "adjudications.csv", "payment_events.csv", "remit_files.csv",
        "deposits.csv", "expected_findings.csv", "dirt.csv",
    }  # fmt: skip


def test_extra_day_adds_one_export_set_and_one_835_and_changes_nothing_else(tmp_path: Path) -> None:
    simulate(tmp_path)
    before = snapshot(tmp_path)
    extra_day(tmp_path, 5)
    after = snapshot(tmp_path)
    unchanged = {name: content for name, content in before.items() if not name.endswith("simulation.json")}
    assert {name: after[name] for name in unchanged} == unchanged
    added = after.keys() - before.keys()
    assert sum(name.startswith("landing/remits/") for name in added) == 1
    assert {name.split("/")[2] for name in added if name.startswith("landing/ehr/")} == {
        "clinic_01",
        "clinic_02",
    }
    extra = Simulation(tmp_path)
    findings = extra.truth("extra_1/findings")
    assert [row["origin"] for row in findings].count("planted") == 2  # one in each clinic
    assert {row["defect_id"] for row in findings} == {d["defect_id"] for d in extra.truth("extra_1/defects")}
    assert not {identity(r) for r in findings} & {identity(r) for r in extra.truth("findings")}
    traces = {row["trace"] for row in extra.truth("payments")}
    assert extra.truth("extra_1/payments") and not traces & {
        r["trace"] for r in extra.truth("extra_1/payments")
    }


def test_extra_days_go_on_one_after_the_other(tmp_path: Path) -> None:
    for name in ("one", "two"):
        simulate(tmp_path / name, clinics=1, months=1)
        extra_day(tmp_path / name, 1)
        extra_day(tmp_path / name, 2)
    assert snapshot(tmp_path / "one") == snapshot(tmp_path / "two")
    one = Simulation(tmp_path / "one")
    first, second = one.truth("extra_1/payments"), one.truth("extra_2/payments")
    assert max(r["payment_date"] for r in first) < min(r["payment_date"] for r in second)


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(KetaclaimsError, match="FOLDER_NOT_OURS"):
        simulate(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["letter.txt"]
    with pytest.raises(KetaclaimsError, match="NO_SIMULATION"):
        extra_day(tmp_path, 1)


def test_an_earlier_simulation_is_replaced_whole(tmp_path: Path) -> None:
    simulate(tmp_path / "a", clinics=2, months=1)
    simulate(tmp_path / "a", clinics=1, months=1, seed=3)
    simulate(tmp_path / "b", clinics=1, months=1, seed=3)
    assert snapshot(tmp_path / "a") == snapshot(tmp_path / "b")
