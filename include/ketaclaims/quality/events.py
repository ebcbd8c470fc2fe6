"""Finding events: fold the committed ones into present findings, and find what a judging run changes."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from ketaclaims.quality.frames import quote_table
from ketaclaims.quality.rules import Rule
from ketaclaims.raw.append import raw_files
from ketaclaims.raw.tables import FINDING_EVENT
from ketaclaims.settings import Settings

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

# One row per finding: its newest event, when it was first seen, and for a resolved one what it was before.
_FOLD_SQL = """
    with ranked as (
        select
            *,
            row_number() over (partition by finding_id order by sequence desc) as newest_first,
            min(judged_at) over (partition by finding_id) as first_seen_at,
            last_value(case when status <> 'resolved' then status end ignore nulls) over (
                partition by finding_id order by sequence
                rows between unbounded preceding and unbounded following
            ) as last_open_status
        from {finding_event}
    )
    select
        finding_id,
        rule_id,
        clinic_id,
        subject,
        subject_key,
        status,
        coalesce(last_open_status, 'fail') as last_open_status,
        first_seen_at,
        case when status = 'resolved' then judged_at end as resolved_at,
        dollars_at_stake,
        evidence,
        row_hash,
        rule_hash,
        judged_as_of,
        sequence
    from ranked
    where newest_first = 1
"""


def committed_rows(
    connection: "duckdb.DuckDBPyConnection", settings: Settings, table: str, schema: "pa.Schema"
) -> str:
    """SQL of a relation with all committed rows of one raw table; typed and empty before the first commit."""
    files = raw_files(settings, table)
    if not files:
        connection.register(f"no_{table}", schema.empty_table())
        return f"no_{table}"
    listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in files)
    return f"read_parquet([{listed}], union_by_name = true)"


def fold(connection: "duckdb.DuckDBPyConnection", settings: Settings) -> None:
    """Fill temporary table ``prior`` with the present state of every finding ever committed."""
    finding_event = committed_rows(connection, settings, "finding_event", FINDING_EVENT)
    connection.execute(
        f"create or replace temp table prior as {_FOLD_SQL.format(finding_event=finding_event)}"
    )


def newest_judged_as_of(connection: "duckdb.DuckDBPyConnection") -> date | None:
    """The latest business date a judging run was made for, None before the first."""
    row = connection.execute(
        "select greatest((select max(judged_as_of) from prior),"
        " (select max(judged_as_of) from quality.judged_row))"
    ).fetchone()
    return row[0] if row else None


def changes(
    connection: "duckdb.DuckDBPyConnection", rules: Sequence[Rule], as_of_date: date, judged_at: datetime
) -> "pa.Table":
    """Events this run adds: findings that are new, reopened, different or resolved; in order of finding_id.

    A finding is resolved when its subject was judged without it, is gone from its audit model, or its rule
    left the catalogue. Columns are those of ``finding_event`` without lineage.
    """
    connection.execute("create or replace temp table rule_model (rule_id varchar, audit_model varchar)")
    for rule in rules:
        connection.execute("insert into rule_model values (?, ?)", [rule.rule_id, rule.audit_model])
    models = sorted({rule.audit_model for rule in rules})
    present = " union all ".join(
        f"select '{model}' as audit_model, clinic_id, subject_key from {quote_table('audit.' + model)}"
        for model in models
    )
    return connection.execute(
        f"""
        with present_subject as ({present}),
        current_verdict as (
            select md5(concat_ws('|', rule_id, clinic_id, subject, subject_key)) as finding_id, * from verdict
        ),
        opened as (
            select
                now.finding_id, now.rule_id, now.clinic_id, now.subject, now.subject_key, now.status,
                now.dollars_at_stake, now.evidence, now.row_hash, now.rule_hash
            from current_verdict as now
            left join prior on now.finding_id = prior.finding_id
            where
                prior.finding_id is null
                or prior.status <> now.status
                or prior.dollars_at_stake <> now.dollars_at_stake
                or prior.evidence is distinct from now.evidence
        ),
        resolved as (
            select
                prior.finding_id, prior.rule_id, prior.clinic_id, prior.subject, prior.subject_key,
                'resolved' as status,
                cast(0 as decimal(12, 2)) as dollars_at_stake,
                case
                    when rule_model.rule_id is null then 'rule withdrawn'
                    when present_subject.subject_key is null then 'no longer in the data'
                    else 'judged clean'
                end as evidence,
                coalesce(judged_now.row_hash, prior.row_hash) as row_hash,
                prior.rule_hash
            from prior
            left join rule_model on prior.rule_id = rule_model.rule_id
            left join present_subject
                on
                    rule_model.audit_model = present_subject.audit_model
                    and prior.clinic_id = present_subject.clinic_id
                    and prior.subject_key = present_subject.subject_key
            left join judged_now
                on
                    rule_model.audit_model = judged_now.audit_model
                    and prior.clinic_id = judged_now.clinic_id
                    and prior.subject_key = judged_now.subject_key
            left join current_verdict on prior.finding_id = current_verdict.finding_id
            where
                prior.status <> 'resolved'
                and current_verdict.finding_id is null
                and (
                    rule_model.rule_id is null
                    or present_subject.subject_key is null
                    or judged_now.subject_key is not null
                )
        ),
        event as (select * from opened union all select * from resolved)
        select
            event.*,
            cast($as_of as date) as judged_as_of,
            cast($judged_at as timestamp) as judged_at,
            (select coalesce(max(sequence), 0) from prior)
                + row_number() over (order by finding_id) as sequence
        from event
        order by sequence
        """,
        {"as_of": as_of_date.isoformat(), "judged_at": judged_at.replace(tzinfo=None)},
    ).to_arrow_table()
