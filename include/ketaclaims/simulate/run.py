"""Run a simulation and write it: exports and remits under ``landing/``, answers under ``truth/``."""

import io
import json
import os
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from random import Random

from ketaclaims.errors import KetaclaimsError
from ketaclaims.simulate import DEFAULT_DEFECT_SHARE, DEFAULT_START
from ketaclaims.simulate.delivery.courier import Courier
from ketaclaims.simulate.delivery.dirt import DIRT_COLUMNS, Dirt
from ketaclaims.simulate.delivery.parcel import Parcel
from ketaclaims.simulate.ehr_writer import Window, to_csv
from ketaclaims.simulate.extra import live_extra_day
from ketaclaims.simulate.payments import RemitFile, make_files
from ketaclaims.simulate.truth import README, Answers, file_name, truth_files
from ketaclaims.simulate.world import (
    Parameters,
    Progress,
    World,
    build_world,
    day_after,
    month_windows,
    noon,
    payments_between,
)
from ketaclaims.simulate.x12_writer import write_interchange

MARKER = Path("truth", "simulation.json")


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
    delivery: str = "canonical",
    dirt: float = 0,
    lossy_dirt: float = 0,
) -> None:
    """Simulate whole months of practice into ``out``; the same arguments give the same bytes and mtimes.

    ``defect_share``: planted faults per esketamine visit, about; 0 plants none and then no finding is due.
    ``delivery``: the form of the exports, canonical, vendor or fhir; the practice is the same in each.
    ``dirt``: share of values, rows and files written in ways that lose nothing; ``lossy_dirt``: share of rows
    of vendor reports with a value nobody can read, told in ``truth/dirt.csv``.
    Raises KetaclaimsError when ``out`` holds anything this function did not make, or ``start`` is not the
    first of a month.
    """
    if start.day != 1:
        raise KetaclaimsError(
            "BAD_START", "a simulation begins on the first day of a month", next_step="Use YYYY-MM-01."
        )
    parameters = Parameters(clinics, months, seed, defect_share, start, (), delivery, dirt, lossy_dirt)
    _take_folder(out)
    _write_marker(out, parameters)  # first: an interrupted simulation may be repeated into the same folder
    world = build_world(parameters, progress)
    windows, couriers = month_windows(parameters.calendar), _couriers(world)
    for window in windows:
        progress(f"export {window.label}")
        _write_exports(out, world, couriers, window)
    progress("remits")
    files = make_files(payments_between(world.payments, date.min, parameters.calendar.end))
    for file in files:
        _write_remit(out, file)
    progress("truth")
    last = windows[-1]
    answers = Answers(world.findings(last), world.defects, world.near_misses, files, world.claim_rows(last))
    _write_truth(out / "truth", {**truth_files(answers), **_told(couriers)})


def extra_day(out: Path, seed: int) -> None:
    """Add one day to the practice simulated in ``out``: one export set, one 835, and ``truth/extra_N``.

    May be called again for the next day. Raises KetaclaimsError when ``out`` holds no simulation.
    """
    parameters = _read_marker(out)
    world = build_world(parameters, _silent)
    couriers = _couriers(world)
    for window in month_windows(parameters.calendar):
        _replay(world, couriers, window)
    since = parameters.calendar.end
    for number, earlier in enumerate(parameters.extra_days, 1):
        window, _, _ = live_extra_day(world, number, earlier, since)
        _replay(world, couriers, window)
        since = window.until
    number = len(parameters.extra_days) + 1
    before = Window("", since, since, noon(since))
    findings_before, claims_before = world.findings(before), world.claim_rows(before)
    window, file, planted = live_extra_day(world, number, seed, since)
    _write_exports(out, world, couriers, window)
    _write_remit(out, file)
    findings = [finding for finding in world.findings(window) if finding not in findings_before]
    claims = [row for row in world.claim_rows(window) if row not in claims_before]
    answers = Answers(findings, planted, (), (file,), claims)
    _write_truth(out / "truth" / f"extra_{number}", truth_files(answers))
    _write_marker(out, replace(parameters, extra_days=(*parameters.extra_days, seed)))


def _take_folder(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        if not (out / MARKER).is_file():
            raise KetaclaimsError(
                "FOLDER_NOT_OURS",
                "the folder is not empty and holds no earlier simulation",
                where=str(out),
                next_step="Choose a new or empty folder.",
            )
        for name in ("landing", "truth"):
            if (out / name).exists():
                shutil.rmtree(out / name)


def _read_marker(out: Path) -> Parameters:
    try:
        stored = json.loads((out / MARKER).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise KetaclaimsError(
            "NO_SIMULATION",
            "the folder holds no simulation",
            where=str(out),
            next_step="Run `ketaclaims simulate` first.",
        ) from None
    extra_days = tuple(stored["extra_days"])
    return Parameters(**{**stored, "start": date.fromisoformat(stored["start"]), "extra_days": extra_days})


def _write_marker(out: Path, parameters: Parameters) -> None:
    content = {**asdict(parameters), "start": parameters.start.isoformat()}
    (out / MARKER).parent.mkdir(parents=True, exist_ok=True)
    (out / MARKER).write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _couriers(world: World) -> dict[str, Courier]:
    """One for each clinic; they remember what they have delivered, and how dirty."""
    given, payers = world.parameters, world.reference.payers
    couriers = {}
    for number, clinic in enumerate(world.clinics, 1):
        rng = Random(f"{given.seed}:dirt:{clinic.clinic_id}")
        dirt = Dirt(clinic.clinic_id, rng, given.dirt, given.lossy_dirt)
        couriers[clinic.clinic_id] = Courier(clinic, number, given.delivery, payers, dirt)
    return couriers


def _told(couriers: Mapping[str, Courier]) -> dict[str, bytes]:
    """What must become of the dirt that is not simply read."""
    rows = [row for courier in couriers.values() for row in courier.dirt.told]
    return {"dirt.csv": to_csv(DIRT_COLUMNS, rows)} if rows else {}


def _export(world: World, couriers: Mapping[str, Courier], window: Window) -> Iterator[tuple[str, Parcel]]:
    """(clinic id, file) of one export."""
    for clinic_id, exporter in world.exporters.items():
        for parcel in couriers[clinic_id].parcels(window, exporter.tables(window)):
            yield clinic_id, parcel


def _replay(world: World, couriers: Mapping[str, Courier], window: Window) -> None:
    """Export again what was written earlier, so that exporters and couriers know what they have sent."""
    for _ in _export(world, couriers, window):
        pass


def _write_exports(out: Path, world: World, couriers: Mapping[str, Courier], window: Window) -> None:
    for clinic_id, parcel in _export(world, couriers, window):
        _write(
            out / "landing" / "ehr" / couriers[clinic_id].folder / parcel.name,
            parcel.content,
            parcel.written_at,
        )


def _write_remit(out: Path, file: RemitFile) -> None:
    content = write_interchange(file)
    day = day_after(day_after(file.payments[-1].paid_on) if file.resent else file.payments[-1].paid_on)
    if file.zipped:
        content = _zip(f"{file.name}.835", content, day)
    written = datetime.combine(day, time(6), tzinfo=UTC)
    _write(out / "landing" / "remits" / file_name(file), content, written)


def _zip(name: str, content: bytes, day: date) -> bytes:
    """A stored (not deflated) archive: its bytes do not depend on the zlib of the machine."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(name, (day.year, day.month, day.day, 6, 0, 0)), content)
    return buffer.getvalue()


def _write_truth(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in {**files, "README.md": README.encode()}.items():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def _write(target: Path, content: bytes, written_at: datetime) -> None:
    """Write a file whose mtime is the simulated moment: exports are versioned by it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    os.utime(target, (written_at.timestamp(), written_at.timestamp()))
