"""Commands on what is published, and the private work lists."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ketaclaims.errors import KetaclaimsError
from ketaclaims.settings import Settings

if TYPE_CHECKING:
    from ketaclaims.publish.check import Check


class Format(StrEnum):
    """How an answer is printed."""

    table = "table"
    csv = "csv"
    json = "json"


class WorklistName(StrEnum):
    """The work lists."""

    denials = "denials"
    prior_auths = "prior-auths"
    findings = "findings"
    scrub = "scrub"
    unmatched_remits = "unmatched-remits"
    reversals = "reversals"
    deposits = "deposits"
    provider_ledger = "provider-ledger"


def register(app: typer.Typer) -> None:
    """Add ``query``, ``publications``, ``worklist`` and ``check`` to the root command."""
    app.command("query")(query)
    app.command("publications")(publications)
    app.command("worklist")(worklist)
    app.command("check")(check)


def query(
    sql: Annotated[
        str, typer.Argument(help="One select (or describe, show, explain) on the published tables.")
    ],
    output: Annotated[
        Format, typer.Option("--format", help="csv is safe to open in a spreadsheet.")
    ] = Format.table,
    limit: Annotated[int, typer.Option(min=0, help="Most rows printed; 0 prints all.")] = 1000,
) -> None:
    """Ask the published, identifier-free database.

    Files, network, settings and writing are shut off. Try: ketaclaims query 'show tables'
    """
    from ketaclaims.publish.output import write_csv, write_json
    from ketaclaims.publish.query import ask

    with _errors_told():
        answer = ask(Settings(), sql, limit)
    if output is Format.table:
        _print_table(answer.columns, answer.rows)
    else:
        (write_csv if output is Format.csv else write_json)(sys.stdout, answer.columns, answer.rows)
    if answer.is_cut:
        typer.echo(f"Only the first {limit} rows are shown; --limit 0 shows all.", err=True)


def publications(
    verify: Annotated[
        bool, typer.Option(help="Read every file and compare it with its recorded sha256.")
    ] = False,
) -> None:
    """List what has been published, newest first."""
    from ketaclaims.publish.store import damaged_files, runs

    published = Settings().published_dir
    found = runs(published)
    damaged = {run["run_id"]: damaged_files(published / run["run_id"]) for run in found} if verify else {}
    rows = [
        (
            "served" if run["is_current"] else "",
            run["run_id"],
            run["as_of_date"],
            run["published_at"][:16].replace("T", " "),
            run["newest_commit"],
            f"{sum(run['tables'].values()):,}",
            *([", ".join(damaged[run["run_id"]]) or "as published"] if verify else []),
        )
        for run in found
    ]
    headers = ("", "run", "as of", "published (UTC)", "newest commit", "rows", *(["files"] if verify else []))
    _print_table(headers, rows)
    with _errors_told():
        broken = [run_id for run_id, files in damaged.items() if files]
        if broken:
            raise KetaclaimsError(
                "PUBLICATION_DAMAGED",
                f"files of {', '.join(broken)} are not what was published",
                where=str(published),
                next_step="Publish again; do not use the damaged files.",
            )


def worklist(
    name: Annotated[WorklistName, typer.Argument(help="Which list.")],
    out: Annotated[Path, typer.Option("--out", help="CSV file to write; replaced if it is there.")],
) -> None:
    """Write a work list for billers. It names patients and claims: the file is private (0600), keep it so."""
    from ketaclaims.publish.worklist import write_worklist

    with _errors_told():
        count = write_worklist(Settings(), name.value, out)
    typer.echo(f"{count} rows written to {out} (identifiers inside, readable by you only).")


def check(
    clinic: Annotated[str | None, typer.Option(help="Only this clinic_id.")] = None,
    output: Annotated[
        Format, typer.Option("--format", help="csv is safe to open in a spreadsheet.")
    ] = Format.table,
) -> None:
    """What must be fixed before claims go out: findings on charges not yet sent, by claim, dearest first.

    The same rules judge claims before and after they are sent; this is as of the last run. Waived findings
    are left out. Exit code: 0 nothing to fix, 1 something to fix, 2 the check could not be made. What could
    not be judged for want of input is counted, as it is no pass, but does not make the exit code 1.
    """
    from ketaclaims.publish import check as checking
    from ketaclaims.publish.output import write_csv, write_json

    with _errors_told():
        answer = checking.before_submission(Settings(), clinic)
    if output is Format.table:
        _print_check(answer)
    else:
        (write_csv if output is Format.csv else write_json)(sys.stdout, checking.COLUMNS, answer.rows)
    raise typer.Exit(1 if answer.fail_count else 0)


def _print_check(answer: "Check") -> None:
    from ketaclaims.publish.output import printable

    console = Console()
    for number, place in enumerate(answer.places):
        console.print(*([] if number == 0 else [""]), Text(printable(place.title), style="bold"), sep="\n")
        table = Table("line", "rule", "why", "what to do", box=None, pad_edge=False)
        table.add_column("at stake", justify="right", no_wrap=True)
        for row in place.rows:
            line = "" if row.line_number is None else str(row.line_number)
            why = f"{row.rule_title} ({row.evidence})" if row.evidence else row.rule_title
            cells = (line, row.rule_id, why, row.remediation)
            table.add_row(*(Text(printable(cell)) for cell in cells), f"{row.at_stake_amount:,.2f}")
        console.print(table)
    console.print(f"\n{answer.summary}" if answer.places else answer.summary, highlight=False)


@contextmanager
def _errors_told() -> Iterator[None]:
    try:
        yield
    except KetaclaimsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


def _print_table(columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    from decimal import Decimal

    from ketaclaims.publish.output import printable

    table = Table()
    for position, column in enumerate(columns):
        values = [row[position] for row in rows if row[position] is not None]
        is_number = bool(values) and all(isinstance(value, int | float | Decimal | date) for value in values)
        table.add_column(Text(printable(column)), justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(value)) for value in row))
    Console(soft_wrap=False).print(table)
