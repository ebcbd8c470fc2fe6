"""Which conditions are worth telling, and which of them were not told yet. Pure: values in, values out."""

import re
from collections.abc import Iterator
from decimal import Decimal
from statistics import median

from ketaclaims.alerts.model import (
    Alert,
    AlertState,
    Audience,
    Digest,
    Measure,
    Memory,
    RemittanceFault,
    RuleFindings,
    Thresholds,
)

AUDIENCES: tuple[Audience, ...] = ("biller", "data_team", "compliance")
AUDIENCE_OF_OWNER: dict[str, Audience] = {"clinical": "compliance", "compliance": "compliance"}
URGENCY = {"contract": 1, "publication": 2, "held": 3, "unbalanced": 4, "quarantine": 5, "rule": 6}
CENT = Decimal("0.01")
_NUMBER = re.compile(r"\b\d+\b")


def decide(state: AlertState, told: Memory, thresholds: Thresholds | None = None) -> list[Digest]:
    """One digest per audience with what is new or worse than it was told; dearest first."""
    limits = thresholds or Thresholds()
    fresh = [alert for alert in find_alerts(state, limits) if is_news(alert, told)]
    digests = []
    for audience in AUDIENCES:
        mine = sorted((a for a in fresh if a.audience == audience), key=_rank)
        if mine:
            digests.append(Digest(audience, state.as_of_date, state.run_id, tuple(mine)))
    return digests


def is_news(alert: Alert, told: Memory) -> bool:
    """Not told before, told and resolved since, or worse than when it was last looked at."""
    before = told.get(alert.key)
    return before is None or alert.measure.is_worse_than(before)


def find_alerts(state: AlertState, limits: Thresholds) -> list[Alert]:
    """Every condition that holds now, told or not. Keys are unique."""
    return [
        *_contracts(state),
        *_publication(state, limits),
        *map(_held, state.held_remittances),
        *map(_unbalanced, state.unbalanced_remittances),
        *_quarantined(state),
        *_quarantined_rows(state),
        *map(_rule, state.findings),
        *_denial_spike(state, limits),
        *_prior_auths(state, limits),
        *_stale_feeds(state, limits),
    ]


def _rank(alert: Alert) -> tuple[Decimal, int, str]:
    return (-(alert.dollars_at_stake or Decimal(0)), alert.urgency, alert.key)


def _contracts(state: AlertState) -> Iterator[Alert]:
    # a failure that only changed its row count is the same failure
    by_key = {f"contract:{_NUMBER.sub('#', name)}": name for name in state.contract_failures}
    for key, name in sorted(by_key.items()):
        yield Alert(
            key=key,
            audience="data_team",
            title=f"Contract failed, nothing was published: {name}",
            next_step="Analysts still see the previous publication. Find the rows, fix the cause, run again.",
            runbook="contract-failed",
            measure=Measure(count=1),
            urgency=URGENCY["contract"],
        )


def _publication(state: AlertState, limits: Thresholds) -> Iterator[Alert]:
    since = state.last_published_at or state.first_input_at
    if since is None:
        return
    hours = int((state.now - since).total_seconds() // 3600)
    if hours < limits.publish_late_hours:
        return
    yield Alert(
        key="publication:late",
        audience="data_team",
        title=f"No publication for {hours} hours (expected within {limits.publish_late_hours})",
        next_step="See which DAG failed or did not start; what is published is out of date.",
        runbook="no-publication",
        measure=Measure(count=hours // 24),
        urgency=URGENCY["publication"],
    )


def _held(fault: RemittanceFault) -> Alert:
    return Alert(
        key=f"remittance:held:{fault.reason}",
        audience="biller",
        title=f"{_number(fault.remittance_count, 'remittance')} held: {fault.reason}",
        next_step="Compare with the bank, then release or reject: ketaclaims quarantine list.",
        runbook="held-remittances",
        measure=Measure(fault.remittance_count, fault.amount, fault.newest_on),
        dollars_at_stake=fault.amount,
        urgency=URGENCY["held"],
    )


def _unbalanced(fault: RemittanceFault) -> Alert:
    return Alert(
        key=f"remittance:unbalanced:{fault.reason}",
        audience="biller",
        title=f"{_number(fault.remittance_count, 'counted remittance')} not reconciled: {fault.reason}",
        next_step="The difference is not in any claim. Look it up in fct_remittance_reconciliation.",
        runbook="unbalanced-remittances",
        measure=Measure(fault.remittance_count, fault.amount, fault.newest_on),
        dollars_at_stake=fault.amount,
        urgency=URGENCY["unbalanced"],
    )


def _quarantined(state: AlertState) -> Iterator[Alert]:
    for files in state.quarantined_files:
        shown = ", ".join(files.sha256_prefixes)
        yield Alert(
            key=f"quarantine:{files.reason_code}",
            audience="data_team",
            title=f"{_number(files.file_count, 'file')} quarantined: {files.reason_code} ({shown})",
            next_step="See position and reason: ketaclaims quarantine show SHA.",
            runbook="quarantined-files",
            measure=Measure(count=files.file_count, newest=files.newest_at),
            urgency=URGENCY["quarantine"],
        )


def _quarantined_rows(state: AlertState) -> Iterator[Alert]:
    rows = state.quarantined_rows
    if rows.row_count:
        yield Alert(
            key="quarantine:rows",
            audience="data_team",
            title=f"{_number(rows.row_count, 'row')} of {_number(rows.file_count, 'file')} not loaded",
            next_step="Correct the records in the EHR and export again: ketaclaims quarantine list.",
            runbook="quarantined-files",
            measure=Measure(count=rows.row_count, newest=rows.newest_at),
            urgency=URGENCY["quarantine"],
        )


def _rule(found: RuleFindings) -> Alert:
    return Alert(
        key=f"rule:{found.rule_id}",
        audience=AUDIENCE_OF_OWNER.get(found.owner, "biller"),
        title=f"{_number(found.finding_count, 'finding')} of {found.rule_id}: {found.title}",
        next_step=found.remediation,
        runbook="coding-findings",
        measure=Measure(found.finding_count, found.dollars_at_stake, found.newest_on),
        dollars_at_stake=found.dollars_at_stake,
        urgency=URGENCY["rule"],
    )


def _denial_spike(state: AlertState, limits: Thresholds) -> Iterator[Alert]:
    """The newest period against the median of those before it that had remittances at all."""
    if not state.denial_periods:
        return
    now, *before = state.denial_periods
    compared = [p.denied_amount for p in before[: limits.denial_periods_compared] if p.remittance_count]
    if len(compared) < limits.denial_periods_compared or not now.remittance_count:
        return
    usual = median(compared).quantize(CENT)
    excess = now.denied_amount - usual
    if excess < limits.denial_spike_amount or now.denied_amount < usual * limits.denial_spike_ratio:
        return
    # told again when the excess grows by another such amount, not with every new denial
    step = int(excess // max(usual * (limits.denial_spike_ratio - 1), limits.denial_spike_amount))
    yield Alert(
        key="denials:spike",
        audience="biller",
        title=(
            f"Denied {_dollars(now.denied_amount)} from {now.first_day} to {now.last_day}, "
            f"usual {_dollars(usual)} (median of the {len(compared)} periods before)"
        ),
        next_step="See which payer and reason grew: fct_denials by payer_id and CARC.",
        runbook="denial-spike",
        measure=Measure(count=step),
        dollars_at_stake=excess,
    )


def _prior_auths(state: AlertState, limits: Thresholds) -> Iterator[Alert]:
    auths = state.lapsing_auths
    if auths.ending_count:
        yield Alert(
            key="prior-auths:ending",
            audience="biller",
            title=(
                f"{_number(auths.ending_count, 'approved prior authorisation')} "
                f"ending within {limits.pa_expiry_warning_days} days"
            ),
            next_step="Ask for renewal before the last day: ketaclaims worklist prior-auths.",
            runbook="prior-auths-lapsing",
            measure=Measure(count=auths.ending_count, newest=auths.newest_end),
        )
    if auths.low_count:
        yield Alert(
            key="prior-auths:low",
            audience="biller",
            title=(
                f"{_number(auths.low_count, 'approved prior authorisation')} "
                f"with at least {limits.pa_low_units_pct}% of the units used"
            ),
            next_step="Ask for more units before the next visit: ketaclaims worklist prior-auths.",
            runbook="prior-auths-lapsing",
            measure=Measure(count=auths.low_count),
        )


def _stale_feeds(state: AlertState, limits: Thresholds) -> Iterator[Alert]:
    for feed in state.feeds:
        days = (state.as_of_date - feed.last_new_input_on).days
        if days >= limits.stale_feed_days:
            yield Alert(
                key=f"feed:stale:{feed.name}",
                audience="data_team",
                title=f"Feed {feed.name} delivered nothing new for {days} days",
                next_step="See that the export or the clearinghouse download still runs.",
                runbook="stale-feed",
                measure=Measure(count=days // limits.stale_feed_days if limits.stale_feed_days else 1),
            )


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _dollars(amount: Decimal) -> str:
    return f"${amount:,.2f}"
