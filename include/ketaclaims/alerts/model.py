"""What alerts are decided from and what comes of it: plain values, no patient data.

Counts, amounts in US dollars, rule ids, reason codes, dates and sha256 prefixes only. Nothing here can hold
an identifier of a patient, claim, authorisation or payment.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

Audience = Literal["biller", "data_team", "compliance"]
NO_MONEY = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Measure:
    """How bad a condition is. Worse: more of it, more money, or something newer among it."""

    count: int = 0
    amount: Decimal = NO_MONEY
    newest: str = ""  # ISO date or time; sorts as text

    def is_worse_than(self, other: "Measure") -> bool:
        """Whether anything got worse since ``other``."""
        return self.count > other.count or self.amount > other.amount or self.newest > other.newest


@dataclass(frozen=True, slots=True)
class Alert:
    """One condition worth telling. ``key`` is stable as long as the condition lasts."""

    key: str
    audience: Audience
    title: str
    next_step: str
    runbook: str  # slug of docs/runbooks/<slug>.md
    measure: Measure
    dollars_at_stake: Decimal | None = None
    urgency: int = 9  # 1 first, among alerts of equal money


@dataclass(frozen=True, slots=True)
class Digest:
    """What one audience is told at once, dearest first."""

    audience: Audience
    as_of_date: date
    run_id: str
    alerts: tuple[Alert, ...]


@dataclass(frozen=True, slots=True)
class RuleFindings:
    """Open failing findings of one rule; waived and not evaluable ones left out."""

    rule_id: str
    title: str
    remediation: str
    owner: str
    finding_count: int
    dollars_at_stake: Decimal
    newest_on: str


@dataclass(frozen=True, slots=True)
class RemittanceFault:
    """Remittances held for one reason, or counted although they do not add up."""

    reason: str
    remittance_count: int
    amount: Decimal
    newest_on: str


@dataclass(frozen=True, slots=True)
class QuarantinedFiles:
    """Inputs refused whole for one reason and not released or rejected since."""

    reason_code: str
    file_count: int
    newest_at: str
    sha256_prefixes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuarantinedRows:
    """Rows left out of inputs that were loaded otherwise; a corrected export takes them off."""

    row_count: int = 0
    file_count: int = 0
    newest_at: str = ""


@dataclass(frozen=True, slots=True)
class DenialPeriod:
    """Denied dollars of one period by payment date; periods are equally long and do not overlap."""

    first_day: date
    last_day: date
    remittance_count: int
    denied_amount: Decimal


@dataclass(frozen=True, slots=True)
class LapsingAuths:
    """Approved prior authorisations that end soon, or whose units are nearly used."""

    ending_count: int = 0
    newest_end: str = ""
    low_count: int = 0


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed that has delivered at least once."""

    name: str
    last_new_input_on: date


@dataclass(frozen=True, slots=True)
class AlertState:
    """Everything one decision sees. Money in US dollars, times in UTC."""

    as_of_date: date
    run_id: str
    now: datetime
    findings: tuple[RuleFindings, ...] = ()
    contract_failures: tuple[str, ...] = ()
    held_remittances: tuple[RemittanceFault, ...] = ()
    unbalanced_remittances: tuple[RemittanceFault, ...] = ()
    quarantined_files: tuple[QuarantinedFiles, ...] = ()
    quarantined_rows: QuarantinedRows = QuarantinedRows()
    denial_periods: tuple[DenialPeriod, ...] = ()  # newest first
    lapsing_auths: LapsingAuths = LapsingAuths()
    feeds: tuple[Feed, ...] = ()
    last_published_at: datetime | None = None
    first_input_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on a condition is worth telling. The first two come from the settings."""

    stale_feed_days: int = 7
    pa_expiry_warning_days: int = 14
    pa_low_units_pct: int = 80  # used share of the approved units
    publish_late_hours: int = 30  # a daily run that is more than six hours late
    denial_period_days: int = 28  # whole weeks: payers pay on fixed days of the week
    denial_periods_compared: int = 3
    denial_spike_ratio: Decimal = Decimal("1.5")
    denial_spike_amount: Decimal = Decimal("500.00")


Memory = Mapping[str, Measure]  # what a channel was last told, by alert key
