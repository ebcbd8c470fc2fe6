"""``ketaclaims ehr``: what the exports of an EHR give, and what they lack."""

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ketaclaims.ehr.profile_command import profile

if TYPE_CHECKING:
    from ketaclaims.quality.coverage import RuleCoverage


class Format(StrEnum):
    """How an answer is printed."""

    table = "table"
    csv = "csv"
    json = "json"


def register(app: typer.Typer) -> None:
    """Add the group ``ehr``."""
    ehr = typer.Typer(help="What EHR exports give, and what they lack.", no_args_is_help=True)
    ehr.callback()(_group)
    ehr.command("profile")(profile)
    ehr.command("coverage")(coverage)
    app.add_typer(ehr, name="ehr")


def _group() -> None:
    """What EHR exports give, and what they lack."""


def coverage(
    clinic: Annotated[str | None, typer.Option(help="Only this clinic_id; default: every clinic.")] = None,
    output: Annotated[
        Format, typer.Option("--format", help="csv is safe to open in a spreadsheet.")
    ] = Format.table,
) -> None:
    """Say per clinic which rules are evaluable with the data given, and what the others lack.

    Columns are those of docs/data_contract.md: what is lacking is what to ask the EHR vendor for.
    """
    from ketaclaims.errors import KetaclaimsError
    from ketaclaims.publish.output import write_csv, write_json
    from ketaclaims.quality.coverage import coverage as measured
    from ketaclaims.settings import Settings

    try:
        found = measured(Settings(), clinic)
    except KetaclaimsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    if not found:
        typer.echo(
            "No EHR rows count yet." if clinic is None else "No EHR row of this clinic counts.", err=True
        )
        raise typer.Exit(2)
    if output is Format.table:
        _print(found)
        return
    names = ("clinic_id", "rule_id", "code", "state", "lacking", "least_filled_column", "least_filled_share")
    rows = [tuple(_plain(getattr(each, name)) for name in names) for each in found]
    (write_csv if output is Format.csv else write_json)(sys.stdout, names, rows)


def _plain(value: object) -> object:
    return "; ".join(value) if isinstance(value, tuple) else value


def _print(found: "list[RuleCoverage]") -> None:
    """Per clinic a line of totals and a table, what is lacking first."""
    from itertools import groupby

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from ketaclaims.publish.output import printable

    console = Console()
    for clinic, rules in groupby(found, key=lambda each: each.clinic_id):
        listed = sorted(rules, key=lambda each: (each.state == "evaluable", each.code))
        count = sum(each.state == "evaluable" for each in listed)
        console.print(
            Text(f"{printable(clinic)}: {count} of {len(listed)} rules are evaluable"), style="bold"
        )
        table = Table("code", "rule", "state", "lacking", "least filled", box=None, pad_edge=False)
        for each in listed:
            least = (
                f"{each.least_filled_column} {each.least_filled_share:.0%}" if each.least_filled_share else ""
            )
            table.add_row(
                *(Text(cell) for cell in (each.code, each.title, each.state, ", ".join(each.lacking), least))
            )
        console.print(table)
