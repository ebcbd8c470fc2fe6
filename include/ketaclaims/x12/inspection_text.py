"""An inspection on the terminal: payments, money, reasons, what is wrong and what to do; fits 80 columns."""

from collections.abc import Iterator, Mapping

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ketaclaims.raw.contract import Issue, Status
from ketaclaims.x12.code_labels import carc_label
from ketaclaims.x12.diagnostics import DIAGNOSTICS, Diagnostic
from ketaclaims.x12.inspection import Inspection
from ketaclaims.x12.values import decimal_text

REASONS_SHOWN = 8
PLACES_SHOWN = 5  # of one code
_STYLES = {"clean": "green", "warned": "yellow", "held": "red", "rejected": "bold red"}
_GRAVITY = ("error", "warning", "info")


def render(inspection: Inspection) -> RenderableType:
    """The whole page of one input."""
    parts: list[RenderableType] = [
        headline(inspection.label, inspection.reading.report.status, inspection.sha256)
    ]
    if inspection.payments:
        parts.append(_payments(inspection))
    if inspection.reading.totals.n_st:
        parts.extend(_money(inspection))
    if inspection.adjusted:
        parts.extend(_reasons(inspection))
    parts.extend(issues(inspection.reading.report.issues))
    return Group(*parts, Text())


def headline(label: str, status: Status, sha256: str) -> Text:
    """Which file, and how it was read."""
    return Text.assemble((label, "bold"), "\n", (status, _STYLES[status]), f", sha256 {sha256[:12]}")


def _payments(inspection: Inspection) -> RenderableType:
    """Three lines a payment: amounts are never cut, whatever the width of the terminal."""
    parts: list[RenderableType] = []
    for number, row in enumerate(inspection.payments, start=1):
        names = f"{row['payer_name'] or '?'} to {row['payee_name'] or '?'}"
        parts.append(Text(f"{number}. {names}: {row['transaction_status']}"))
        details = (
            f"trace {row['trace_number'] or '?'}, {row['payment_date'] or 'no date'}, "
            f"{row['payment_method_code'] or '?'}: {stated(row['payment_amount'])}\n"
            f"{counted(row['claim_count'], 'claim')} charged {stated(row['claim_charge_amount'])}, "
            f"paid {stated(row['claim_paid_amount'])}, "
            f"provider adjustments {stated(row['provider_adjustment_amount'])}"
        )
        parts.append(Padding(Text(details), (0, 0, 0, 3), expand=False))
    more = inspection.reading.totals.n_st - len(inspection.payments)
    if more:
        parts.append(Text(f"   and {more} more"))
    return Group(*parts)


def stated(amount: object) -> str:
    """An amount, or that it could not be read."""
    return "unreadable" if amount is None else str(amount)


def counted(number: int, noun: str) -> str:
    """``1 claim``, ``2 claims``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _money(inspection: Inspection) -> Iterator[RenderableType]:
    totals = inspection.reading.totals
    patient = sum(cents for (group, _), cents in inspection.adjusted.items() if group == "PR")
    balance = "balanced" if totals.is_balanced else "NOT balanced"
    yield Text(
        f"\n{counted(totals.n_st, 'payment')}, {counted(totals.n_clp, 'claim')}, "
        f"{counted(totals.n_svc, 'line')}, {counted(totals.n_reversal, 'reversal')}: {balance}",
        style="bold",
    )
    table = grid("right")
    for label, cents in (
        ("charged", totals.clp03),
        ("adjusted", totals.cas - inspection.repeated),
        ("  of it patient share (PR)", patient),
        ("paid for claims", totals.clp04),
        ("provider adjustments (PLB, lower the payment)", totals.plb),
        ("payment (BPR02)", totals.bpr02),
    ):
        table.add_row(f"  {label}", decimal_text(cents))
    yield table


def grid(*justify: str) -> Table:
    """Columns without rules; the first one is text."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column()
    for side in justify:
        table.add_column(justify="right" if side == "right" else "left", no_wrap=side == "right")
    return table


def _reasons(inspection: Inspection) -> Iterator[RenderableType]:
    largest = sorted(inspection.adjusted.items(), key=lambda item: (-abs(item[1]), item[0]))
    shown = largest[:REASONS_SHOWN]
    more = f" ({len(shown)} of {len(largest)} reasons)" if len(shown) < len(largest) else ""
    yield Text(f"\nlargest adjustments{more}", style="bold")
    table = grid("right", "left")
    for (group, carc), cents in shown:
        table.add_row(Text(f"  {group} {carc}"), decimal_text(cents), Text(carc_label(carc)))
    yield table


def issues(
    reported: tuple[Issue, ...], catalogue: Mapping[str, Diagnostic] = DIAGNOSTICS
) -> Iterator[RenderableType]:
    """Gravest first, by code: where, what is wrong, and once what to do."""
    if not reported:
        return
    yield Text("\nwhat is wrong", style="bold")
    by_code: dict[str, list[Issue]] = {}
    for issue in sorted(reported, key=lambda issue: _GRAVITY.index(issue.severity)):
        by_code.setdefault(issue.code, []).append(issue)
    for code, found in by_code.items():
        yield Padding(Text.assemble((code, "bold"), f" ({found[0].severity})"), (0, 0, 0, 2), expand=False)
        lines = [f"{_place(issue)}{issue.message}" for issue in found[:PLACES_SHOWN]]
        if len(found) > PLACES_SHOWN:
            lines.append(f"and {len(found) - PLACES_SHOWN} more, listed by --format json")
        if code in catalogue:
            lines.append(f"do: {catalogue[code].action}")
        yield Padding(Text("\n".join(lines)), (0, 0, 0, 4), expand=False)


def _place(issue: Issue) -> str:
    names = (("segment", issue.segment_number), ("byte", issue.byte_offset))
    place = ", ".join(f"{name} {at}" for name, at in names if at is not None)
    return f"{place}: " if place else ""
