"""What the reference models of the warehouse say: releases held, and one code on one day."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import duckdb

from ketaclaims.errors import KetaclaimsError
from ketaclaims.publish.database import open_warehouse
from ketaclaims.reference.diff import Listing
from ketaclaims.settings import Settings

_RELEASES = """
select releases.reference_table, releases.release_date, releases.covers_to_date, releases.release_source,
    releases.row_count, count(lines.claim_line_key) as lines_answered,
    count(case when lines.service_date not between releases.release_date
        and coalesce(releases.covers_to_date, lines.service_date) then 1 end) as lines_answered_stale
from intermediate.int_reference__releases as releases
left join intermediate.int_ehr__claim_lines as lines
    on lines.is_standing and releases.reference_table in ('ptp_practitioner', 'mue_practitioner')
    and lines.service_date >= coalesce(releases.answers_from_date, lines.service_date)
    and lines.service_date <= coalesce(releases.answers_to_date, lines.service_date)
group by all
order by releases.reference_table, releases.release_date
"""

_CODE = """
select code_system, code, code_label as label,
    case when is_billable and coalesce(valid_from <= $day, true) and coalesce(valid_to >= $day, true)
        then 'valid' else 'not valid' end as on_day,
    valid_from, valid_to, successor_code, source
from intermediate.int_reference__codes
where upper(replace(code, '.', '')) = $code
union all
select code_type, code, label,
    case when coalesce(start_date <= $day, true) and coalesce(stop_date >= $day, true)
        then 'active' else 'not active' end,
    start_date, stop_date, null, source
from intermediate.int_reference__reason_codes
where code = $code
order by 1
"""


def releases(settings: Settings) -> Listing:
    """Every release, the days it speaks for, and the standing claim lines it answers, stale ones apart."""
    return _asked(settings, _RELEASES, {})


def code(settings: Settings, text: str, day: date) -> Listing:
    """A code in every code system that holds it, as of a date of service; no rows where none does."""
    return _asked(settings, _CODE, {"code": text.strip().upper().replace(".", ""), "day": day})


def _asked(settings: Settings, query: str, parameters: Mapping[str, Any]) -> Listing:
    with open_warehouse(settings.warehouse_file) as con:
        try:
            cursor = con.execute(query, dict(parameters))
            return Listing(tuple(column[0] for column in cursor.description or ()), tuple(cursor.fetchall()))
        except duckdb.Error as error:
            raise KetaclaimsError(
                "WAREHOUSE_INCOMPLETE",
                f"{type(error).__name__}: the reference models are missing or of another version",
                where=str(settings.warehouse_file),
                next_step="Run the pipeline to its end, then ask again.",
            ) from None
