"""Gathers what alerts are decided from: marts, ledger, what is published. Reads only; no identifiers."""

import json
import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ketaclaims.alerts import queries
from ketaclaims.alerts.model import (
    AlertState,
    DenialPeriod,
    Feed,
    LapsingAuths,
    QuarantinedFiles,
    QuarantinedRows,
    RemittanceFault,
    RuleFindings,
    Thresholds,
)
from ketaclaims.landing.classify import feed_of
from ketaclaims.settings import Settings

if TYPE_CHECKING:
    import duckdb

MAX_NAME = 200
_UNEXPECTED = re.compile(r"[^\w .,:=()#'/-]")


def thresholds(settings: Settings) -> Thresholds:
    """From where on a condition is told, as the settings have it."""
    return Thresholds(
        stale_feed_days=settings.stale_feed_days, pa_expiry_warning_days=settings.pa_expiry_warning_days
    )


def collect(
    connection: "duckdb.DuckDBPyConnection",
    settings: Settings,
    *,
    as_of_date: date,
    run_id: str,
    now: datetime,
    contract_failures: Sequence[str] = (),
) -> AlertState:
    """The state as of a business date. ``now`` is UTC without zone, as the warehouse keeps times.

    A mart that was never built (a first run that failed early) contributes nothing.
    """
    return _Collector(connection, thresholds(settings), as_of_date).state(
        run_id=run_id,
        now=now,
        contract_failures=tuple(_name(failure) for failure in contract_failures),
        last_published_at=last_published_at(settings),
    )


def last_published_at(settings: Settings) -> datetime | None:
    """When the served publication was made (UTC); None before the first."""
    file = settings.published_dir / "current" / "publication.json"
    if not file.exists():
        return None
    at = datetime.fromisoformat(json.loads(file.read_text(encoding="utf-8"))["published_at"])
    return _utc(at)


class _Collector:
    """The queries of one collection, on one connection."""

    def __init__(self, connection: "duckdb.DuckDBPyConnection", limits: Thresholds, as_of_date: date) -> None:
        self._connection = connection
        self._limits = limits
        self._as_of_date = as_of_date
        self._tables = {row[0] for row in connection.execute(queries.TABLES).fetchall()}

    def state(
        self,
        *,
        run_id: str,
        now: datetime,
        contract_failures: tuple[str, ...],
        last_published_at: datetime | None,
    ) -> AlertState:
        """Run every query whose tables exist."""
        has_ledger = "raw.ledger_input" in self._tables
        has_remits = "marts.fct_remittance_reconciliation" in self._tables
        return AlertState(
            as_of_date=self._as_of_date,
            run_id=run_id,
            now=now,
            contract_failures=contract_failures,
            last_published_at=last_published_at,
            findings=self._findings() if "marts.fct_coding_findings" in self._tables else (),
            held_remittances=self._faults(queries.HELD_REMITTANCES) if has_remits else (),
            unbalanced_remittances=self._faults(queries.UNBALANCED_REMITTANCES) if has_remits else (),
            denial_periods=self._denials() if has_remits and "marts.fct_denials" in self._tables else (),
            lapsing_auths=self._auths() if "marts.fct_prior_auths" in self._tables else LapsingAuths(),
            quarantined_files=self._files() if has_ledger else (),
            quarantined_rows=self._quarantined_rows() if has_ledger else QuarantinedRows(),
            feeds=self._feeds() if has_ledger else (),
            first_input_at=self._rows(queries.FIRST_INPUT)[0][0] if has_ledger else None,
        )

    def _rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = self._connection.execute(sql, list(parameters)).fetchall()
        return rows

    def _findings(self) -> tuple[RuleFindings, ...]:
        return tuple(
            RuleFindings(rule, title or rule, fix or "", owner or "", count, _money(amount), _iso(newest))
            for rule, title, fix, owner, count, amount, newest in self._rows(queries.FINDINGS)
        )

    def _faults(self, sql: str) -> tuple[RemittanceFault, ...]:
        return tuple(
            RemittanceFault(reason, count, _money(amount), _iso(newest))
            for reason, count, amount, newest in self._rows(sql)
        )

    def _files(self) -> tuple[QuarantinedFiles, ...]:
        return tuple(
            QuarantinedFiles(reason, count, _iso(newest), tuple(prefixes))
            for reason, count, newest, prefixes in self._rows(queries.QUARANTINED_FILES)
        )

    def _quarantined_rows(self) -> QuarantinedRows:
        [(rows, files, newest)] = self._rows(queries.QUARANTINED_ROWS)
        return QuarantinedRows(int(rows), files, _iso(newest))

    def _auths(self) -> LapsingAuths:
        last = self._as_of_date + timedelta(days=self._limits.pa_expiry_warning_days)
        [(ending, newest, low)] = self._rows(queries.LAPSING_AUTHS, (last, self._limits.pa_low_units_pct))
        return LapsingAuths(ending, _iso(newest), low)

    def _denials(self) -> tuple[DenialPeriod, ...]:
        days = timedelta(days=self._limits.denial_period_days)
        found = []
        for back in range(self._limits.denial_periods_compared + 1):
            last = self._as_of_date - back * days
            first = last - days + timedelta(days=1)
            [(denied,)] = self._rows(queries.DENIED_AMOUNT, (first, last))
            [(count,)] = self._rows(queries.REMITTANCE_COUNT, (first, last))
            found.append(DenialPeriod(first, last, count, _money(denied)))
        return tuple(found)

    def _feeds(self) -> tuple[Feed, ...]:
        newest: dict[str, date] = {}
        for kind, day in self._rows(queries.FEEDS):
            feed = feed_of(kind)
            if feed == "reference":
                continue  # published by the quarter: its releases are listed by what days they answer
            newest[feed] = max(day, newest.get(feed, day))
        return tuple(Feed(name, day) for name, day in sorted(newest.items()))


def _utc(at: datetime) -> datetime:
    return (at - (at.utcoffset() or timedelta(0))).replace(tzinfo=None)


def _money(amount: Any) -> Decimal:
    return Decimal(amount).quantize(Decimal("0.01"))


def _iso(moment: date | datetime | None) -> str:
    return moment.isoformat() if moment else ""


def _name(failure: str) -> str:
    """A contract failure as it is shown: suite, expectation, columns, counts; odd characters taken out."""
    return _UNEXPECTED.sub("", failure)[:MAX_NAME]
