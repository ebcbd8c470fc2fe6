"""The state holds exactly the counts and sums of the warehouse, and never an identifier."""

import json
from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest

from ketaclaims.alerts import run
from ketaclaims.alerts.collect import collect, thresholds
from ketaclaims.alerts.model import DenialPeriod, Feed, LapsingAuths, QuarantinedRows

DAY = date(2026, 3, 31)
NOW = datetime(2026, 3, 31, 7, 0)
CANARY = "ZZCANARY"  # every identifier column of the warehouse fixture holds it


@pytest.fixture
def state(settings, warehouse):
    with duckdb.connect(str(warehouse), read_only=True) as con:
        return collect(
            con, settings, as_of_date=DAY, run_id="r1", now=NOW, contract_failures=["a <b>: 3 rows"]
        )


def test_findings_count_only_what_fails_now(state):
    [found] = state.findings
    assert (found.rule_id, found.finding_count, found.dollars_at_stake) == (
        "gcode-dose-band",
        2,
        Decimal("501.00"),
    )
    assert (found.title, found.remediation, found.owner) == ("Dose band", "Replace the claim.", "coding")
    assert found.newest_on == "2026-03-30T08:00:00"


def test_held_and_unbalanced_money_is_absolute(state):
    assert [(f.reason, f.remittance_count, f.amount) for f in state.held_remittances] == [
        ("OUT_OF_BALANCE", 2, Decimal("140.00"))
    ]
    assert [(f.reason, f.remittance_count, f.amount) for f in state.unbalanced_remittances] == [
        ("CLAIM_UNBALANCED", 1, Decimal("2.50")),
        ("MART_DIFFERS_FROM_PAYMENT", 1, Decimal("0.01")),
        ("PAYMENT_DIFFERS_FROM_CLAIMS", 1, Decimal("3.00")),
    ]


def test_denial_periods_meet_without_gap_or_overlap(state):
    assert state.denial_periods == (
        DenialPeriod(date(2026, 3, 4), date(2026, 3, 31), 1, Decimal("3000.00")),
        DenialPeriod(date(2026, 2, 4), date(2026, 3, 3), 1, Decimal("1000.00")),
        DenialPeriod(date(2026, 1, 7), date(2026, 2, 3), 1, Decimal("1000.00")),
        DenialPeriod(date(2025, 12, 10), date(2026, 1, 6), 1, Decimal("1000.00")),
    )


def test_lapsing_auths_are_running_and_approved(state):
    assert state.lapsing_auths == LapsingAuths(ending_count=2, newest_end="2026-04-14", low_count=2)


def test_quarantine_shows_what_is_still_open(state):
    assert [(f.reason_code, f.file_count, f.sha256_prefixes) for f in state.quarantined_files] == [
        ("TRUNCATED", 2, ("c" * 12, "d" * 12))
    ]
    assert state.quarantined_rows == QuarantinedRows(7, 1, "2026-03-01T06:00:00")


def test_feeds_and_first_input(state):
    assert state.feeds == (Feed("ehr", date(2026, 3, 1)), Feed("remits", date(2026, 3, 30)))
    assert state.first_input_at == datetime(2026, 3, 1, 6)


def test_state_never_carries_identifiers_or_markup(state):
    assert CANARY not in repr(state)
    assert state.contract_failures == ("a b: 3 rows",)


def test_an_empty_warehouse_gives_a_calm_state(settings):
    with duckdb.connect(":memory:") as con:
        state = collect(con, settings, as_of_date=DAY, run_id="r1", now=NOW)
    assert (state.findings, state.feeds, state.first_input_at, state.last_published_at) == (
        (),
        (),
        None,
        None,
    )


@pytest.mark.parametrize(
    "written", ["2026-03-30T12:00:00", "2026-03-30T07:00:00-05:00", "2026-03-30T12:00:00Z"]
)
def test_last_publication_is_read_as_utc(settings, written):
    current = settings.published_dir / "current"
    current.mkdir(parents=True)
    (current / "publication.json").write_text(json.dumps({"published_at": written}))
    with duckdb.connect(":memory:") as con:
        state = collect(con, settings, as_of_date=DAY, run_id="r1", now=NOW)
    assert state.last_published_at == datetime(2026, 3, 30, 12)


def test_thresholds_follow_the_settings(settings):
    limits = thresholds(settings.model_copy(update={"stale_feed_days": 3, "pa_expiry_warning_days": 30}))
    assert (limits.stale_feed_days, limits.pa_expiry_warning_days) == (3, 30)


def test_a_run_tells_once_and_leaves_no_canary(settings, warehouse, capsys):
    first = run(settings, DAY, "r1", ["contract_x not_null 2 rows"], now=NOW)
    assert {d.audience for d in first} == {"biller", "data_team"}
    assert run(settings, DAY, "r2", ["contract_x not_null 4 rows"], now=NOW) == []
    written = [f for f in settings.path("alerts").rglob("*") if f.is_file()]
    assert len(written) == 5
    assert CANARY not in "".join(f.read_text() for f in written) + capsys.readouterr().out
