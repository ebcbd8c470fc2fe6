"""An inspection on the terminal: claims, payers, charges, codes, what is wrong; fits 80 columns."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from ketaclaims.x12.inspection_text import counted, grid, headline, issues, stated
from ketaclaims.x12.p837.diagnostics import DIAGNOSTICS
from ketaclaims.x12.p837.inspection import Inspection
from ketaclaims.x12.values import decimal_text

PAYERS_SHOWN = 8
CODES_SHOWN = 10


def render(inspection: Inspection) -> RenderableType:
    """The whole page of one input."""
    report = inspection.reading.report
    parts: list[RenderableType] = [headline(inspection.label, report.status, inspection.sha256)]
    if inspection.claims:
        parts.append(_claims(inspection))
    if inspection.reading.totals.n_st:
        parts.extend(_money(inspection))
    if inspection.payers:
        parts.extend(_payers(inspection))
    if inspection.codes:
        parts.extend(_codes(inspection))
    parts.extend(issues(report.issues, DIAGNOSTICS))
    return Group(*parts, Text())


def _claims(inspection: Inspection) -> RenderableType:
    """Two lines a claim; neither patient nor control number is shown."""
    parts: list[RenderableType] = []
    for number, row in enumerate(inspection.claims, start=1):
        parts.append(Text(f"{number}. {row['billing_provider_name'] or '?'} to {row['payer_name'] or '?'}"))
        days = {str(row[name] or "no date") for name in ("service_from_date", "service_to_date")}
        details = (
            f"frequency {row['frequency_code'] or '?'}, place {row['place_of_service_code'] or '?'}, "
            f"{' to '.join(sorted(days))}, {counted(row['diagnosis_count'], 'diagnosis code')}\n"
            f"{counted(row['line_count'], 'line')} of {stated(row['line_charge_amount'])}, "
            f"charged {stated(row['charge_amount'])}"
        )
        parts.append(Padding(Text(details), (0, 0, 0, 3), expand=False))
    more = inspection.reading.totals.n_clm - len(inspection.claims)
    if more:
        parts.append(Text(f"   and {more} more"))
    return Group(*parts)


def _money(inspection: Inspection) -> Iterator[RenderableType]:
    totals = inspection.reading.totals
    balance = (
        "charges are the sum of the lines" if totals.is_balanced else "charges are NOT the sum of the lines"
    )
    yield Text(
        f"\n{counted(totals.n_st, 'transaction')}, {counted(totals.n_clm, 'claim')}, "
        f"{counted(totals.n_lx, 'line')}: {balance}",
        style="bold",
    )
    table = grid("right")
    for label, cents in (
        ("charged (CLM02)", totals.clm02),
        ("lines (SV102)", totals.sv102),
        ("paid by patients (AMT*F5)", totals.amt_f5),
        ("paid by other payers (AMT*D)", totals.amt_d),
    ):
        table.add_row(f"  {label}", decimal_text(cents))
    yield table


def _payers(inspection: Inspection) -> Iterator[RenderableType]:
    largest = sorted(inspection.payers.items(), key=lambda item: (-item[1].charge, item[0]))
    shown = largest[:PAYERS_SHOWN]
    more = f" ({len(shown)} of {len(largest)})" if len(shown) < len(largest) else ""
    yield Text(f"\npayers{more}", style="bold")
    table = grid("right", "right")
    for (number, name), found in shown:
        table.add_row(Text(f"  {name or '?'} {number}"), str(found.claims), decimal_text(found.charge))
    yield table


def _codes(inspection: Inspection) -> Iterator[RenderableType]:
    frequent = sorted(inspection.codes.items(), key=lambda item: (-item[1], item[0]))[:CODES_SHOWN]
    more = f" ({len(frequent)} of {len(inspection.codes)})" if len(frequent) < len(inspection.codes) else ""
    yield Text(f"\nprocedure codes by line{more}", style="bold")
    yield Text("  " + ", ".join(f"{code} {count}" for code, count in frequent))
