"""What was judged already: tables of schema ``quality`` in the warehouse. Losing them only costs work."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from ketaclaims.quality.frames import quote_table

if TYPE_CHECKING:
    import duckdb

_TABLES = """
create schema if not exists quality;
create table if not exists quality.judged_row (
    audit_model varchar, clinic_id varchar, subject_key varchar, row_hash varchar, rules_hash varchar,
    judged_as_of date
);
create table if not exists quality.suite_result (
    suite varchar, table_name varchar, stage varchar, kind varchar, as_of_date date, row_count bigint,
    outcomes varchar
);
"""


def create_tables(connection: "duckdb.DuckDBPyConnection") -> None:
    """Make the state tables where they are absent."""
    connection.execute(_TABLES)


def mark_judged(
    connection: "duckdb.DuckDBPyConnection", rules_hashes: Iterable[tuple[str, str]], as_of_date: date
) -> None:
    """Note, in one transaction, the rows of ``judged_now`` as judged, and forget rows that left their model.

    Called after the findings are committed: a crash in between only repeats the judging.
    """
    connection.execute("begin transaction")
    try:
        for audit_model, rules_hash in rules_hashes:
            connection.execute(
                f"""
                delete from quality.judged_row
                where
                    audit_model = $model
                    and (
                        (clinic_id, subject_key) in (
                            select (clinic_id, subject_key) from judged_now where audit_model = $model
                        )
                        or (clinic_id, subject_key) not in (
                            select (clinic_id, subject_key) from {quote_table("audit." + audit_model)}
                        )
                    )
                """,
                {"model": audit_model},
            )
            connection.execute(
                """
                insert into quality.judged_row
                select audit_model, clinic_id, subject_key, row_hash, $rules_hash, cast($as_of as date)
                from judged_now
                where audit_model = $model
                """,
                {"model": audit_model, "rules_hash": rules_hash, "as_of": as_of_date.isoformat()},
            )
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise
