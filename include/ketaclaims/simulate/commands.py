"""The ``simulate`` command."""

import os
from datetime import datetime, time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ketaclaims.errors import KetaclaimsError
from ketaclaims.simulate import DEFAULT_DEFECT_SHARE, DEFAULT_START

if TYPE_CHECKING:
    from rich.console import Console

    from ketaclaims.simulate.world import Parameters

WRONG_USAGE = 64
Delivery = Literal["canonical", "vendor", "fhir"]
FIRST_DAY = datetime.combine(DEFAULT_START, time())
COUNTED = ("findings", "defects", "near_misses", "payments", "claims", "adjudications", "deposits")


class FileKind(StrEnum):
    """How expanded tables are written."""

    parquet = "parquet"
    csv = "csv"


def register(app: typer.Typer) -> None:
    """Add ``simulate`` to the root app."""
    app.command("simulate")(simulate_command)


def simulate_command(
    out: Annotated[
        Path | None,
        typer.Option(help="Folder to write landing/ and truth/ into: new, empty or an earlier simulation."),
    ] = None,
    clinics: Annotated[int, typer.Option(min=1, max=999, help="Number of clinics.")] = 2,
    months: Annotated[int, typer.Option(min=1, max=36, help="Number of months.")] = 3,
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.")] = 7,
    defects: Annotated[
        float, typer.Option(min=0, max=1, help="Planted faults per esketamine visit, about; 0 plants none.")
    ] = DEFAULT_DEFECT_SHARE,
    start: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="First day of the first month.")
    ] = FIRST_DAY,
    patients: Annotated[
        int | None, typer.Option(min=50, max=3000, help="Patients per clinic; the usual panel without it.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes, one clinic each at a time; by default one a core.")
    ] = None,
    delivery: Annotated[
        Delivery,
        typer.Option(help="Form of the EHR exports: canonical CSV, vendor reports or FHIR, both with 837P."),
    ] = "canonical",
    dirt: Annotated[
        float, typer.Option(min=0, max=1, help="Share of values, rows and files in forms that lose nothing.")
    ] = 0,
    lossy_dirt: Annotated[
        float, typer.Option(min=0, max=1, help="Share of vendor rows nobody can read: truth/dirt.csv.")
    ] = 0,
    extra_day: Annotated[
        Path | None, typer.Option(help="Instead: add one day to the simulation in this folder.")
    ] = None,
    expand: Annotated[
        Path | None,
        typer.Option(help="Instead: write the tables of the simulation in this folder many times to --out."),
    ] = None,
    copies: Annotated[int, typer.Option(min=1, max=10_000, help="With --expand: how many times.")] = 10,
    file_kind: Annotated[
        FileKind, typer.Option("--format", help="With --expand: the kind of file.")
    ] = FileKind.parquet,
) -> None:
    """Simulate clinics: EHR exports and 835s with planted faults and their known answers."""
    from rich.console import Console

    from ketaclaims.simulate.world import Parameters

    console, errors = Console(), Console(stderr=True)
    if (out is None) == (extra_day is None) or (expand is not None and out is None):
        errors.print("Give either --out or --extra-day; --expand needs --out.")
        raise typer.Exit(WRONG_USAGE)
    try:
        if expand is not None and out is not None:
            _expand(console, expand, out, copies, file_kind)
        elif out is not None:
            parameters = Parameters(
                clinics, months, seed, defects, start.date(), patients, (), delivery, dirt, lossy_dirt
            )
            _simulate(console, out, parameters, workers)
        elif extra_day is not None:
            _add_day(console, extra_day, seed)
    except KetaclaimsError as error:
        errors.print(str(error), markup=False)
        raise typer.Exit(2) from None


def _simulate(console: "Console", out: Path, given: "Parameters", workers: int | None) -> None:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from ketaclaims.simulate import run

    columns = (TextColumn("clinics"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("clinics", total=given.clinics)
        run.simulate_all(
            out,
            given,
            progress=lambda done: bar.advance(task),
            workers=workers or min(given.clinics, os.cpu_count() or 1),
        )
    _report(console, out)


def _add_day(console: "Console", folder: Path, seed: int) -> None:
    from ketaclaims.simulate import run

    with console.status("simulating one more day"):
        run.extra_day(folder, seed)
    _report(console, folder)


def _expand(console: "Console", source: Path, out: Path, copies: int, kind: FileKind) -> None:
    from rich.table import Table

    from ketaclaims.simulate.expand import expand

    with console.status("writing"):
        rows = expand(source, out, copies, kind.value)
    table = Table("table", "rows", title=str(out))
    for name, count in rows.items():
        table.add_row(name, f"{count:,}")
    console.print(table)


def _report(console: "Console", folder: Path) -> None:
    from rich.table import Table

    table = Table("what", "count", title=str(folder))
    table.add_row("EHR export files", str(len(list((folder / "landing" / "ehr").rglob("*.*")))))
    table.add_row("remittance files", str(len(list((folder / "landing" / "remits").iterdir()))))
    for name in COUNTED:
        with (folder / "truth" / f"{name}.csv").open(encoding="utf-8") as lines:
            table.add_row(f"truth: {name}", str(sum(1 for _ in lines) - 1))
    console.print(table)
