"""The SQL alerts are collected with: the only place that knows the names in the warehouse.

Every query gives counts, sums, codes and dates; none selects an identifier.
"""

FINDINGS = """
    select
        rule_id,
        any_value(rule_title) as rule_title,
        any_value(remediation) as remediation,
        any_value(owner) as owner,
        count(*) as finding_count,
        coalesce(sum(at_stake_amount), 0) as dollars_at_stake,
        max(first_seen_at) as newest_at
    from marts.fct_coding_findings
    where finding_status = 'fail'
    group by rule_id
    order by rule_id
"""

HELD_REMITTANCES = """
    select
        coalesce(held_reason, 'HELD') as reason,
        count(*) as remittance_count,
        coalesce(sum(abs(payment_amount)), 0) as amount,
        max(payment_date) as newest_on
    from marts.fct_remittance_reconciliation
    where payment_state = 'held'
    group by coalesce(held_reason, 'HELD')
    order by 1
"""

UNBALANCED_REMITTANCES = """
    with differences as (
        select 'PAYMENT_DIFFERS_FROM_CLAIMS' as reason, abs(unexplained_amount) as amount, payment_date
        from marts.fct_remittance_reconciliation
        where payment_state = 'counted'
        union all
        select 'CLAIM_UNBALANCED', abs(claim_unexplained_amount), payment_date
        from marts.fct_remittance_reconciliation
        where payment_state = 'counted'
        union all
        select 'LINE_UNBALANCED', abs(line_unexplained_amount), payment_date
        from marts.fct_remittance_reconciliation
        where payment_state = 'counted'
        union all
        select
            'MART_DIFFERS_FROM_PAYMENT',
            cast(abs(event_difference_cents) as decimal(18, 2)) / 100,
            payment_date
        from marts.fct_remittance_reconciliation
        where payment_state = 'counted'
    )

    select
        reason,
        count(*) as remittance_count,
        cast(sum(amount) as decimal(18, 2)) as amount,
        max(payment_date) as newest_on
    from differences
    where amount <> 0
    group by reason
    order by reason
"""

# ? first day and last day, inclusive
DENIED_AMOUNT = """
    select coalesce(sum(denial_amount), 0)
    from marts.fct_denials
    where denied_date between ? and ?
"""
REMITTANCE_COUNT = """
    select count(*)
    from marts.fct_remittance_reconciliation
    where payment_state = 'counted' and payment_date between ? and ?
"""

# ? last day of the warning, ? used share from which units are low
LAPSING_AUTHS = """
    with standing as (
        select
            valid_to_date,
            used_pct,
            coverage_state = 'running' and valid_to_date <= ? as is_ending
        from marts.fct_prior_auths
        where prior_auth_status in ('approved', 'partial') and coverage_state in ('running', 'used_up')
    )

    select
        count(case when is_ending then 1 end) as ending_count,
        max(case when is_ending then valid_to_date end) as newest_end,
        count(case when used_pct >= ? then 1 end) as low_count
    from standing
"""

# the newest outcome of every input that was refused whole and not rejected by a person since
QUARANTINED_FILES = """
    with outcomes as (
        select
            inputs.file_sha256,
            inputs.status,
            inputs.reason_code,
            inputs.commit_number,
            commits.committed_at,
            row_number() over (partition by inputs.file_sha256 order by inputs.commit_number desc) as recency
        from raw.ledger_input as inputs
        inner join raw.ledger_commit as commits on inputs.commit_number = commits.commit_number
        where inputs.status <> 'duplicate'
    ),

    open_files as (
        select
            outcomes.file_sha256,
            coalesce(outcomes.reason_code, 'UNKNOWN') as reason_code,
            outcomes.committed_at
        from outcomes
        left join raw.ledger_action as actions
            on
                outcomes.file_sha256 = actions.file_sha256
                and actions.st_index is null
                and actions.action = 'reject'
                and actions.commit_number >= outcomes.commit_number
        where outcomes.recency = 1 and outcomes.status = 'quarantined' and actions.file_sha256 is null
    )

    select
        reason_code,
        count(*) as file_count,
        max(committed_at) as newest_at,
        list(left(file_sha256, 12) order by committed_at desc, file_sha256)[1:3] as sha256_prefixes
    from open_files
    group by reason_code
    order by reason_code
"""

QUARANTINED_ROWS = """
    select
        coalesce(sum(inputs.quarantined_rows), 0) as row_count,
        count(*) as file_count,
        max(commits.committed_at) as newest_at
    from raw.ledger_input as inputs
    inner join raw.ledger_commit as commits on inputs.commit_number = commits.commit_number
    where inputs.is_active and inputs.quarantined_rows > 0
"""

FEEDS = """
    select
        inputs.input_kind,
        cast(max(commits.committed_at) as date) as last_new_input_on
    from raw.ledger_input as inputs
    inner join raw.ledger_commit as commits on inputs.commit_number = commits.commit_number
    where inputs.status = 'committed' and commits.kind = 'batch'
    group by inputs.input_kind
    order by inputs.input_kind
"""

FIRST_INPUT = "select min(committed_at) from raw.ledger_commit where kind = 'batch'"

TABLES = """
    select table_schema || '.' || table_name
    from information_schema.tables
    where table_schema in ('raw', 'marts')
"""
