import duckdb
import pytest

from ketaclaims.settings import Settings

CANARY = "ZZCANARY"


@pytest.fixture
def settings(tmp_path, monkeypatch) -> Settings:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KETACLAIMS_DATA_ROOT", str(tmp_path / "data"))
    return Settings()


@pytest.fixture
def warehouse(settings):
    """A warehouse with known rows; every identifier column holds a canary."""
    settings.warehouse_file.parent.mkdir(parents=True)
    with duckdb.connect(str(settings.warehouse_file)) as con:
        con.execute(f"""
            create schema raw; create schema marts;
            create table marts.fct_coding_findings as
            select * from (values
                ('gcode-dose-band', 'fail', 500.10::decimal(12,2), timestamp '2026-03-30 08:00', '{CANARY}'),
                ('gcode-dose-band', 'fail', 0.90, timestamp '2026-03-29 08:00', '{CANARY}'),
                ('gcode-dose-band', 'waived', 9999, timestamp '2026-03-31 08:00', '{CANARY}'),
                ('gcode-dose-band', 'resolved', 9999, timestamp '2026-03-31 08:00', '{CANARY}'),
                ('gcode-one-unit', 'not_evaluable', 9999, timestamp '2026-03-31 08:00', '{CANARY}')
            ) t(rule_id, finding_status, at_stake_amount, first_seen_at, subject_key),
                (select 'Dose band' as rule_title, 'Replace the claim.' as remediation, 'coding' as owner);
            create table marts.fct_remittance_reconciliation as
            select * from (values
                ('held', 'OUT_OF_BALANCE', 100.00::decimal(12,2), 1.00::decimal(12,2), 0.00::decimal(12,2),
                 0.00::decimal(12,2), null::bigint, date '2026-03-20', '{CANARY}'),
                ('held', 'OUT_OF_BALANCE', -40.00, 1.00, 0.00, 0.00, null, date '2026-03-21', '{CANARY}'),
                ('counted', null, 10.00, 0.00, 2.50, 0.00, 0, date '2026-03-25', '{CANARY}'),
                ('counted', null, 10.00, -3.00, 0.00, 0.00, 1, date '2026-02-25', '{CANARY}'),
                ('counted', null, 10.00, 0.00, 0.00, 0.00, 0, date '2026-01-25', '{CANARY}'),
                ('counted', null, 10.00, 0.00, 0.00, 0.00, 0, date '2025-12-25', '{CANARY}'),
                ('duplicate', null, 10.00, 7.00, 7.00, 7.00, 700, date '2026-03-25', '{CANARY}')
            ) t(payment_state, held_reason, payment_amount, unexplained_amount, claim_unexplained_amount,
                line_unexplained_amount, event_difference_cents, payment_date, trace_number);
            create table marts.fct_denials as
            select * from (values
                (date '2026-03-31', 2000.00::decimal(12,2), '{CANARY}'),
                (date '2026-03-04', 1000.00, '{CANARY}'),
                (date '2026-03-03', 1000.00, '{CANARY}'),
                (date '2026-02-01', 1000.00, '{CANARY}'),
                (date '2026-01-01', 1000.00, '{CANARY}'),
                (date '2020-01-01', 99999.00, '{CANARY}')
            ) t(denied_date, denial_amount, patient_control_number);
            create table marts.fct_prior_auths as
            select * from (values
                ('approved', date '2026-04-14', 'running', 10.0, '{CANARY}'),
                ('approved', date '2026-04-15', 'running', 80.0, '{CANARY}'),
                ('partial', date '2026-03-31', 'running', 79.9, '{CANARY}'),
                ('approved', date '2026-04-01', 'used_up', 120.0, '{CANARY}'),
                ('denied', date '2026-04-01', 'not_approved', 99.0, '{CANARY}'),
                ('withdrawn', date '2026-04-01', 'running', 99.0, '{CANARY}'),
                ('approved', date '2026-03-30', 'ended', 99.0, '{CANARY}')
            ) t(prior_auth_status, valid_to_date, coverage_state, used_pct, prior_authorization_number);
            create table raw.ledger_commit as
            select * from (values
                (1, 'batch', timestamp '2026-03-01 06:00'), (2, 'batch', timestamp '2026-03-30 06:00'),
                (3, 'findings', timestamp '2026-03-31 06:00')
            ) t(commit_number, kind, committed_at);
            create table raw.ledger_input as
            select * from (values
                (repeat('a', 64), 1, 'ehr_csv', 'committed', null, true, 7, '{CANARY}'),
                (repeat('b', 64), 2, 'x12_835', 'committed', null, true, 0, '{CANARY}'),
                (repeat('c', 64), 2, 'x12_835', 'quarantined', 'TRUNCATED', false, 0, '{CANARY}'),
                (repeat('d', 64), 1, 'x12_835', 'quarantined', 'TRUNCATED', false, 0, '{CANARY}'),
                (repeat('e', 64), 1, 'x12_835', 'quarantined', 'NOT_X12', false, 0, '{CANARY}'),
                (repeat('f', 64), 1, 'x12_835', 'quarantined', 'TRUNCATED', false, 0, '{CANARY}'),
                (repeat('f', 64), 2, 'x12_835', 'committed', null, true, 0, '{CANARY}'),
                (repeat('c', 64), 2, 'x12_835', 'duplicate', null, false, 0, '{CANARY}')
            ) t(file_sha256, commit_number, input_kind, status, reason_code, is_active, quarantined_rows,
                landing_path);
            create table raw.ledger_action as
            select repeat('e', 64) as file_sha256, 3 as commit_number, null::bigint as st_index,
                'reject' as action;
        """)
    return settings.warehouse_file
