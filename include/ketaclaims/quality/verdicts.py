"""From failing row positions to verdicts: status, money at stake and evidence of each (rule, subject).

Everything here is SQL over temporary tables of the warehouse connection, so a rule that is not evaluable
for a million lines costs seconds, not a million Python objects.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ketaclaims.quality.frames import Column, quote, quote_table
from ketaclaims.quality.rules import Rule
from ketaclaims.quality.run import Outcome

if TYPE_CHECKING:
    import duckdb

EVIDENCE_LENGTH = 300

_TEMP_TABLES = """
create or replace temp table failing (rule_id varchar, part varchar, column_name varchar, position bigint);
create or replace temp table verdict (
    rule_id varchar, rule_order integer, clinic_id varchar, subject varchar, subject_key varchar,
    status varchar, dollars_at_stake decimal(12, 2), evidence varchar, row_hash varchar, rule_hash varchar
);
create or replace temp table judged_now (
    audit_model varchar, clinic_id varchar, subject_key varchar, row_hash varchar
);
create or replace temp table suppression (rule_id varchar, suppressed_rule_id varchar);
"""


def prepare(connection: "duckdb.DuckDBPyConnection", rules: Sequence[Rule]) -> None:
    """Empty temporary tables ``failing``, ``verdict``, ``judged_now``; ``suppression`` from the catalogue."""
    connection.execute(_TEMP_TABLES)
    for rule in rules:
        for other in rule.suppresses:
            connection.execute("insert into suppression values (?, ?)", [rule.rule_id, other])


def select_rows(
    connection: "duckdb.DuckDBPyConnection",
    audit_model: str,
    rules_hash: str,
    as_of_iso: str,
    every_row: bool,
    columns: Sequence[str],
) -> int:
    """Fill ``judging`` with the rows of one audit model that need a verdict; returns how many.

    ``columns``: those its suites and catalogue rows read, keys and ``row_hash`` among them.

    A row needs one when its facts or a rule changed since it was judged, or its ``recheck_on`` has come.
    """
    connection.execute(
        f"""
        create or replace temp table judging as
        select
            row_number() over (order by facts.clinic_id, facts.subject_key) - 1 as judging_position,
            {", ".join("facts." + quote(name) for name in columns)}
        from {quote_table("audit." + audit_model)} as facts
        left join quality.judged_row as judged
            on
                judged.audit_model = $model
                and judged.clinic_id = facts.clinic_id
                and judged.subject_key = facts.subject_key
        where
            $every_row
            or judged.row_hash is distinct from facts.row_hash
            or judged.rules_hash is distinct from $rules_hash
            or (facts.recheck_on <= cast($as_of as date) and judged.judged_as_of < facts.recheck_on)
        """,
        {"model": audit_model, "every_row": every_row, "rules_hash": rules_hash, "as_of": as_of_iso},
    )
    connection.execute(
        "insert into judged_now select ?, clinic_id, subject_key, row_hash from judging", [audit_model]
    )
    row = connection.execute("select count(*) from judging").fetchone()
    assert row is not None  # count(*) always gives one row
    return int(row[0])


def note_failing(
    connection: "duckdb.DuckDBPyConnection", outcomes: Sequence[Outcome], first_position: int
) -> None:
    """Append the failing rows of one chunk, which starts at ``first_position`` of ``judging``."""
    import numpy as np
    import pyarrow as pa

    for outcome in outcomes:
        if not outcome.failing_positions:
            continue
        meta = outcome.expectation["meta"]
        positions = pa.table(
            {"position": np.asarray(outcome.failing_positions, dtype="int64") + first_position}
        )
        connection.register("failing_positions", positions)
        connection.execute(
            "insert into failing select ?, ?, ?, position from failing_positions",
            [meta["rule_id"], meta["part"], outcome.columns[0]],
        )
        connection.unregister("failing_positions")


def _fact_sql(column: Column) -> str:
    text = f"cast({quote(column.name)} as varchar)"
    if column.type_name.startswith("DECIMAL") and not column.is_money:
        text = f"regexp_replace({text}, '\\.?0+$', '')" if not column.type_name.endswith(",0)") else text
    return f"'{column.name}=' || {text}"


def _evidence_sql(rule: Rule, columns: Mapping[str, Column]) -> str:
    facts = ", ".join(_fact_sql(columns[name]) for name in rule.evidence_columns)
    return f"left(concat_ws('; ', 'unknown: ' || failed.unknown_columns, {facts}), {EVIDENCE_LENGTH})"


def add_verdicts(
    connection: "duckdb.DuckDBPyConnection",
    rule: Rule,
    order: int,
    rule_hash: str,
    columns: Mapping[str, Column],
) -> None:
    """Verdicts of one rule on ``judging``: an unknown input means not_evaluable, whatever else fails.

    A date of service outside the rule's validity gives no verdict; an unknown date of service does.
    """
    date_column = quote(rule.service_date_column)
    connection.execute(
        f"""
        insert into verdict
        with failed as (
            select
                position,
                string_agg(distinct column_name, ', ' order by column_name) filter (where part = 'inputs')
                    as unknown_columns
            from failing
            where rule_id = $rule_id
            group by position
        )
        select
            $rule_id,
            $rule_order,
            clinic_id,
            $subject,
            subject_key,
            case when failed.unknown_columns is null then 'fail' else 'not_evaluable' end,
            case
                when failed.unknown_columns is null
                    then coalesce(cast({quote(rule.dollars_at_stake_column)} as decimal(12, 2)), 0)
                else 0
            end,
            {_evidence_sql(rule, columns)},
            row_hash,
            $rule_hash
        from failed
        inner join judging on failed.position = judging.judging_position
        where
            {date_column} is null
            or (
                {date_column} >= cast($valid_from as date)
                and ({date_column} <= cast($valid_to as date) or $valid_to is null)
            )
        """,
        {
            "rule_id": rule.rule_id,
            "rule_order": order,
            "subject": rule.subject,
            "rule_hash": rule_hash,
            "valid_from": rule.valid_from.isoformat(),
            "valid_to": rule.valid_to.isoformat() if rule.valid_to else None,
        },
    )


def count_money_once(connection: "duckdb.DuckDBPyConnection") -> None:
    """Leave the money of each subject with one failing rule: the dearest that no failing one suppresses.

    The others stay findings, with 0.00 at stake and the name of the rule that carries the money.
    """
    connection.execute(
        """
        create or replace temp table carrier as
        with failing_verdicts as (
            select
                verdict.*,
                exists (
                    select 1
                    from suppression
                    inner join verdict as specific
                        on specific.rule_id = suppression.rule_id and specific.status = 'fail'
                    where
                        suppression.suppressed_rule_id = verdict.rule_id
                        and specific.clinic_id = verdict.clinic_id
                        and specific.subject = verdict.subject
                        and specific.subject_key = verdict.subject_key
                ) as is_suppressed
            from verdict
            where status = 'fail'
        ),
        ranked as (
            select
                clinic_id,
                subject,
                subject_key,
                rule_id,
                row_number() over (
                    partition by clinic_id, subject, subject_key
                    order by is_suppressed, dollars_at_stake desc, rule_order
                ) as carrier_rank
            from failing_verdicts
        )
        select clinic_id, subject, subject_key, rule_id from ranked where carrier_rank = 1;

        update verdict
        set
            dollars_at_stake = 0,
            evidence = verdict.evidence || '; money counted under ' || carrier.rule_id
        from carrier
        where
            verdict.status = 'fail'
            and verdict.clinic_id = carrier.clinic_id
            and verdict.subject = carrier.subject
            and verdict.subject_key = carrier.subject_key
            and verdict.rule_id <> carrier.rule_id;
        """
    )
