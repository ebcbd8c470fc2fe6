"""``ketaclaims reference`` and ``ketaclaims codes``: tables others publish, and what they say of a day."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ketaclaims.reference.diff import Diff, Listing


class Format(StrEnum):
    """How an answer is printed."""

    table = "table"
    csv = "csv"
    json = "json"


FormatOption = Annotated[Format, typer.Option("--format", help="csv is safe to open in a spreadsheet.")]


def register(app: typer.Typer) -> None:
    """Add the groups ``reference`` and ``codes``."""
    reference = typer.Typer(
        help="NCCI pairs, MUEs, code sets and reason codes by release.", no_args_is_help=True
    )
    reference.command("list")(list_releases)
    reference.command("diff")(diff)
    reference.command("load")(load)
    app.add_typer(reference, name="reference")
    codes = typer.Typer(help="What a code is, and when.", no_args_is_help=True)
    codes.callback()(_group)
    codes.command("show")(show)
    app.add_typer(codes, name="codes")


def _group() -> None:
    """What a code is, and when."""


@contextmanager
def _errors_to_stderr() -> Iterator[None]:
    from ketaclaims.errors import KetaclaimsError

    try:
        yield
    except KetaclaimsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


def list_releases(output: FormatOption = Format.table) -> None:
    """Say which releases answer which days of service, and how many claim lines wait for another one."""
    from ketaclaims.reference import lookup
    from ketaclaims.settings import Settings

    with _errors_to_stderr():
        _print(lookup.releases(Settings()), output)


def show(
    code: Annotated[str, typer.Argument(help="Procedure, modifier, diagnosis, POS, CARC or RARC.")],
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Date of service. Default: today.")
    ] = None,
    output: FormatOption = Format.table,
) -> None:
    """Say whether a code is valid on a day, from when to when, what follows it, and who says so."""
    from ketaclaims.reference import lookup
    from ketaclaims.settings import Settings

    with _errors_to_stderr():
        found = lookup.code(Settings(), code, (on or datetime.now()).date())
        if not found.rows:
            typer.echo("No table of ours holds this code: unknown, not invalid.", err=True)
            raise typer.Exit(1)
        if output is Format.table:
            _print_cards(found)
        else:
            _print(found, output)


def diff(
    paths: Annotated[list[Path], typer.Argument(help="Published tables: text, CSV, xlsx, or their zips.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder for changes.csv and open_claims.csv (private: names claims).")
    ] = None,
) -> None:
    """Say what new tables would change and how many open claims they would touch. Takes nothing in."""
    from rich.console import Console

    from ketaclaims.reference import diff as differences
    from ketaclaims.reference.pending import given
    from ketaclaims.settings import Settings

    settings, console = Settings(), Console(stderr=True)
    with _errors_to_stderr():
        with console.status("Reading and comparing …"), given(settings, paths) as inputs:
            found = differences.compare(settings, inputs)
        _print_diff(found)
        if out:
            differences.write(found, out)
            typer.echo(f"Written for you only: {out}/changes.csv, {out}/open_claims.csv")
    if found.refused:
        raise typer.Exit(2)


def load() -> None:
    """Take in the reference tables that lie in landing; the next build judges by them."""
    from rich.console import Console

    from ketaclaims.raw import ingest
    from ketaclaims.settings import Settings

    console = Console(stderr=True)
    with _errors_to_stderr(), console.status("Reading …"):
        commit = ingest.run(Settings(), "reference", progress=console.print)
    typer.echo(
        "Nothing new in landing." if commit is None else f"Committed as {commit}. Build next: ketaclaims run."
    )


def _print_diff(found: "Diff") -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    _print(found.releases, Format.table)
    table = Table("table", "change", "count", box=None, pad_edge=False)
    for (name, change), count in found.change_counts.items():
        table.add_row(name, change, str(count))
    console.print(table if table.row_count else "Nothing changes for the codes of this practice.")
    console.print(f"Open claims touched: {found.open_claim_count}")
    for reason in found.refused:
        typer.echo(f"Not readable, would be quarantined: {reason}", err=True)


def _print_cards(found: "Listing") -> None:
    """One block a row: sources are longer than a terminal is wide."""
    from ketaclaims.publish.output import printable

    for row in found.rows:
        for name, value in zip(found.columns, row, strict=True):
            typer.echo(f"{name:<15}{printable(value)}")
        typer.echo("")


def _print(found: "Listing", output: Format) -> None:
    from ketaclaims.publish.output import printable, write_csv, write_json

    if output is not Format.table:
        (write_csv if output is Format.csv else write_json)(sys.stdout, found.columns, found.rows)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(*found.columns, box=None, pad_edge=False)
    for row in found.rows:
        table.add_row(*(printable(value) for value in row))
    Console().print(table)
