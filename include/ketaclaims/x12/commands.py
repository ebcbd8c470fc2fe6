"""``ketaclaims remit``: look into 835 files, or turn them into Parquet, without the pipeline."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, Protocol, TypeVar, cast

import typer
from typer.core import TyperGroup

from ketaclaims.errors import KetaclaimsError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ketaclaims.raw.contract import InputReport
    from ketaclaims.settings import Settings
    from ketaclaims.x12.file_reading import Progress
    from ketaclaims.x12.inspection import Input, Inspection
    from ketaclaims.x12.remit_reader import RemitReading

EXIT_REJECTED = 2
EXIT_USAGE = 64
PROGRESS_FROM_BYTES = 20_000_000  # smaller files are done before a bar is drawn


# click's UsageError, wherever the installed typer takes click from (newer ones bring their own)
_UsageError = cast("type[typer.BadParameter]", typer.BadParameter.__mro__[1])


class UsageGroup(TyperGroup):
    """Wrong usage exits 64 (EX_USAGE), so that 2 only ever says: an input was rejected."""

    def invoke(self, ctx: Any) -> Any:
        """Run the sub-command."""
        try:
            return super().invoke(ctx)
        except _UsageError as error:
            error.show()
            raise typer.Exit(EXIT_USAGE) from None


def _bare(ctx: typer.Context) -> None:
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())
        raise typer.Exit(EXIT_USAGE)


def command_group(help_text: str) -> typer.Typer:
    """A group of commands that shows its help and exits 64 when none is named."""
    group = typer.Typer(help=help_text, invoke_without_command=True, cls=UsageGroup)
    group.callback()(_bare)
    return group


remit = command_group("Look into 835 remittance files.")

Paths = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="PATH...", help="835 files, zip or gzip archives of them, or folders.", show_default=False
    ),
]


def register(app: typer.Typer) -> None:
    """Add ``remit inspect``, ``remit explain`` and ``remit convert``."""
    app.add_typer(remit, name="remit")


@remit.command()
def inspect(
    paths: Paths = None,
    output: Annotated[
        str, typer.Option("--format", metavar="text|json", help="For people or for programs.")
    ] = "text",
) -> None:
    """Say what 835 files hold, whether they balance, what is wrong and what to do.

    Exit status: 0 all read, 2 one was rejected, 64 wrong usage. The test flag (ISA15) is only a warning here.
    """
    from ketaclaims.x12.inspection import as_json, inspect_input
    from ketaclaims.x12.inspection_text import render

    def look(given: "Input", settings: "Settings", on_progress: "Progress | None") -> "Inspection":
        return inspect_input(given, settings, with_detail=output == "text", on_progress=on_progress)

    print_inspections(paths, output, look, render, as_json)


@remit.command()
def explain(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="An 835 file or an archive of them.", show_default=False),
    ] = None,
    claim: Annotated[
        str | None,
        typer.Option(
            "--claim",
            metavar="X",
            help="The claim's number (CLP01), or its position as payment/claim: 1/3.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Show one claim's arithmetic line by line: charge, adjustments, paid, and what should equal what.

    Exit status: 0 found, 2 the file was rejected, 64 wrong usage or no such claim. No patient is named.
    """
    if file is None or not claim or not claim.strip():
        usage("explain needs a FILE and --claim X")
    with input_errors():
        raise typer.Exit(_explain(existing([file])[0], claim))


def _explain(file: Path, claim: str) -> int:
    from rich.console import Console

    from ketaclaims.settings import Settings
    from ketaclaims.x12.explain import explain_input
    from ketaclaims.x12.explain_text import render
    from ketaclaims.x12.inspection import inputs_of

    settings, console = Settings(), Console(highlight=False)
    claims = found = 0
    rejected = False
    for given in inputs_of([file], settings):
        explanation = explain_input(given, claim, settings)
        if explanation.reading.report.status == "rejected":
            rejected = True
            _report_errors(given, explanation.reading)
            continue
        claims += explanation.claim_count
        found += len(explanation.stories)
        if explanation.stories:
            console.print(render(explanation.stories))
    if not found and not rejected:
        usage(f"no claim of that number or position; {claims} claims were read")
    return EXIT_REJECTED if rejected else 0


@remit.command()
def convert(
    paths: Paths = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of the Parquet files.", show_default=False)
    ] = None,
) -> None:
    """Write the remit tables of 835 files as Parquet, one file per table, readable by you only.

    A rejected input leaves no rows. Exit status: 0 all read, 2 one was rejected, 64 wrong usage.
    """
    if out is None:
        usage("convert needs --out DIR")
    if out.exists() and not out.is_dir():
        usage("--out is a file, a folder is needed")
    with input_errors():
        raise typer.Exit(_convert(existing(paths), out))


def _convert(paths: list[Path], out: Path) -> int:
    from ketaclaims.settings import Settings
    from ketaclaims.x12.conversion import convert_inputs
    from ketaclaims.x12.inspection import inputs_of

    settings = Settings()
    rejected = False
    for given, reading in convert_inputs(inputs_of(paths, settings), out, settings):
        _report_errors(given, reading)
        rejected |= reading.report.status == "rejected"
    return EXIT_REJECTED if rejected else 0


def _report_errors(given: "Input", reading: "RemitReading") -> None:
    for issue in reading.report.issues:
        if issue.severity == "error":
            where = f"sha256 {given.sha256[:12]}, segment {issue.segment_number or '-'}"
            typer.echo(f"{issue.code}: {where}: {issue.message}", err=True)


class Readable(Protocol):
    """A reading with the report of its input."""

    @property
    def report(self) -> "InputReport":
        """What became of the input."""


class Inspected(Protocol):
    """What was found in one input."""

    @property
    def reading(self) -> Readable:
        """How it was read."""


Found = TypeVar("Found", bound=Inspected)


def print_inspections(
    paths: list[Path] | None,
    output: str,
    look: "Callable[[Input, Settings, Progress | None], Found]",
    render: "Callable[[Found], RenderableType]",
    as_json: Callable[[Found], dict[str, Any]],
) -> NoReturn:
    """Print what ``look`` finds in each input, as text or as one JSON array, and exit with the status."""
    if output not in ("text", "json"):
        usage("--format is text or json")
    with input_errors():
        raise typer.Exit(_print_each(existing(paths), look, render if output == "text" else None, as_json))


def _print_each(
    paths: list[Path],
    look: "Callable[[Input, Settings, Progress | None], Found]",
    render: "Callable[[Found], RenderableType] | None",
    as_json: Callable[[Found], dict[str, Any]],
) -> int:
    from rich.console import Console

    from ketaclaims.settings import Settings
    from ketaclaims.x12.inspection import inputs_of

    settings, console = Settings(), Console()
    found: list[dict[str, Any]] = []
    rejected = False
    for given in inputs_of(paths, settings):
        with progress_of(given.path) as on_progress:
            inspection = look(given, settings, on_progress)
        rejected |= inspection.reading.report.status == "rejected"
        if render:
            console.print(render(inspection))
        else:
            found.append(as_json(inspection))
    if not render:
        typer.echo(json.dumps(found, indent=2))
    return EXIT_REJECTED if rejected else 0


def existing(paths: list[Path] | None) -> list[Path]:
    """The paths given; wrong usage where there is none or one is not there."""
    if not paths:
        usage("give at least one PATH")
    for position, path in enumerate(paths, start=1):
        if not (path.is_file() or path.is_dir()):
            usage(f"PATH {position} is no file and no folder")
    return paths


def usage(message: str) -> NoReturn:
    """Say what was wrong in the call and leave."""
    typer.echo(f"USAGE: {message}. See --help.", err=True)
    raise typer.Exit(EXIT_USAGE)


@contextmanager
def input_errors() -> Iterator[None]:
    """Our own errors as one line on stderr."""
    try:
        yield
    except KetaclaimsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_REJECTED) from None


@contextmanager
def progress_of(path: Path) -> "Iterator[Progress | None]":
    """A bar on the terminal while a large file is read."""
    from rich.console import Console
    from rich.progress import Progress as Bars

    console = Console(stderr=True)
    size = path.stat().st_size if path.exists() else 0
    if size < PROGRESS_FROM_BYTES or not console.is_terminal:
        yield None
        return
    with Bars(console=console, transient=True) as bars:
        task = bars.add_task("reading", total=size)
        yield lambda done: bars.update(task, completed=done)
