"""What a run left, for a person to read: files, money, findings, where things are, what to type next."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ketaclaims.publish.database import DATABASE_NAME
from ketaclaims.publish.query import open_published
from ketaclaims.publish.reports import headline
from ketaclaims.raw.ledger import open_ledger
from ketaclaims.raw.views import list_files
from ketaclaims.settings import Settings

FINDINGS = """
    select
        rule_id,
        any_value(severity),
        count(case when finding_status = 'fail' then 1 end),
        count(case when finding_status = 'not_evaluable' then 1 end),
        coalesce(sum(case when finding_status = 'fail' then at_stake_amount end), 0) as at_stake_amount
    from fct_coding_findings
    where finding_status in ('fail', 'not_evaluable')
    group by rule_id
    order by at_stake_amount desc, rule_id
"""


def render(settings: Settings) -> RenderableType:
    """The summary as something rich can print; parts of a run that did not happen are left out."""
    parts: list[RenderableType] = [_files(settings)]
    database = settings.published_dir / "current" / DATABASE_NAME
    if database.exists():
        with open_published(database.resolve()) as connection:
            parts += [_headline(connection), _findings(connection)]
    else:
        parts.append(Text("Nothing is published yet.", style="yellow"))
    parts.append(_places(settings))
    return Group(*(item for part in parts for item in (Text(""), part)))


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Table:
    """One small table; every column after the first holds numbers."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number == 0 else "right", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    return table


def _cell(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"${value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value if value is not None else "")


def _files(settings: Settings) -> Table:
    with open_ledger(settings) as ledger:
        files = list_files(ledger)
    counts: dict[str, int] = {"committed": 0, "duplicate": 0, "quarantined": 0}
    for file in files:
        counts[file.status] = counts.get(file.status, 0) + 1
    return _table("Files", list(counts), [list(counts.values())])


def _headline(connection: duckdb.DuckDBPyConnection) -> Table:
    table = Table(
        title="Money", title_justify="left", title_style="bold", box=None, show_header=False, pad_edge=False
    )
    table.add_column()
    table.add_column(justify="right", no_wrap=True)
    table.add_column(style="dim")
    for tile in headline(connection):
        table.add_row(tile.label, tile.value, tile.note)
    return table


def _findings(connection: duckdb.DuckDBPyConnection) -> Table:
    rows = connection.execute(FINDINGS).fetchall()
    return _table("Open findings", ["rule", "severity", "fail", "not evaluable", "at stake"], rows)


def _places(settings: Settings) -> Table:
    current = settings.published_dir / "current"
    prefix = f"KETACLAIMS_DATA_ROOT={_shown(settings.data_root.absolute())} "
    prefix = "" if settings.data_root == Path("data") else prefix
    table = Table(title="Where things are, what to type next", title_justify="left", title_style="bold")
    table.box, table.show_header = None, False
    for name, place in (
        ("report page", _shown(current / "reports" / "index.html")),
        ("database", _shown(current / "analytics.duckdb")),
        ("Data Docs", _shown(current / "data_docs" / "index.html")),
        ("digests", _shown(settings.path("alerts"))),
        ("query", f'{prefix}.venv/bin/ketaclaims query "select * from fct_denials"'),
        ("findings", f"{prefix}.venv/bin/ketaclaims findings"),
        ("not loaded", f"{prefix}.venv/bin/ketaclaims quarantine list"),
    ):
        table.add_row(Text(name, style="dim"), Text(place, overflow="fold"))
    return table


def _shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
