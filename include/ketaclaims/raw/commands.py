"""``ketaclaims files``, ``quarantine`` and ``reread``. Names of files appear only when asked for."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

SHA_CHARACTERS = 12


class Format(StrEnum):
    """How a list is printed."""

    table = "table"
    json = "json"


class Status(StrEnum):
    """Ends of an input."""

    committed = "committed"
    duplicate = "duplicate"
    quarantined = "quarantined"


Sha = Annotated[str, typer.Argument(help="sha256 of the input; an unambiguous beginning is enough.")]
Reason = Annotated[str, typer.Option(help="Why; kept with the decision. Without patient data.")]
Transaction = Annotated[int | None, typer.Option(min=1, help="Position of one transaction (ST) in the file.")]
FormatOption = Annotated[Format, typer.Option("--format", help="table for people, json for programs.")]


def register(app: typer.Typer) -> None:
    """Add the commands of the raw store."""
    quarantine = typer.Typer(help="Inputs and transactions that wait for a decision.", no_args_is_help=True)
    app.command("files")(files)
    app.command("reread")(reread)
    for name, command in _QUARANTINE.items():
        quarantine.command(name)(command)
    app.add_typer(quarantine, name="quarantine")


@contextmanager
def _errors_to_stderr() -> Iterator[None]:
    from ketaclaims.errors import KetaclaimsError

    try:
        yield
    except KetaclaimsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


def files(
    status: Annotated[Status | None, typer.Option(help="Only inputs with this end.")] = None,
    output: FormatOption = Format.table,
    names: Annotated[
        bool, typer.Option("--names", help="Show landing paths too: they can hold PHI.")
    ] = False,
) -> None:
    """List every input with its end: committed, duplicate or quarantined, and why."""
    from ketaclaims.raw import views
    from ketaclaims.raw.ledger import open_ledger
    from ketaclaims.settings import Settings

    with _errors_to_stderr(), open_ledger(Settings()) as ledger:
        rows = views.list_files(ledger, status.value if status else None)
    shown = ["sha256", "kind", "status", "reason_code", "row_count", "committed_at"]
    _print(output, shown + ["landing_path", "member_name"] * names, [dataclasses.asdict(row) for row in rows])


def quarantine_list(output: FormatOption = Format.table) -> None:
    """List quarantined inputs, held transactions nobody has decided on yet, and quarantined rows."""
    from ketaclaims.raw import views
    from ketaclaims.raw.ledger import open_ledger
    from ketaclaims.settings import Settings

    settings = Settings()
    with _errors_to_stderr(), open_ledger(settings) as ledger:
        rows = [dataclasses.asdict(row) for row in views.list_waiting(settings, ledger)]
    _print(output, ["sha256", "st_index", "kind", "reason_code", "row_count", "since"], rows)


def quarantine_show(
    sha256: Sha,
    reveal: Annotated[
        bool, typer.Option("--reveal", help="Print content as well; recorded with your name.")
    ] = False,
) -> None:
    """Show position and reason of what is wrong with an input."""
    from ketaclaims.raw import releases, views
    from ketaclaims.raw.ledger import open_ledger
    from ketaclaims.settings import Settings

    settings = Settings()
    with _errors_to_stderr(), open_ledger(settings) as ledger:
        found = releases.find_sha(ledger, sha256)
        record = views.last_reading(settings, ledger, found)
        waiting = [row for row in views.list_waiting(settings, ledger) if row.sha256 == found]
        if reveal:
            releases.record_reveal(settings, found)
    typer.echo(f"{found[:SHA_CHARACTERS]} {record.kind} {record.status} {record.reason_code or ''}".rstrip())
    for row in waiting:
        if row.st_index is not None:
            typer.echo(f"held: transaction {row.st_index}, {row.reason_code}")
    for issue in record.issues:
        typer.echo(views.issue_text(issue))
    if record.issue_count > len(record.issues):
        typer.echo(f"{record.issue_count - len(record.issues)} more issues are not shown.")
    if reveal:
        typer.echo(views.content_near(settings, found, record.issues))


def quarantine_rows(
    sha256: Annotated[str | None, typer.Argument(help="Only of this input; default: of all.")] = None,
    output: FormatOption = Format.table,
) -> None:
    """List single rows in quarantine: row number (the header is row 1), table, column and reason."""
    from ketaclaims.raw import row_quarantine
    from ketaclaims.settings import Settings

    with _errors_to_stderr():
        rows = [dataclasses.asdict(row) for row in row_quarantine.waiting_rows(Settings(), sha256)]
    _print(output, ["sha256", "row_number", "table_name", "column_name", "reason_code", "message"], rows)


def quarantine_export(
    sha256: Sha,
    out: Annotated[
        Path | None, typer.Option(help="Where to; default: quarantine/<sha256>.csv below the data root.")
    ] = None,
) -> None:
    """Write the quarantined rows of one input to a private CSV for correction. It holds PHI; recorded."""
    from ketaclaims.raw import row_quarantine
    from ketaclaims.settings import Settings

    with _errors_to_stderr():
        path, count = row_quarantine.export_rows(Settings(), sha256, out)
    typer.echo(f"{count} rows written to {path}. Correct them there, then `ketaclaims quarantine correct`.")


def quarantine_correct(
    file: Annotated[Path, typer.Argument(help="The corrected file of `quarantine export`.", exists=True)],
    reason: Reason = "",
) -> None:
    """Load corrected rows in place of the quarantined ones. The same file twice changes nothing."""
    from ketaclaims.raw import row_quarantine
    from ketaclaims.settings import Settings

    with _errors_to_stderr():
        replay = row_quarantine.correct(Settings(), file, reason)
    if replay.commit_number is None:
        typer.echo("Nothing new: no row of it is in quarantine and changed.")
    else:
        typer.echo(f"{replay.released_count} rows released by commit {replay.commit_number}.")
    if replay.still_quarantined_count:
        typer.echo(f"{replay.still_quarantined_count} rows of this input are still in quarantine.")


def quarantine_release(
    sha256: Sha,
    reason: Reason = "",
    transaction: Transaction = None,
    complete_transactions: Annotated[
        bool, typer.Option("--complete-transactions", help="Load the whole transactions of a truncated file.")
    ] = False,
) -> None:
    """Let a quarantined input, or one held transaction, count."""
    from ketaclaims.raw import releases
    from ketaclaims.settings import Settings

    if transaction is not None and complete_transactions:
        raise typer.BadParameter("--transaction and --complete-transactions exclude each other.")
    with _errors_to_stderr():
        if transaction is None:
            number = releases.release_input(
                Settings(), sha256, reason, complete_transactions=complete_transactions
            )
        else:
            number = releases.decide_transaction(Settings(), sha256, transaction, "release", reason)
    typer.echo(f"Released by commit {number}. The next build of the marts counts it.")


def quarantine_reject(sha256: Sha, reason: Reason = "", transaction: Transaction = None) -> None:
    """Close a quarantined input or held transaction for good, or stop a committed input from counting."""
    from ketaclaims.raw import releases
    from ketaclaims.settings import Settings

    with _errors_to_stderr():
        if transaction is None:
            number = releases.reject_input(Settings(), sha256, reason)
        else:
            number = releases.decide_transaction(Settings(), sha256, transaction, "reject", reason)
    typer.echo(f"Rejected by commit {number}. `quarantine release` takes it back.")


def reread(
    sha256: Annotated[str | None, typer.Argument(help="One input; default: all with a newer reader.")] = None,
) -> None:
    """Read archived inputs again with the present readers and profiles; a better version supersedes."""
    from ketaclaims.raw import releases
    from ketaclaims.settings import Settings

    with _errors_to_stderr():
        outcome = releases.reread(Settings(), sha256)
    for refused, code in outcome.refused:
        typer.echo(f"{refused[:SHA_CHARACTERS]} would be refused now ({code}); nothing changed for it.")
    end = (
        "nothing changed"
        if outcome.commit_number is None
        else f"superseded by commit {outcome.commit_number}"
    )
    typer.echo(f"{outcome.read_count} inputs read again, {end}.")


_QUARANTINE: dict[str, Callable[..., None]] = {
    "list": quarantine_list,
    "show": quarantine_show,
    "rows": quarantine_rows,
    "export": quarantine_export,
    "correct": quarantine_correct,
    "release": quarantine_release,
    "reject": quarantine_reject,
}


def _print(output: Format, columns: list[str], rows: list[dict[str, Any]]) -> None:
    """Print chosen columns; json keeps whole hashes, the table their beginning."""
    if output is Format.json:
        typer.echo(json.dumps([{name: row[name] for name in columns} for row in rows], indent=2))
        return
    columns = [name for name in columns if any(row[name] is not None for row in rows)]
    chosen = [{name: row[name] for name in columns} for row in rows]
    from rich.console import Console
    from rich.table import Table

    table = Table(*columns, box=None, pad_edge=False)
    for row in chosen:
        row["sha256"] = row["sha256"][:SHA_CHARACTERS]
        for moment in row.keys() & {"since", "committed_at"}:
            row[moment] = row[moment][:19]  # to the second
        table.add_row(*(_cell(value) for value in row.values()))
    Console().print(table)


def _cell(value: Any) -> Any:
    from rich.text import Text

    # as plain text on one line: a hostile name is data, neither markup nor control characters
    plain = "" if value is None else str(value)
    return Text("".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in plain))
