"""The ``simulate`` command."""

from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ketaclaims.errors import KetaclaimsError
from ketaclaims.simulate import DEFAULT_DEFECT_SHARE, DEFAULT_START

if TYPE_CHECKING:
    from rich.console import Console

WRONG_USAGE = 64
Delivery = Literal["canonical", "vendor", "fhir"]
FIRST_DAY = datetime.combine(DEFAULT_START, time())


def register(app: typer.Typer) -> None:
    """Add ``simulate`` to the root app."""
    app.command("simulate")(simulate_command)


def simulate_command(
    out: Annotated[
        Path | None,
        typer.Option(help="Folder to write landing/ and truth/ into: new, empty or an earlier simulation."),
    ] = None,
    clinics: Annotated[int, typer.Option(min=1, max=99, help="Number of clinics.")] = 2,
    months: Annotated[int, typer.Option(min=1, max=36, help="Number of months.")] = 3,
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.")] = 7,
    defects: Annotated[
        float, typer.Option(min=0, max=1, help="Planted faults per esketamine visit, about; 0 plants none.")
    ] = DEFAULT_DEFECT_SHARE,
    start: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="First day of the first month.")
    ] = FIRST_DAY,
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
) -> None:
    """Simulate clinics: EHR exports and 835s with planted faults and their known answers."""
    from rich.console import Console

    from ketaclaims.simulate import run

    console, errors = Console(), Console(stderr=True)
    target = out or extra_day
    if target is None or (out is not None and extra_day is not None):
        errors.print("Give either --out or --extra-day.")
        raise typer.Exit(WRONG_USAGE)
    try:
        with console.status("simulating") as status:
            if out is not None:
                run.simulate(
                    out,
                    clinics,
                    months,
                    seed,
                    defects,
                    start.date(),
                    status.update,
                    delivery=delivery,
                    dirt=dirt,
                    lossy_dirt=lossy_dirt,
                )
            else:
                run.extra_day(target, seed)
    except KetaclaimsError as error:
        errors.print(str(error), markup=False)
        raise typer.Exit(2) from None
    _report(console, target)


def _report(console: "Console", folder: Path) -> None:
    from rich.table import Table

    table = Table("what", "count", title=str(folder))
    table.add_row("EHR export files", str(len(list((folder / "landing" / "ehr").rglob("*.*")))))
    table.add_row("remittance files", str(len(list((folder / "landing" / "remits").iterdir()))))
    for name in ("findings", "defects", "payments", "claims"):
        lines = (folder / "truth" / f"{name}.csv").read_text(encoding="utf-8").splitlines()
        table.add_row(f"truth: {name}", str(len(lines) - 1))
    console.print(table)
