"""Run a simulation and write it: exports and remits under ``landing/``, answers under ``truth/``."""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from datetime import date
from pathlib import Path

from ketaclaims.errors import KetaclaimsError
from ketaclaims.simulate import DEFAULT_DEFECT_SHARE, DEFAULT_START
from ketaclaims.simulate.ehr_writer import Window
from ketaclaims.simulate.extra import live_extra_day
from ketaclaims.simulate.output import (
    join_truth,
    read_marker,
    take_folder,
    write_exports,
    write_marker,
    write_remit,
    write_truth_part,
)
from ketaclaims.simulate.payments import make_files
from ketaclaims.simulate.truth import Answers, claim_rows, truth_rows
from ketaclaims.simulate.world import (
    ClinicWorld,
    Parameters,
    build_clinic_world,
    month_windows,
    noon,
    payments_between,
)

Progress = Callable[[str], None]


def _silent(message: str) -> None:
    """Progress nobody watches."""


def simulate(
    out: Path,
    clinics: int = 2,
    months: int = 3,
    seed: int = 7,
    defect_share: float = DEFAULT_DEFECT_SHARE,
    start: date = DEFAULT_START,
    progress: Progress = _silent,
    *,
    patients: int | None = None,
    workers: int = 1,
    delivery: str = "canonical",
    dirt: float = 0,
    lossy_dirt: float = 0,
) -> None:
    """Simulate whole months of practice into ``out``; the same arguments give the same bytes and mtimes.

    ``defect_share``: planted faults per esketamine visit, about; 0 plants none and then no finding is due.
    ``patients``: per clinic, None for the usual panel. ``workers``: processes; they change nothing but the
    time it takes. ``delivery``: the form of the exports, canonical, vendor or fhir; the practice is the same
    in each. ``dirt``: share of values, rows and files written in ways that lose nothing. ``lossy_dirt``:
    share of rows of vendor reports with a value nobody can read, told in ``truth/dirt.csv``.
    Raises KetaclaimsError when ``out`` holds anything this function did not make, or ``start`` is not the
    first of a month.
    """
    parameters = Parameters(
        clinics, months, seed, defect_share, start, patients, (), delivery, dirt, lossy_dirt
    )
    simulate_all(out, parameters, progress, workers)


def simulate_all(out: Path, parameters: Parameters, progress: Progress, workers: int) -> None:
    """The same, of given parameters."""
    if parameters.start.day != 1:
        raise KetaclaimsError(
            "BAD_START", "a simulation begins on the first day of a month", next_step="Use YYYY-MM-01."
        )
    take_folder(out)
    write_marker(out, parameters)  # first: an interrupted simulation may be repeated into the same folder
    clinic_ids: dict[int, str] = {}
    for done, (index, clinic_id) in enumerate(_simulated(out, parameters, workers), 1):
        clinic_ids[index] = clinic_id
        progress(f"{done} of {parameters.clinics} clinics")
    join_truth(out, out / "truth", [clinic_ids[index] for index in sorted(clinic_ids)])


def _simulated(out: Path, parameters: Parameters, workers: int) -> Iterator[tuple[int, str]]:
    """Number and id of each clinic as it is written."""
    if workers == 1:
        for index in range(parameters.clinics):
            yield index, simulate_clinic(out, parameters, index)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        futures = {
            pool.submit(simulate_clinic, out, parameters, index): index for index in range(parameters.clinics)
        }
        for future in as_completed(futures):
            yield futures[future], future.result()


def simulate_clinic(out: Path, parameters: Parameters, index: int) -> str:
    """Simulate and write one clinic, month by month; its id."""
    world = build_clinic_world(parameters, index)
    windows = month_windows(parameters.calendar)
    for window in windows:
        write_exports(out, world, window)
    files = make_files(payments_between(world.payments, date.min, parameters.calendar.end))
    for file in files:
        write_remit(out, file)
    last = windows[-1]
    answers = Answers(
        world.findings(last),
        world.defects,
        world.near_misses,
        files,
        claim_rows(world, last),
        world.deposits,
        world.courier.dirt.told,
    )
    write_truth_part(out, world.clinic.clinic_id, truth_rows(answers))
    return world.clinic.clinic_id


def extra_day(out: Path, seed: int) -> None:
    """Add one day to the practice simulated in ``out``: one export set, one 835, and ``truth/extra_N``.

    May be called again for the next day. Raises KetaclaimsError when ``out`` holds no simulation.
    """
    parameters = read_marker(out)
    worlds = [build_clinic_world(parameters, index) for index in range(parameters.clinics)]
    since = parameters.calendar.end
    for window in month_windows(parameters.calendar):
        _export(worlds, window)
    for number, earlier in enumerate(parameters.extra_days, 1):
        window, _, _ = live_extra_day(worlds, parameters, number, earlier, since)
        _export(worlds, window)
        since = window.until
    number = len(parameters.extra_days) + 1
    before = Window("", since, since, noon(since))
    known = [
        (world.findings(before), claim_rows(world, before), len(world.courier.dirt.told)) for world in worlds
    ]
    window, file, planted = live_extra_day(worlds, parameters, number, seed, since)
    write_remit(out, file)
    for position, (world, (findings, claims, told)) in enumerate(zip(worlds, known, strict=True)):
        write_exports(out, world, window)
        answers = Answers(
            [finding for finding in world.findings(window) if finding not in findings],
            [defect for defect in planted if defect.clinic_id == world.clinic.clinic_id],
            (),
            () if position else (file,),  # one file for all clinics, told once
            [row for row in claim_rows(world, window) if row not in claims],
            (),
            world.courier.dirt.told[told:],
        )
        write_truth_part(out, world.clinic.clinic_id, truth_rows(answers))
    join_truth(out, out / "truth" / f"extra_{number}", [world.clinic.clinic_id for world in worlds])
    write_marker(out, replace(parameters, extra_days=(*parameters.extra_days, seed)))


def _export(worlds: list[ClinicWorld], window: Window) -> None:
    """What earlier exports have sent is not sent again."""
    for world in worlds:
        for _ in world.parcels(window):
            pass
