from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from audit_kit import ENCOUNTER, insert, twelve_rules
from conftest import AS_OF, FOUND, Practice

from ketaclaims.errors import KetaclaimsError
from ketaclaims.quality import frames
from ketaclaims.quality import judge as judging
from ketaclaims.quality.findings import Filter, read_findings
from ketaclaims.quality.results import load_results
from ketaclaims.raw.append import raw_files

RULE = "monitoring-two-hours"
SESSIONS = {(RULE, "E2"): FOUND[RULE, "E2"], (RULE, "E3"): FOUND[RULE, "E3"]}


def finding(practice: Practice, subject_key: str) -> dict[str, Any]:
    found = read_findings(practice.settings, Filter("all"), AS_OF)
    (row,) = (row for row in found if row["subject_key"] == subject_key)
    return row


def test_finds_exactly_what_is_planted(billing_practice: Practice) -> None:
    result = billing_practice.judge()
    assert billing_practice.findings() == FOUND
    assert (result.rows_judged, result.opened, result.resolved) == (11, len(FOUND), 0)
    by_rule = {
        count.rule_id: (count.fail, count.not_evaluable, count.dollars_at_stake) for count in result.by_rule
    }
    assert by_rule["drug-units-match-dose"] == (2, 0, Decimal("990.00"))
    assert by_rule[RULE] == (1, 1, Decimal("1120.00"))
    found = read_findings(billing_practice.settings, Filter(), AS_OF)
    evidence = {(row["rule_id"], row["subject_key"]): row["evidence"] for row in found}
    assert evidence["drug-units-match-dose", "C2/1"].split("; ") == [
        "procedure_code=J0013",
        "service_date=2026-03-02",
        "billed_units=1",
        "expected_units=56",
        "unit_difference=-55",
    ]
    assert evidence["drug-units-match-dose", "C4/1"].endswith("; money counted under patisiran-trap")
    assert evidence["gcode-dose-band", "C5/1"].startswith("unknown: dose_band_code; procedure_code=G2082;")


def test_money_changes_a_finding_and_moves_with_the_rule_that_carries_it(billing_practice: Practice) -> None:
    billing_practice.judge()
    billing_practice.change("audit_service_line", "C3/2", charge_amount="175.00")
    billing_practice.change("audit_service_line", "C4/1", psychiatric_diagnosis_count=0)
    result = billing_practice.judge()
    assert (result.rows_judged, result.opened, result.resolved) == (2, 2, 1)
    expected = dict(FOUND)
    del expected["patisiran-trap", "C4/1"]
    expected["gcode-no-em-same-day", "C3/2"] = ("fail", Decimal("175.00"))
    expected["drug-units-match-dose", "C4/1"] = ("fail", Decimal("1500.00"))
    assert billing_practice.findings() == expected
    # one run over everything ends in the same findings
    fresh_settings = billing_practice.settings.model_copy(
        update={"data_root": billing_practice.settings.path("fresh")}
    )
    billing_practice.connection.execute("drop schema quality cascade")
    fresh = Practice(fresh_settings, billing_practice.connection)
    fresh.judge()
    assert fresh.findings() == expected


def test_changed_rule_judges_its_model_again(
    billing_practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    billing_practice.judge()
    rules = tuple(
        replace(rule, valid_from=date(2026, 3, 3)) if rule.rule_id == "pa-date-covered" else rule
        for rule in twelve_rules()
    )
    monkeypatch.setattr(judging, "load_catalogue", lambda: rules)
    result = billing_practice.judge()
    # the six lines, not the claims and sessions; the rule does not hold on 2026-03-02 any more
    assert (result.rows_judged, result.opened, result.resolved) == (6, 0, 1)
    assert ("pa-date-covered", "C3/1") not in billing_practice.findings()


def test_withdrawn_rule_resolves_its_findings(
    billing_practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    billing_practice.connection.execute("delete from audit.audit_service_line")
    billing_practice.judge()
    rules_left = tuple(rule for rule in twelve_rules() if rule.rule_id != "dx-valid-on-dos")
    monkeypatch.setattr(judging, "load_catalogue", lambda: rules_left)
    assert billing_practice.judge().resolved == 1
    assert finding(billing_practice, "C2")["evidence"] == "rule withdrawn"
    assert billing_practice.findings() == SESSIONS


def test_results_of_a_suite_that_is_no_more_are_dropped(practice: Practice) -> None:
    practice.judge()
    kept = {result.suite for result in load_results(practice.connection)}
    for suite, kind in (("coding_gone", "coding"), ("contract_stays", "contract")):
        practice.connection.execute(
            "insert into quality.suite_result values (?, 'audit.x', 'audit', ?, current_date, 0, '[]')",
            [suite, kind],
        )
    practice.judge()
    assert {result.suite for result in load_results(practice.connection)} == kept | {"contract_stays"}


def test_second_run_judges_and_commits_nothing(practice: Practice) -> None:
    first = practice.judge()
    again = practice.judge()
    assert (first.rows_judged, first.commit_number) == (3, 1)
    assert (again.rows_judged, again.commit_number, again.by_rule) == (0, None, first.by_rule)
    assert len(raw_files(practice.settings, "finding_event")) == 1


def test_lost_state_costs_work_only(practice: Practice) -> None:
    practice.judge()
    practice.connection.execute("drop schema quality cascade")
    again = practice.judge()
    assert (again.rows_judged, again.commit_number) == (3, None)


def test_only_changed_rows_are_judged_and_a_fix_resolves(practice: Practice) -> None:
    practice.judge()
    practice.change("audit_encounter", "E3", monitoring_minutes=121)
    fixed = practice.judge()
    assert (fixed.rows_judged, fixed.opened, fixed.resolved) == (1, 0, 1)
    assert practice.findings() == {(RULE, "E2"): FOUND[RULE, "E2"]}
    assert practice.findings("resolved") == {(RULE, "E3"): ("fail", Decimal("0.00"))}


def test_reopened_finding_keeps_its_id_and_first_sight(practice: Practice) -> None:
    practice.judge()
    first = finding(practice, "E3")
    practice.change("audit_encounter", "E3", monitoring_minutes=121)
    practice.judge()
    assert finding(practice, "E3")["resolved_at"] > first["first_seen_at"]
    practice.change("audit_encounter", "E3", monitoring_minutes=None)
    practice.judge()
    again = finding(practice, "E3")
    assert (again["resolved_at"], again["status"]) == (None, "not_evaluable")
    assert (again["finding_id"], again["first_seen_at"]) == (first["finding_id"], first["first_seen_at"])


def test_change_without_effect_on_a_finding_commits_nothing(practice: Practice) -> None:
    practice.judge()
    practice.change("audit_encounter", "E1", monitoring_minutes=180)
    unchanged = practice.judge()
    assert (unchanged.rows_judged, unchanged.commit_number) == (1, None)
    assert practice.judge().rows_judged == 0


def test_subject_that_left_the_data_is_resolved(practice: Practice) -> None:
    practice.judge()
    practice.connection.execute("delete from audit.audit_encounter where subject_key = 'E3'")
    result = practice.judge()
    assert (result.rows_judged, result.resolved) == (0, 1)
    assert finding(practice, "E3")["evidence"] == "no longer in the data"


def test_row_is_judged_again_once_its_recheck_date_has_come(practice: Practice) -> None:
    practice.connection.execute(
        "update audit.audit_encounter set recheck_on = ? where subject_key = 'E1'",
        [AS_OF + timedelta(days=2)],
    )
    judged = [practice.judge(AS_OF + timedelta(days=days)).rows_judged for days in (0, 1, 2, 3)]
    assert judged == [3, 0, 1, 0]


def test_historical_run_tells_and_commits_nothing(practice: Practice) -> None:
    practice.judge()
    practice.change("audit_encounter", "E3", monitoring_minutes=121)
    past = practice.judge(AS_OF - timedelta(days=30))
    assert (past.is_historical, past.commit_number, past.rows_judged) == (True, None, 3)
    assert [(count.fail, count.not_evaluable) for count in past.by_rule] == [(0, 1)]
    assert practice.findings() == SESSIONS
    # the run after it still sees the change
    assert practice.judge().resolved == 1


def test_date_of_a_run_without_findings_makes_earlier_ones_historical(practice: Practice) -> None:
    practice.connection.execute("delete from audit.audit_encounter where subject_key <> 'E1'")
    assert practice.judge().commit_number is None
    assert practice.judge(AS_OF - timedelta(days=1)).is_historical


def test_clinics_with_the_same_keys_do_not_collide(practice: Practice) -> None:
    south = {**ENCOUNTER, "clinic_id": "south", "subject_key": "E3", "monitoring_minutes": 10}
    insert(practice.connection, "audit_encounter", [south])
    practice.judge()
    found = read_findings(practice.settings, Filter("fail"), AS_OF)
    assert [(row["clinic_id"], row["subject_key"]) for row in found] == [("north", "E3"), ("south", "E3")]
    assert len({row["finding_id"] for row in found}) == 2
    (only,) = read_findings(practice.settings, Filter("fail", clinic_id="south"), AS_OF)
    assert only["evidence"].endswith("monitoring_minutes=10")


def test_missing_column_is_a_rule_error(practice: Practice) -> None:
    practice.connection.execute("alter table audit.audit_encounter drop column monitoring_minutes")
    with pytest.raises(KetaclaimsError, match=r"^RULE_ERROR: audit\.audit_encounter: .*monitoring_minutes"):
        practice.judge()
    assert raw_files(practice.settings, "finding_event") == []


def test_expectation_that_raises_stops_the_run_without_telling_values(
    practice: Practice, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    practice.connection.execute("alter table audit.audit_encounter alter monitoring_minutes type varchar")
    practice.connection.execute("update audit.audit_encounter set monitoring_minutes = 'ZZCANARY'")
    with pytest.raises(KetaclaimsError, match="RULE_ERROR") as raised:
        practice.judge()
    assert raised.value.__cause__ is None
    assert "ZZCANARY" not in "".join([repr(raised.value), caplog.text, *capfd.readouterr()])
    assert raw_files(practice.settings, "finding_event") == []


def test_crash_between_commit_and_state_doubles_nothing(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(judging.state, "mark_judged", crash)
        with pytest.raises(RuntimeError):
            practice.judge()
    again = practice.judge()
    assert (again.rows_judged, again.commit_number) == (3, None)
    assert practice.findings() == SESSIONS


def test_chunks_give_the_same_findings(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "chunk_bounds", partial(frames.chunk_bounds, chunk_rows=2))
    practice.judge()
    assert practice.findings() == SESSIONS
    counts = practice.connection.execute("select row_count, outcomes from quality.suite_result").fetchone()
    assert counts is not None and counts[0] == 3
    assert '"element_count": 3' in counts[1] and '"element_count": 2' not in counts[1]


def test_events_count_up_over_runs(practice: Practice) -> None:
    practice.judge()
    practice.change("audit_encounter", "E3", monitoring_minutes=121)
    practice.judge()
    rows = [
        row
        for path in raw_files(practice.settings, "finding_event")
        for row in pq.read_table(path).to_pylist()
    ]
    assert [row["sequence"] for row in rows] == [1, 2, 3]
    assert {row["judged_as_of"] for row in rows} == {AS_OF}
    assert (rows[-1]["status"], rows[-1]["evidence"]) == ("resolved", "judged clean")


def test_money_and_units_stay_exact() -> None:
    with duckdb.connect() as connection:
        connection.execute("create schema audit")
        connection.execute(
            """
            create table audit.t as
            select
                0.29::decimal(12, 2) as paid_amount,
                null::decimal(12, 2) as due_amount,
                0.1::decimal(12, 3) + 0.2::decimal(12, 3) as billed_units,
                0.3::decimal(12, 3) as expected_units
            """
        )
        columns = frames.table_columns(connection, "audit.t")
        frame = frames.read_frame(connection, "audit.t", list(columns.values()))
    assert frame["paid_amount"].tolist() == [29]
    assert frame["due_amount"].isna().tolist() == [True]
    assert str(frame.dtypes["due_amount"]) == "Int64"
    assert (frame["billed_units"] == frame["expected_units"]).tolist() == [True]
