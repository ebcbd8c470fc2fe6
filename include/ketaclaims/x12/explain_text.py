"""One claim's arithmetic on the terminal, line by line, readable at 80 columns."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ketaclaims.x12.code_labels import carc_label, rarc_label
from ketaclaims.x12.diagnostics import DIAGNOSTICS
from ketaclaims.x12.explain import (
    SECONDARY,
    Amount,
    Check,
    ClaimStory,
    Row,
    allowed,
    claim_checks,
    negative,
    reversal_state,
    total,
)

STATUSES = {
    "1": "processed as primary",
    "2": "processed as secondary",
    "3": "processed as tertiary",
    "4": "denied",
    "19": "processed as primary, forwarded",
    "20": "processed as secondary, forwarded",
    "21": "processed as tertiary, forwarded",
    "22": "reversal of an earlier payment",
    "23": "not this payer's claim, forwarded",
    "25": "predetermination only, no payment",
}
_LABEL_WIDTH = 58


def render(stories: list[ClaimStory]) -> RenderableType:
    """The claims found under one number, in file order."""
    return Group(*(part for story in stories for part in _story(story)))


def _story(story: ClaimStory) -> Iterator[RenderableType]:
    yield _headline(story)
    for line in story.lines:
        yield Text()
        yield _line(story, line)
    yield Text()
    yield _whole(story)
    yield from _issues(story.issues)
    yield Text()


def _headline(story: ClaimStory) -> Text:
    claim, payment = story.claim, story.payment
    status = claim["claim_status_code"]
    meaning = STATUSES.get(status or "", "no status of the 835")
    lines = [
        f"{payment['payer_name'] or '?'} to {payment['payee_name'] or '?'}: {payment['transaction_status']}",
        f"trace {payment['trace_number'] or '?'}, {payment['payment_date'] or 'no date'}, "
        f"payer's number {claim['payer_claim_control_number'] or '?'}",
        f"status {status or '?'}: {meaning}; {reversal_state(story)}",
    ]
    title = f"Claim {story.key} (payment/claim of the file), segment {claim['_segment_number']}\n"
    return Text.assemble((title, "bold"), "\n".join(lines))


def _grid() -> Table:
    table = Table(box=None, show_header=False, padding=(0, 1), pad_edge=False)
    table.add_column(width=_LABEL_WIDTH, overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    return table


def _line(story: ClaimStory, line: Row) -> Table:
    table, adjustments = _grid(), story.adjustments_of(line["line_index"])
    table.add_row(Text(_line_title(line), style="bold"), "")
    parts = [("charge SVC02", line["charge_amount"]), *_taken_off(adjustments)]
    _add_check(table, Check(tuple(parts), "paid SVC03", line["paid_amount"]))
    _add_allowed(table, story, line["paid_amount"], adjustments, line["allowed_amount"])
    _add_remarks(table, story.remarks_of(line["line_index"]))
    return table


def _line_title(line: Row) -> str:
    names = ("procedure_code", "modifier_1", "modifier_2", "modifier_3", "modifier_4")
    code = "-".join(line[name] for name in names if line[name]) or "?"
    units = "" if line["paid_units"] is None else f", units {line['paid_units'].normalize():f}"
    original = line["original_procedure_code"]
    changed = f", billed as {original}" if original else ""
    number = f", our line {line['line_control_number']}" if line["line_control_number"] else ""
    return (
        f"line {line['line_index']}: {code}, {line['service_from_date'] or 'no date'}{units}{changed}{number}"
    )


def _taken_off(adjustments: Iterable[Row]) -> list[tuple[str, Amount]]:
    return [
        (
            f"less {row['group_code'] or '?'} {row['carc'] or '?'} {carc_label(row['carc'])}".rstrip()
            + (" (repeats the lines, not counted)" if row["is_repeat"] else ""),
            negative(row["adjustment_amount"]),
        )
        for row in adjustments
    ]


def _whole(story: ClaimStory) -> Table:
    table = _grid()
    table.add_row(Text("claim as a whole", style="bold"), "")
    own = story.adjustments_of(None)
    for label, amount in _taken_off(own):
        table.add_row(Text(f"  claim CAS: {label}"), _amount(amount))
    for check in claim_checks(story):
        _add_check(table, check)
    sent = [row["amount"] for row in story.amounts if row["qualifier"] == "B6" and row["line_index"] is None]
    stated = sent[0].quantize(Decimal("0.01")) if sent and sent[0] is not None else None
    _add_allowed(table, story, story.claim["paid_amount"], story.adjustments, stated)
    _add_remarks(table, story.remarks_of(None))
    return table


def _add_check(table: Table, check: Check) -> None:
    for label, amount in check.parts:
        table.add_row(Text(f"  {label}"), _amount(amount))
    if len(check.parts) > 1:
        table.add_row(Text("  should be"), _amount(check.expected))
    verdict = Text(f"  {check.stated_label}: ")
    if check.difference is None:
        verdict.append("cannot be checked, an amount is unreadable", "red")
    elif check.difference:
        verdict.append(f"OFF BY {check.difference}", "bold red")
    else:
        verdict.append("agrees", "green")
    table.add_row(verdict, _amount(check.stated))


def _add_allowed(
    table: Table, story: ClaimStory, paid: Amount, adjustments: list[Row], stated: Amount
) -> None:
    """Allowed is no element of the 835: it is worked out, and held against AMT*B6 where that is sent."""
    status = story.claim["claim_status_code"]
    worked_out = allowed(paid, adjustments, status)
    other = " + OA 23" if status in SECONDARY else ""
    table.add_row(Text(f"  allowed, worked out: paid + PR{other}"), _amount(worked_out))
    if stated is None:
        return
    difference = total([worked_out, negative(stated)])
    is_same = (
        "agrees" if difference == 0 else "not compared" if difference is None else f"differs by {difference}"
    )
    table.add_row(Text(f"  allowed as sent, AMT*B6: {is_same}"), _amount(stated))


def _add_remarks(table: Table, remarks: list[Row]) -> None:
    for row in remarks:
        table.add_row(
            Text(f"  remark {row['rarc']} ({row['source']}) {rarc_label(row['rarc'])}".rstrip()), ""
        )


def _amount(amount: Amount) -> str:
    return "unreadable" if amount is None else f"{amount:.2f}"


def _issues(issues: list[Row]) -> Iterator[Text]:
    for row in issues:
        yield Text(f"{row['code']}: {row['message']}. {DIAGNOSTICS[row['code']].action}", style="yellow")
