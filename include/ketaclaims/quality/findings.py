"""Findings as people read them: folded from the raw store, waivers applied. Works without the warehouse."""

import csv
import getpass
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

from ketaclaims.errors import KetaclaimsError
from ketaclaims.quality import events
from ketaclaims.raw.append import append
from ketaclaims.raw.tables import WAIVER
from ketaclaims.settings import Settings

Show = Literal["open", "fail", "not_evaluable", "waived", "resolved", "all"]
COLUMNS = (
    "finding_id",
    "rule_id",
    "clinic_id",
    "subject",
    "subject_key",
    "status",
    "first_seen_at",
    "resolved_at",
    "dollars_at_stake",
    "evidence",
)
_SHOWN: Mapping[str, str] = {
    "open": "resolved_at is null and not is_waived",
    "fail": "resolved_at is null and not is_waived and status = 'fail'",
    "not_evaluable": "resolved_at is null and not is_waived and status = 'not_evaluable'",
    "waived": "resolved_at is null and is_waived",
    "resolved": "resolved_at is not null",
    "all": "true",
}
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which findings to show."""

    show: Show = "open"
    rule_id: str | None = None
    clinic_id: str | None = None


def read_findings(settings: Settings, chosen: Filter, today: date) -> list[dict[str, Any]]:
    """Findings by money at stake, one mapping of :data:`COLUMNS` each.

    ``status`` is fail or not_evaluable; a finding with ``resolved_at`` had it last. The newest waiver
    of a finding holds through its ``expires_on``. Empty before the first judging run.
    """
    import duckdb

    with duckdb.connect() as connection:
        events.fold(connection, settings)
        waivers = events.committed_rows(connection, settings, "waiver", WAIVER)
        rows = connection.execute(
            f"""
            with waiver as (
                select finding_id, max_by(expires_on, waived_at) as expires_on
                from {waivers}
                group by finding_id
            ),
            finding as (
                select
                    finding_id, rule_id, clinic_id, subject, subject_key, last_open_status as status,
                    first_seen_at, resolved_at, dollars_at_stake, evidence,
                    coalesce(waiver.expires_on >= $today, false) as is_waived
                from prior
                left join waiver using (finding_id)
            )
            select {", ".join(COLUMNS)}
            from finding
            where
                {_SHOWN[chosen.show]}
                and (rule_id = $rule_id or $rule_id is null)
                and (clinic_id = $clinic_id or $clinic_id is null)
            order by dollars_at_stake desc, rule_id, clinic_id, subject_key
            """,
            {"today": today, "rule_id": chosen.rule_id, "clinic_id": chosen.clinic_id},
        ).fetchall()
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat(timespec="seconds") + "Z" if isinstance(value, datetime) else str(value)


def _safe_cell(value: Any) -> str:
    """Text a spreadsheet shows and never runs; numbers stay numbers."""
    text = _text(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA_STARTS) else text


def as_csv(findings: Sequence[Mapping[str, Any]]) -> str:
    """Header and rows; only the header when there are none."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([_safe_cell(finding[name]) for name in COLUMNS] for finding in findings)
    return out.getvalue()


def as_json(findings: Sequence[Mapping[str, Any]]) -> str:
    """A JSON array; money as decimal strings, times in UTC."""
    return json.dumps(
        [
            {name: None if finding[name] is None else _text(finding[name]) for name in COLUMNS}
            for finding in findings
        ],
        indent=2,
    )


def waive(settings: Settings, finding_id: str, reason: str, until: date, now: datetime) -> str:
    """Commit a waiver of one open finding through ``until``; returns the whole finding_id.

    ``finding_id`` may be cut short as long as it stays unique. Raises WAIVER_REFUSED.
    """
    found: list[str] = [
        row["finding_id"]
        for row in read_findings(settings, Filter("all"), now.date())
        if not row["resolved_at"]
    ]
    matching = [known for known in found if finding_id and known.startswith(finding_id)]
    if len(matching) != 1:
        cause = (
            "no open finding has this id"
            if not matching
            else f"{len(matching)} open findings begin like this"
        )
        raise KetaclaimsError("WAIVER_REFUSED", cause, next_step="List them with `ketaclaims findings`.")
    if until < now.date():
        raise KetaclaimsError(
            "WAIVER_REFUSED", "the last day of the waiver is past", next_step="Give a later --until."
        )
    if not reason.strip():
        raise KetaclaimsError("WAIVER_REFUSED", "a waiver needs a reason", next_step="Give --reason.")
    import pyarrow as pa

    row = {
        "finding_id": matching[0],
        "reason": reason.strip(),
        "waived_by": getpass.getuser(),
        "waived_at": now.astimezone(UTC).replace(tzinfo=None),
        "expires_on": until,
    }
    schema = pa.schema([field for field in WAIVER if not field.name.startswith("_")])
    append(settings, "waiver", "waiver", pa.Table.from_pylist([row], schema=schema))
    return matching[0]
