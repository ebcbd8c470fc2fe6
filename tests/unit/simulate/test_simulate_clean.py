"""A practice without planted faults gives no coding rule a reason to fire, nor lacks what a rule needs."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from clean_chart import Chart
from clean_checks import CHECKS
from simulate_support import Simulation

from ketaclaims.simulate.run import simulate


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_nothing_is_wrong(flawless: Simulation, check: Callable[[Chart], Iterator[str]]) -> None:
    assert [wrong for clinic in flawless.clinics for wrong in check(Chart(flawless, clinic))] == []


def test_every_service_of_the_practice_is_there(flawless: Simulation) -> None:
    billed = {row["code"] for clinic in flawless.clinics for row in flawless.exports(clinic, "claim_line")}
    assert billed >= {
        "G2082", "G2083", "S0013", "J0013", "J3490", "96365", "96366", "96372", "96374", "90792", "99204",
        "99205", "99213", "99214", "99415", "90832", "90834", "90837", "96127", "99492",
    }  # fmt: skip
    modes = {row["mode"] for clinic in flawless.clinics for row in flawless.exports(clinic, "encounter")}
    assert modes == {"in_person", "video", "audio"}


@pytest.mark.parametrize(
    ("seed", "patients", "months", "start"),
    [(1, 120, 2, date(2025, 12, 1)), (2, None, 5, date(2026, 1, 1)), (3, 51, 2, date(2024, 2, 1))],
)
def test_nothing_is_wrong_whatever_seed_size_and_season(
    tmp_path: Path, seed: int, patients: int | None, months: int, start: date
) -> None:
    simulate(tmp_path, 1, months, seed, 0, start, patients=patients)
    practice = Simulation(tmp_path)
    chart = Chart(practice, "clinic_01")
    assert {check.__name__: list(check(chart)) for check in CHECKS} == {c.__name__: [] for c in CHECKS}
    assert practice.truth("findings") == []
