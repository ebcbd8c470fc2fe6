"""Write a simulation into its folder: exports, remits, truth, and the marker that says whose it is."""

import io
import json
import os
import shutil
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from pathlib import Path

from ketaclaims.errors import KetaclaimsError
from ketaclaims.simulate.ehr_writer import Window, to_csv
from ketaclaims.simulate.model import Row
from ketaclaims.simulate.payments import RemitFile
from ketaclaims.simulate.truth import COLUMNS, README, file_name
from ketaclaims.simulate.world import ClinicWorld, Parameters
from ketaclaims.simulate.x12_writer import write_interchange

MARKER = Path("truth", "simulation.json")
PARTS = Path("truth", ".parts")


def take_folder(out: Path) -> None:
    """Make room for a simulation; KetaclaimsError when the folder holds anything else."""
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


def read_marker(out: Path) -> Parameters:
    """How the simulation in the folder was made."""
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


def write_marker(out: Path, parameters: Parameters) -> None:
    """Say how it is made, and that the folder is ours."""
    content = {**asdict(parameters), "start": parameters.start.isoformat()}
    (out / MARKER).parent.mkdir(parents=True, exist_ok=True)
    (out / MARKER).write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def write_exports(out: Path, world: ClinicWorld, window: Window) -> None:
    """One export of one clinic."""
    folder = out / "landing" / "ehr" / world.courier.folder
    for parcel in world.parcels(window):
        _write(folder / parcel.name, parcel.content, parcel.written_at)


def write_remit(out: Path, file: RemitFile) -> None:
    """One file of remittances, as old as the day it came."""
    content, day = write_interchange(file), file.received_on
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


def _write(target: Path, content: bytes, written_at: datetime) -> None:
    """Write a file whose mtime is the simulated moment: exports are versioned by it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    os.utime(target, (written_at.timestamp(), written_at.timestamp()))


def write_truth_part(out: Path, clinic_id: str, rows: Mapping[str, Iterable[Row]]) -> None:
    """The truth of one clinic, beside that of others until all are there."""
    for name, part in rows.items():
        content = to_csv(COLUMNS[name], part)
        target = out / PARTS / name / f"{clinic_id}.csv"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content[content.index(b"\n") + 1 :])


def join_truth(out: Path, folder: Path, clinic_ids: Iterable[str]) -> None:
    """One file of each kind from the parts of all clinics, in the order given."""
    folder.mkdir(parents=True, exist_ok=True)
    names = list(clinic_ids)
    for name, columns in COLUMNS.items():
        with (folder / f"{name}.csv").open("wb") as whole:
            whole.write(to_csv(columns, ()))
            for clinic_id in names:
                part = out / PARTS / name / f"{clinic_id}.csv"
                with part.open("rb") as source:
                    shutil.copyfileobj(source, whole)
    shutil.rmtree(out / PARTS)
    (folder / "README.md").write_text(README, encoding="utf-8")
