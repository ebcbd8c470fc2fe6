"""An inspection on the terminal: payments, money, reasons, what is wrong and what to do."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from ketaclaims.raw.contract import Issue
from ketaclaims.x12.diagnostics import DIAGNOSTICS
from ketaclaims.x12.inspection import Inspection
from ketaclaims.x12.values import decimal_text

REASONS_SHOWN = 8
_STYLES = {"clean": "green", "warned": "yellow", "held": "red", "rejected": "bold red"}


def render(inspection: Inspection) -> RenderableType:
    """The whole page of one input."""
    parts: list[RenderableType] = [_headline(inspection)]
    if inspection.payments:
        parts.append(_payments(inspection))
    if inspection.reading.totals.n_st:
        parts.append(_money(inspection))
    if inspection.adjusted:
        parts.append(_reasons(inspection))
    parts.extend(_issues(inspection.reading.report.issues))
    return Group(*parts, Text())


def _headline(inspection: Inspection) -> Text:
    status = inspection.reading.report.status
    return Text.assemble(
        (inspection.label, "bold"), "  ", (status, _STYLES[status]), f"  sha256 {inspection.sha256[:12]}"
    )


def _payments(inspection: Inspection) -> Text:
    """Two lines a payment: amounts are never cut, whatever the width of the terminal."""
    lines = []
    for number, row in enumerate(inspection.payments, start=1):
        lines.append(
            f"{number}. {row['payer_name'] or '?'} to {row['payee_name'] or '?'}: {row['transaction_status']}"
        )
        lines.append(
            f"   trace {row['trace_number'] or '?'}, {row['payment_date'] or 'no date'}, "
            f"{row['payment_method_code'] or '?'}: {row['payment_amount']}; {row['claim_count']} claims "
            f"charged {row['claim_charge_amount']} paid {row['claim_paid_amount']}, "
            f"provider adjustments {row['provider_adjustment_amount']}"
        )
    more = inspection.reading.totals.n_st - len(inspection.payments)
    return Text("\n".join([*lines, f"   and {more} more" if more else ""]).rstrip())


def _money(inspection: Inspection) -> Text:
    totals = inspection.reading.totals
    patient = sum(cents for (group, _), cents in inspection.adjusted.items() if group == "PR")
    balance = "balanced" if totals.is_balanced else "NOT balanced"
    return Text(
        f"{totals.n_st} payments, {totals.n_clp} claims, {totals.n_svc} lines, "
        f"{totals.n_reversal} reversals: "
        f"charged {decimal_text(totals.clp03)}, paid {decimal_text(totals.clp04)}, "
        f"adjusted {decimal_text(totals.cas)} (patient share {decimal_text(patient)}), "
        f"provider adjustments {decimal_text(totals.plb)}, payment {decimal_text(totals.bpr02)}: {balance}"
    )


def _reasons(inspection: Inspection) -> Table:
    table = Table("group", "reason", title="largest adjustments", title_justify="left")
    table.add_column("amount", justify="right")
    largest = sorted(inspection.adjusted.items(), key=lambda item: (-abs(item[1]), item[0]))
    for (group, carc), cents in largest[:REASONS_SHOWN]:
        table.add_row(escape(group), escape(carc), decimal_text(cents))
    return table


def _issues(issues: tuple[Issue, ...]) -> Iterator[RenderableType]:
    if not issues:
        return
    table = Table("severity", "code", "segment", "byte", "what is wrong")
    for issue in issues:
        table.add_row(
            issue.severity,
            issue.code,
            "-" if issue.segment_number is None else str(issue.segment_number),
            "-" if issue.byte_offset is None else str(issue.byte_offset),
            escape(issue.message),
        )
    yield table
    for code in dict.fromkeys(issue.code for issue in issues if issue.severity != "info"):
        if code in DIAGNOSTICS:
            yield Text(f"{code}: {DIAGNOSTICS[code].action}")
