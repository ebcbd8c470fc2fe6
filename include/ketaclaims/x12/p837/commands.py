"""``ketaclaims claims``: look into 837P files without the pipeline."""

from pathlib import Path
from typing import Annotated

import typer

from ketaclaims.x12.commands import command_group, print_inspections

claims = command_group("Look into 837P claim files.")

Paths = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="PATH...", help="837P files, zip or gzip archives of them, or folders.", show_default=False
    ),
]


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
    from ketaclaims.x12.p837.inspection import as_json, inspect_input
    from ketaclaims.x12.p837.inspection_text import render

    print_inspections(paths, output, inspect_input, render, as_json)
