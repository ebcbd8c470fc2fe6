"""``ketaclaims findings`` and ``ketaclaims rules``."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

import typer

from ketaclaims.errors import KetaclaimsError

if TYPE_CHECKING:
    from ketaclaims.quality.rules import Rule

Format = Literal["table", "csv", "json"]
Show = Literal["open", "fail", "not_evaluable", "waived", "resolved", "all"]
WRONG_USAGE = 64

findings_app = typer.Typer(
    help="Coding findings: what to fix before the payer sees it.", invoke_without_command=True
)
rules_app = typer.Typer(help="The rule catalogue.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add ``findings`` and ``rules`` to the root command."""
    app.add_typer(findings_app, name="findings")
    app.add_typer(rules_app, name="rules")


@contextmanager
def _errors_as_text() -> Iterator[None]:
    try:
        yield
    except KetaclaimsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


def _known(rule_id: str) -> "Rule":
    from ketaclaims.quality.rules import load_catalogue

    for rule in load_catalogue():
        if rule_id in (rule.rule_id, rule.code):
            return rule
    typer.echo("No such rule; `ketaclaims rules list` names them all.", err=True)
    raise typer.Exit(WRONG_USAGE)


def _one_of(choices: Any) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value not in get_args(choices):
            typer.echo(f"Choose one of: {', '.join(get_args(choices))}.", err=True)
            raise typer.Exit(WRONG_USAGE)
        return value

    return check


@findings_app.callback()
def list_findings(
    context: typer.Context,
    output: Annotated[
        str, typer.Option("--format", help="table, csv or json.", callback=_one_of(Format))
    ] = "table",
    rule: Annotated[str | None, typer.Option(help="Only this rule (slug or code).")] = None,
    status: Annotated[
        str, typer.Option(help="open, fail, not_evaluable, waived, resolved or all.", callback=_one_of(Show))
    ] = "open",
    clinic: Annotated[str | None, typer.Option(help="Only this clinic_id.")] = None,
) -> None:
    """List findings, dearest first; open and not waived unless --status says otherwise.

    A finding names its subject by the clinic's own key, never a patient. status is fail (the rule is broken)
    or not_evaluable (a fact it needs is missing). Money at stake counts once per claim line.
    """
    if context.invoked_subcommand is not None:
        return
    from ketaclaims.quality import findings as store
    from ketaclaims.settings import Settings

    rule_id = _known(rule).rule_id if rule else None
    with _errors_as_text():
        chosen = store.Filter(status, rule_id, clinic)  # type: ignore[arg-type]  # checked by the option
        found = store.read_findings(Settings(), chosen, datetime.now(UTC).date())
    if output == "csv":
        typer.echo(store.as_csv(found), nl=False)
    elif output == "json":
        typer.echo(store.as_json(found))
    else:
        _print_findings(found)


def _print_findings(found: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console()
    if not found:
        console.print("No findings.")
        return
    table = Table(box=None, pad_edge=False)
    for name in ("finding", "rule", "clinic", "subject", "status"):
        table.add_column(name, overflow="fold")
    table.add_column("at stake", justify="right", no_wrap=True)
    for row in found:
        status = "resolved" if row["resolved_at"] else row["status"]
        cells = (row["finding_id"][:8], row["rule_id"], row["clinic_id"], row["subject_key"], status)
        table.add_row(*map(escape, cells), f"{row['dollars_at_stake']:,.2f}")
    console.print(table)
    console.print(
        f"{len(found)} findings, {sum(row['dollars_at_stake'] for row in found):,.2f} USD at stake."
    )
    console.print("The facts behind each: --format csv. What a rule asks for: ketaclaims rules show RULE.")


@findings_app.command("waive")
def waive_finding(
    finding_id: Annotated[str, typer.Argument(help="Its id, or as much of it as is unique.")],
    reason: Annotated[str, typer.Option(help="Why it may stand. No patient data.")],
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Last day the waiver holds.")],
) -> None:
    """Waive one open finding until a date; kept with who, when and why."""
    from ketaclaims.quality import findings as store
    from ketaclaims.settings import Settings

    with _errors_as_text():
        waived = store.waive(Settings(), finding_id, reason, until.date(), datetime.now(UTC))
    typer.echo(f"Waived {waived} through {until.date().isoformat()}.")


@rules_app.command("list")
def list_rules() -> None:
    """All rules: code, severity, what a clean claim looks like."""
    from rich.console import Console
    from rich.table import Table

    from ketaclaims.quality.rules import load_catalogue

    table = Table("code", "rule", "severity", "subject", "a clean claim")
    with _errors_as_text():
        for rule in load_catalogue():
            table.add_row(rule.code, rule.rule_id, rule.severity, rule.subject, rule.title)
    Console().print(table)


@rules_app.command("show")
def show_rule(rule: Annotated[str, typer.Argument(help="Slug or code.")]) -> None:
    """One rule: why, source, what it judges, what to do."""
    from ketaclaims.quality.rule_book import rule_text

    with _errors_as_text():
        typer.echo(rule_text(_known(rule)))


@rules_app.command("measure")
def measure_rules(
    truth: Annotated[Path, typer.Option(help="truth/ folder of the simulation in the data root.")],
) -> None:
    """Measure every rule on a simulation's known answers: hits, false alarms, near misses, precision, recall.

    Exit code 1 when a rule missed a planted finding, gave another one, or named a near miss.
    """
    from ketaclaims.quality.truth_measure import as_markdown, measure_practice
    from ketaclaims.settings import Settings

    with _errors_as_text():
        measures = measure_practice(Settings(), truth)
    typer.echo(as_markdown(measures), nl=False)
    wrong = [one.rule_id for one in measures if not one.is_perfect]
    silent = sum(1 for one in measures if not one.expected)
    typer.echo(
        f"{len(measures)} rules; {silent} with nothing planted; not as planted: {', '.join(wrong) or 'none'}."
    )
    raise typer.Exit(1 if wrong else 0)
