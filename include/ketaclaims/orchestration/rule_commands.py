"""``ketaclaims rules simulate``."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ketaclaims.errors import KetaclaimsError
from ketaclaims.publish.commands import Format
from ketaclaims.settings import Settings

if TYPE_CHECKING:
    from ketaclaims.orchestration.rule_simulation import Simulation

_HEADERS = (
    "new fails", "gone fails", "to not evaluable", "from not evaluable", "repriced", "at stake before",
    "after", "false holds",
)  # fmt: skip


def simulate_rules(
    project: Annotated[
        Path,
        typer.Option("--project", help="Checkout with the changed rules, policies or codes."),
    ],
    output: Annotated[Format, typer.Option("--format", help="By rule, without identifiers.")] = Format.table,
    out: Annotated[
        Path | None, typer.Option("--out", help="Also write every flip as CSV: names claims, private (0600).")
    ] = None,
) -> None:
    """Replay the history with changed rules and show which verdicts flip, before the change is merged.

    Judges everything twice, with the files of this installation and with those of --project, on private
    copies. The warehouse, the findings and the publication stay untouched. A false hold is a new fail on a
    claim the payer paid in full.
    """
    from rich.console import Console

    from ketaclaims.orchestration.rule_simulation import RuleFlips, simulate
    from ketaclaims.publish.output import write_csv, write_json
    from ketaclaims.publish.worklist import write_private_csv

    progress = Console(stderr=True)
    try:
        with progress.status("Copying the warehouse") as status:
            simulation = simulate(Settings(), project, lambda text: status.update(text))
        if out is not None:
            write_private_csv(out, simulation.flip_columns, simulation.flips)
    except KetaclaimsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    if output is Format.table:
        _print(simulation)
    else:
        (write_csv if output is Format.csv else write_json)(sys.stdout, RuleFlips._fields, simulation.by_rule)


def _print(simulation: "Simulation") -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    if not simulation.by_rule:
        console.print(f"No verdict changes (as of {simulation.as_of_date}).", highlight=False)
        return
    table = Table("rule", box=None, pad_edge=False)
    for name in _HEADERS:
        table.add_column(name, justify="right")
    for rule in simulation.by_rule:
        table.add_row(*(f"{value:,}" if not isinstance(value, str) else value for value in rule))
    console.print(table)
    before, after = (
        sum(getattr(rule, name) for rule in simulation.by_rule) for name in ("amount_before", "amount_after")
    )
    held = sum(rule.false_holds for rule in simulation.by_rule)
    console.print(
        f"{len(simulation.flips)} verdicts change as of {simulation.as_of_date}; at stake {before:,.2f} -> "
        f"{after:,.2f} USD; {held} false holds.",
        highlight=False,
    )
