"""The overview page for billers: one self-contained HTML file made from the published tables alone.

What stands on it is ``report.yml``: every figure is one query on the identifier-free database. The page loads
nothing: charts are SVG inside it, and its policy (CSP) forbids scripts and every request.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from ketaclaims.errors import KetaclaimsError
from ketaclaims.publish.database import DATABASE_NAME
from ketaclaims.publish.query import open_published

_HERE = Path(__file__).parent
_NOTHING = "\N{EN DASH}"


@dataclass(frozen=True, slots=True)
class Cell:
    """One shown value and the style of its column: ``number`` stands right, ``code`` never wraps, or none."""

    text: str
    style: str


@dataclass(frozen=True, slots=True)
class Tile:
    """One headline figure with the sentence below it."""

    label: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class Block:
    """One section: a title, what it means, maybe a chart, and a table."""

    title: str
    note: str
    if_empty: str
    chart_svg: str
    headers: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]


def write_reports(publication: Path) -> Path:
    """Write ``reports/index.html`` of one publication folder that already holds its database."""
    with open_published(publication / DATABASE_NAME) as con:
        identity = _one_row(con, "select as_of_date, published_at, run_id, newest_commit from publication")
        tiles = headline(con)
        blocks = [_block(con, block) for block in _spec()["blocks"]]
    html = _render(
        identity=identity,
        tiles=tiles,
        blocks=blocks,
        data_docs_href="../data_docs/index.html"
        if (publication / "data_docs" / "index.html").exists()
        else "",
    )
    page = publication / "reports" / "index.html"
    page.parent.mkdir()
    page.write_text(html)
    return page


def headline(con: duckdb.DuckDBPyConnection) -> list[Tile]:
    """The headline figures of a published database, as the page and the run's summary show them."""
    return [_tile(con, tile) for tile in _spec()["tiles"]]


def shown(value: Any, kind: str) -> str:
    """A value as people read it; the kinds are those of ``report.yml``; null is a dash."""
    if value is None:
        return _NOTHING
    if kind == "money":
        amount = Decimal(value)
        return f"{'-' if amount < 0 else ''}${abs(amount):,.2f}"
    if kind == "count":
        return f"{int(value):,}"
    if kind == "number":
        return f"{Decimal(value).normalize():,f}"
    if kind == "percent":
        return f"{Decimal(value):.1f} %"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    return value.isoformat() if isinstance(value, date) else str(value)


def bar_chart(labels: list[str], amounts: list[Decimal]) -> str:
    """Horizontal bars of money in the given order: an SVG element without script, style or outside name."""
    import altair as alt
    import vl_convert

    told_apart = [f"{position:02d}" for position in range(len(labels))]  # equal labels must not share a bar
    values = [
        {"key": key, "name": label, "amount": float(amount), "shown": shown(amount, "money")}
        for key, label, amount in zip(told_apart, labels, amounts, strict=True)
    ]
    base = alt.Chart(alt.Data(values=values))
    rows = alt.Y("key:N", sort=told_apart, axis=None)
    bars = base.mark_bar(color="#2f6690", height=18).encode(
        x=alt.X("amount:Q", axis=None, scale=alt.Scale(domainMin=0, padding=4)), y=rows
    )
    amount_text = base.mark_text(align="left", dx=6, color="#1d2733").encode(
        x="amount:Q", y=rows, text="shown:N"
    )
    name_text = base.mark_text(align="left", dx=-330, color="#1d2733", limit=320).encode(
        x=alt.value(0), y=rows, text="name:N"
    )
    chart = (
        alt.layer(bars, amount_text, name_text)
        .properties(
            width=520, height=alt.Step(28), background="transparent", padding={"left": 0, "right": 90}
        )
        .configure(font="system-ui, sans-serif")
        .configure_text(fontSize=13)
        .configure_view(stroke=None)
    )
    svg: str = vl_convert.vegalite_to_svg(chart.to_dict(), allowed_base_urls=[])
    return svg.replace(' xmlns="http://www.w3.org/2000/svg"', "").replace(
        ' xmlns:xlink="http://www.w3.org/1999/xlink"', ""
    )


@cache
def _spec() -> Any:
    return yaml.safe_load((_HERE / "report.yml").read_text())


def _tile(con: duckdb.DuckDBPyConnection, spec: Mapping[str, Any]) -> Tile:
    row = _one_row(con, spec["sql"])
    texts = [shown(value, kind) for value, kind in zip(row, spec["kinds"], strict=True)]
    return Tile(spec["label"], spec["value"].format(*texts), spec["note"].format(*texts))


def _block(con: duckdb.DuckDBPyConnection, spec: Mapping[str, Any]) -> Block:
    rows = con.execute(spec["sql"]).fetchall()
    kinds = [column["kind"] for column in spec["columns"]]
    if rows and len(rows[0]) != len(kinds):
        raise KetaclaimsError("BAD_REPORT", f"{spec['title']}: the query and its columns differ in number")
    return Block(
        title=spec["title"],
        note=spec["note"],
        if_empty=spec["if_empty"],
        chart_svg=_chart(spec, rows),
        headers=tuple(Cell(column["label"], _style(column["kind"])) for column in spec["columns"]),
        rows=tuple(
            tuple(Cell(shown(value, kind), _style(kind)) for value, kind in zip(row, kinds, strict=True))
            for row in rows
        ),
    )


def _chart(spec: Mapping[str, Any], rows: list[tuple[Any, ...]]) -> str:
    """Bars over the table's first rows; none where there is nothing to compare."""
    if "chart" not in spec or not any(row[spec["chart"]["amount"]] for row in rows):
        return ""
    chart = spec["chart"]
    top = rows[: chart["rows"]]
    labels = [" · ".join(str(row[position]) for position in chart["label"] if row[position]) for row in top]
    return bar_chart(labels, [Decimal(row[chart["amount"]] or 0) for row in top])


def _style(kind: str) -> str:
    if kind in {"money", "count", "number", "percent"}:
        return "number"
    return "code" if kind in {"code", "date"} else ""


def _one_row(con: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    row = con.execute(sql).fetchone()
    if row is None:
        raise KetaclaimsError("BAD_REPORT", "a headline query returned no row")
    return tuple(row)


def _render(*, identity: tuple[Any, ...], tiles: list[Tile], blocks: list[Block], data_docs_href: str) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = (_HERE / "report.css").read_text()
    as_of_date, published_at, run_id, newest_commit = identity
    return environment.get_template("report.html").render(
        as_of_date=shown(as_of_date, "date"),
        published_at=shown(published_at, "date"),
        run_id=run_id,
        newest_commit=newest_commit,
        tiles=tiles,
        blocks=blocks,
        data_docs_href=data_docs_href,
        style=Markup(style),
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    )
