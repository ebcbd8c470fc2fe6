"""The one call of the alert DAG: collect, decide, tell, record."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from ketaclaims.alerts.model import Digest
from ketaclaims.settings import Settings


def run(
    settings: Settings,
    as_of_date: date,
    run_id: str,
    contract_failures: Sequence[str] = (),
    *,
    now: datetime | None = None,
) -> list[Digest]:
    """Tell every channel what is new or worse; returns the digests written to files, also printed.

    ``now``: UTC without zone, the present by default. Reads the warehouse, whose lock the caller holds.
    Raises KetaclaimsError (ALERT_NOT_SENT) after all else is done when a target did not take its message.
    """
    import duckdb

    from ketaclaims.alerts import collect, send

    at = now or datetime.now(UTC).replace(tzinfo=None)
    exists = settings.warehouse_file.exists()
    with duckdb.connect(
        str(settings.warehouse_file) if exists else ":memory:", read_only=exists
    ) as connection:
        state = collect.collect(
            connection,
            settings,
            as_of_date=as_of_date,
            run_id=run_id,
            now=at,
            contract_failures=contract_failures,
        )
    return send.send(settings, state, collect.thresholds(settings))
