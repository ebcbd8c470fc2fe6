"""``ketaclaims ehr profile``: what an export is, before it goes into landing."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ketaclaims.errors import KetaclaimsError

if TYPE_CHECKING:
    from ketaclaims.ehr.propose import Proposal


def profile(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CSV or .xlsx export.")],
    write: Annotated[
        Path | None, typer.Option("--write", help="Write a draft profile here; never overwrites.")
    ] = None,
    profiles_dir: Annotated[
        Path | None, typer.Option(help="Your own profiles; default: the setting profiles_dir.")
    ] = None,
) -> None:
    """Say which profile reads FILE; for an unknown report the nearest, how it differs, and a draft.

    Only the header is read and shown, never a row.
    """
    from ketaclaims.ehr.propose import draft, propose
    from ketaclaims.settings import Settings

    try:
        found = propose(file, profiles_dir or Settings().profiles_dir)
        _show(found)
        if write:
            _write_new(write, draft(found, _profile_name(write)))
            typer.echo(f"Draft written: {write}. Correct it, and set KETACLAIMS_PROFILES_DIR to its folder.")
    except KetaclaimsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


def _profile_name(path: Path) -> str:
    """A profile's name from its file's: letters, digits and underscores, a letter first."""
    name = re.sub(r"[^a-z0-9]+", "_", path.stem.lower()).strip("_")
    return name if name[:1].isalpha() else f"own_{name}"


def _write_new(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as out:
            out.write(text)
    except FileExistsError:
        raise KetaclaimsError(
            "FILE_EXISTS", "The draft is not written over a file.", where=str(path), next_step="Name another."
        ) from None
    except OSError:
        raise KetaclaimsError("NOT_WRITABLE", "The draft cannot be written.", where=str(path)) from None


def _show(found: "Proposal") -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from ketaclaims.ehr.profile import fold
    from ketaclaims.ehr.propose import targets

    console = Console()
    verdict = "Read by" if found.is_known else "No profile reads this report. Nearest:"
    console.print(f"{verdict} profile [bold]{found.profile.name}[/], {found.report.label}.")
    table = Table("column in the file", "column of the report", "goes to", "state")
    for name in found.names:
        folded = fold([name])[0]
        column = found.matched.get(folded) or found.suggested.get(folded, "")
        state = _state(found, folded)
        table.add_row(escape(name), column, ", ".join(targets(found.report, column)[:3]), state)
    for column in found.missing:
        table.add_row("", column, ", ".join(targets(found.report, column)[:3]), "[red]missing[/]")
    console.print(table)
    counts = (len(found.matched), len(found.suggested), len(found.unmapped), len(found.missing))
    console.print("{} matched, {} alike, {} unmapped, {} missing.".format(*counts))


def _state(found: "Proposal", name: str) -> str:
    if name in found.matched:
        return "[green]matched[/]"
    if name in found.suggested:
        return "[yellow]alike[/]"
    return "unmapped" if name in found.unmapped else "known, not loaded"
