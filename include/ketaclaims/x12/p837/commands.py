"""``ketaclaims claims``: look into 837P files without the pipeline."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from ketaclaims.x12.commands import (
    EXIT_REJECTED,
    EXIT_USAGE,
    UsageGroup,
    existing,
    input_errors,
    progress_of,
    usage,
)

claims = typer.Typer(help="Look into 837P claim files.", invoke_without_command=True, cls=UsageGroup)

Paths = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="PATH...", help="837P files, zip or gzip archives of them, or folders.", show_default=False
    ),
]


@claims.callback()
def _bare(ctx: typer.Context) -> None:
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())
        raise typer.Exit(EXIT_USAGE)


def register(app: typer.Typer) -> None:
    """Add ``claims inspect``."""
    app.add_typer(claims, name="claims")


@claims.command()
def inspect(
    paths: Paths = None,
    output: Annotated[
        str, typer.Option("--format", metavar="text|json", help="For people or for programs.")
    ] = "text",
) -> None:
    """Say what 837P files bill: claims, lines, charges, payers, what is wrong and what to do.

    Exit status: 0 all read, 2 one was rejected, 64 wrong usage. The test flag (ISA15) is only a warning here.
    No patient is named.
    """
    if output not in ("text", "json"):
        usage("--format is text or json")
    with input_errors():
        raise typer.Exit(_inspect(existing(paths), as_text=output == "text"))


def _inspect(paths: list[Path], *, as_text: bool) -> int:
    from rich.console import Console

    from ketaclaims.settings import Settings
    from ketaclaims.x12.inspection import inputs_of
    from ketaclaims.x12.p837.inspection import as_json, inspect_input
    from ketaclaims.x12.p837.inspection_text import render

    settings, console = Settings(), Console()
    found: list[dict[str, Any]] = []
    rejected = False
    for given in inputs_of(paths, settings):
        with progress_of(given.path) as on_progress:
            inspection = inspect_input(given, settings, on_progress)
        rejected |= inspection.reading.report.status == "rejected"
        if as_text:
            console.print(render(inspection))
        else:
            found.append(as_json(inspection))
    if not as_text:
        typer.echo(json.dumps(found, indent=2))
    return EXIT_REJECTED if rejected else 0
