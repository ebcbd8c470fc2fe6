"""One side of a simulation, in a process of its own: build the audit layer of a copy and judge all of it.

``python -m ketaclaims.orchestration.replay AS_OF OUT``, with ``PYTHONPATH`` at the ``include`` folder of the
checkout whose rules are meant and ``KETACLAIMS_DATA_ROOT`` at the copy. Writes ``OUT/verdict.parquet`` and
``OUT/paid.parquet``: verdicts, and the records on claims that payers paid without denying anything.
"""

import sys
from datetime import date
from pathlib import Path

import duckdb

from ketaclaims.errors import KetaclaimsError
from ketaclaims.orchestration import dbt
from ketaclaims.orchestration.environment import make_private_folders
from ketaclaims.quality import judge
from ketaclaims.raw import warehouse_sync
from ketaclaims.settings import Settings

_VERDICTS = """
    copy (
        select rule_id, clinic_id, subject, subject_key, status, dollars_at_stake from verdict order by all
    ) to '{out}' (format parquet)
"""
# Paid in full: every line answered, something paid, nothing denied, as it stands now.
_PAID = """
    copy (
        with claims as (
            select lines.claim_key
            from intermediate.int_ehr__claim_lines as lines
            left join intermediate.int_remit__line_outcomes as outcomes using (claim_line_key)
            group by lines.claim_key
            having bool_and(coalesce(outcomes.is_adjudicated, false))
        ),
        paid as (
            select events.claim_key
            from intermediate.int_remit__events as events
            inner join claims using (claim_key)
            where events.is_final
            group by events.claim_key
            having sum(events.paid_amount) > 0 and sum(events.denial_amount) = 0
        )
        select subject_lines.subject, subject_lines.clinic_id, subject_lines.subject_key
        from intermediate.int_quality__subject_lines as subject_lines
        left join paid using (claim_key)
        group by all
        having bool_and(paid.claim_key is not null)
    ) to '{out}' (format parquet)
"""


def replay(settings: Settings, as_of_date: date, out: Path) -> None:
    """Bring the copy's warehouse to this checkout's files and write what its rules say of every row.

    Layers whose files are the ones they were built from stay; changed ones are built from scratch.
    """
    make_private_folders(settings)
    with duckdb.connect(str(settings.warehouse_file)) as connection:
        warehouse_sync.sync(connection, settings)
    for layer in ("staging", "intermediate", "audit"):
        dbt.build_layer(settings, layer, as_of_date)
    with duckdb.connect(str(settings.warehouse_file)) as connection:
        judge.replay(connection, as_of_date)
        for name, sql in (("verdict", _VERDICTS), ("paid", _PAID)):
            file = str(out / f"{name}.parquet").replace("'", "''")
            connection.execute(sql.format(out=file))


def main() -> int:
    """Run as a module; 2 with the reason on stderr when it cannot be done."""
    try:
        replay(Settings(), date.fromisoformat(sys.argv[1]), Path(sys.argv[2]))
    except KetaclaimsError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
