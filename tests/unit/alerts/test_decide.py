"""Decision tables: which state is worth telling whom, and when it is told again."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from ketaclaims.alerts.decide import decide, find_alerts
from ketaclaims.alerts.model import (
    AlertState,
    DenialPeriod,
    Feed,
    LapsingAuths,
    Measure,
    QuarantinedFiles,
    QuarantinedRows,
    RemittanceFault,
    RuleFindings,
    Thresholds,
)
from ketaclaims.alerts.sent_log import quiet_changes

DAY = date(2026, 3, 31)
NOW = datetime(2026, 3, 31, 7, 0)
CALM = AlertState(as_of_date=DAY, run_id="r1", now=NOW, last_published_at=NOW - timedelta(hours=1))
LIMITS = Thresholds()
DOSE = RuleFindings("gcode-dose-band", "Dose band", "Replace.", "coding", 3, Decimal("1200.00"), "2026-03-30")
WATCH = RuleFindings(
    "monitoring-two-hours", "Two hours", "Chart.", "clinical", 1, Decimal("0.00"), "2026-03-30"
)
HELD = RemittanceFault("OUT_OF_BALANCE", 2, Decimal("5000.00"), "2026-03-29")
FILES = QuarantinedFiles("TRUNCATED", 1, "2026-03-30T10:00:00", ("abcdef012345",))


def periods(*amounts: str, remittances: int = 4) -> tuple[DenialPeriod, ...]:
    days = timedelta(days=28)
    return tuple(
        DenialPeriod(DAY - (n + 1) * days + timedelta(days=1), DAY - n * days, remittances, Decimal(a))
        for n, a in enumerate(amounts)
    )


def keys(state: AlertState) -> list[str]:
    return [alert.key for alert in find_alerts(state, LIMITS)]


def test_nothing_wrong_tells_nobody():
    assert decide(CALM, {}) == []


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"findings": (DOSE,)}, "rule:gcode-dose-band"),
        (
            {"contract_failures": ("contract_fct_claims: not null, 3 rows",)},
            "contract:contract_fct_claims: not null, # rows",
        ),
        ({"held_remittances": (HELD,)}, "remittance:held:OUT_OF_BALANCE"),
        ({"unbalanced_remittances": (HELD,)}, "remittance:unbalanced:OUT_OF_BALANCE"),
        ({"quarantined_files": (FILES,)}, "quarantine:TRUNCATED"),
        ({"quarantined_rows": QuarantinedRows(4, 2, "2026-03-30")}, "quarantine:rows"),
        ({"lapsing_auths": LapsingAuths(2, "2026-04-10", 0)}, "prior-auths:ending"),
        ({"lapsing_auths": LapsingAuths(0, "", 1)}, "prior-auths:low"),
        ({"feeds": (Feed("ehr", DAY - timedelta(days=7)),)}, "feed:stale:ehr"),
        ({"last_published_at": NOW - timedelta(hours=30)}, "publication:late"),
        ({"last_published_at": None, "first_input_at": NOW - timedelta(hours=30)}, "publication:late"),
        ({"denial_periods": periods("3000.00", "1000.00", "2000.00", "900.00")}, "denials:spike"),
    ],
)
def test_each_condition_alone_gives_its_alert(change, key):
    assert keys(replace(CALM, **change)) == [key]


@pytest.mark.parametrize(
    "change",
    [
        {"feeds": (Feed("ehr", DAY - timedelta(days=6)),)},
        {"last_published_at": NOW - timedelta(hours=29, minutes=59)},
        {"last_published_at": None, "first_input_at": None},
        {"denial_periods": periods("1499.99", "1000.00", "1000.00", "1000.00")},  # below 1.5 times the median
        {"denial_periods": periods("599.99", "100.00", "100.00", "100.00")},  # below 500 dollars more
        {"denial_periods": periods("9000.00", "100.00", "100.00")},  # too few periods to compare with
        {
            "denial_periods": periods("9000.00", "0.00", "0.00", "0.00", remittances=0)
        },  # nothing was adjudicated
        {"denial_periods": ()},
        {"quarantined_rows": QuarantinedRows(0, 0, "")},
    ],
)
def test_near_misses_tell_nothing(change):
    assert keys(replace(CALM, **change)) == []


def test_denial_spike_states_both_numbers_and_the_excess():
    [alert] = find_alerts(
        replace(CALM, denial_periods=periods("1500.00", "1000.00", "7000.00", "200.00")), LIMITS
    )
    assert alert.title == (
        "Denied $1,500.00 from 2026-03-04 to 2026-03-31, usual $1,000.00 (median of the 3 periods before)"
    )
    assert alert.dollars_at_stake == Decimal("500.00")


def test_one_digest_per_audience_dearest_first():
    state = replace(
        CALM,
        findings=(DOSE, WATCH),
        held_remittances=(HELD,),
        quarantined_files=(FILES,),
        contract_failures=("b", "a"),
        lapsing_auths=LapsingAuths(2, "2026-04-10", 0),
    )
    told = {digest.audience: [alert.key for alert in digest.alerts] for digest in decide(state, {})}
    assert told == {
        "biller": ["remittance:held:OUT_OF_BALANCE", "rule:gcode-dose-band", "prior-auths:ending"],
        "data_team": ["contract:a", "contract:b", "quarantine:TRUNCATED"],
        "compliance": ["rule:monitoring-two-hours"],
    }


@pytest.mark.parametrize(
    ("now", "is_told"),
    [
        (DOSE, False),
        (replace(DOSE, finding_count=2), False),
        (replace(DOSE, dollars_at_stake=Decimal("1199.99")), False),
        (replace(DOSE, finding_count=4), True),
        (replace(DOSE, dollars_at_stake=Decimal("1200.01")), True),
        (replace(DOSE, finding_count=1, newest_on="2026-03-31"), True),  # old ones went, a new one came
    ],
)
def test_told_again_only_when_worse(now, is_told):
    before = {a.key: a.measure for a in find_alerts(replace(CALM, findings=(DOSE,)), LIMITS)}
    assert bool(decide(replace(CALM, findings=(now,)), before)) == is_told


def test_a_failed_contract_with_other_row_count_is_the_same_alert():
    before = {a.key: a.measure for a in find_alerts(replace(CALM, contract_failures=("x: 3 rows",)), LIMITS)}
    assert decide(replace(CALM, contract_failures=("x: 5 rows",)), before) == []


def test_a_late_publication_is_told_once_a_day():
    late = replace(CALM, last_published_at=NOW - timedelta(hours=31))
    before = {a.key: a.measure for a in find_alerts(late, LIMITS)}
    assert decide(replace(late, now=NOW + timedelta(hours=16)), before) == []
    assert len(decide(replace(late, now=NOW + timedelta(hours=17)), before)) == 1


def test_what_eased_or_ended_is_remembered_quietly():
    told = {"rule:gcode-dose-band": Measure(9, Decimal("9.00"), "2026-03-30"), "feed:stale:ehr": Measure(1)}
    changes = quiet_changes(find_alerts(replace(CALM, findings=(DOSE,)), LIMITS), told)
    eased = Measure(3, Decimal("1200.00"), "2026-03-30")
    assert changes == [("resolved", "feed:stale:ehr", Measure(1))]  # more dollars: told, so not eased
    told["rule:gcode-dose-band"] = replace(eased, count=9)
    changes = quiet_changes(find_alerts(replace(CALM, findings=(DOSE,)), LIMITS), told)
    assert changes == [("eased", "rule:gcode-dose-band", eased), ("resolved", "feed:stale:ehr", Measure(1))]
