"""Reads FHIR R4: bulk NDJSON, single resources and Bundles, into the canonical tables (fact base, section 3).

Every resource ends in one of three ways: mapped to canonical rows, kept whole in ``fhir_resource_other`` with
the reason, or (a line that is no resource) quarantined with its number. Resources may come in any order and
in any file: an id is an id, and what points elsewhere is looked up downstream in ``fhir_directory``.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from ketaclaims.ehr.chunk import MAX_RECORD_TEXT, BadRow, Lineage, quarantine_batch
from ketaclaims.ehr.fhir import READER, READER_VERSION
from ketaclaims.ehr.fhir.accounting import Tally
from ketaclaims.ehr.fhir.batches import Batches
from ketaclaims.ehr.fhir.lines import MESSAGES, Line, read_lines
from ketaclaims.ehr.fhir.loading import fhir_map
from ketaclaims.ehr.fhir.mapping import FhirMap, Row, map_deletion, map_resource
from ketaclaims.ehr.fhir.scope import Notes, Scope, elements
from ketaclaims.ehr.fhir.tables import LINE_FACTOR
from ketaclaims.ehr.fhir.values import store_time
from ketaclaims.raw.contract import InputReport, Issue, ReadContext, Sink

UNNAMED_CLINIC = "unnamed"
TABLE_NAME = "fhir_resource"  # of a line nobody knows the table of
LEAST_RESOURCE_BYTES = 20  # {"resourceType":"X"}
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_encoder = msgspec.json.Encoder(decimal_format="number")


def read_fhir(source: Path, context: ReadContext, sink: Sink) -> InputReport:
    """Read one FHIR file; never raises on bad input. A ``rejected`` report may follow pushed rows."""
    reading = _Reading(context, sink)
    with source.open("rb") as stream:
        if stream.read(2) in _UTF16:
            text = "The byte order mark says UTF-16; JSON is exchanged as UTF-8. Export it again."
            return reading.report(Issue("BAD_ENCODING", "error", text))
    most_resources = source.stat().st_size // LEAST_RESOURCE_BYTES + 1
    for line in read_lines(source):
        reading.take(line)
        if reading.tally.is_too_bad(most_resources, context):
            break
    reading.batches.flush()
    tally = reading.tally
    if tally.quarantined and (not tally.good or tally.is_too_bad(tally.good + tally.quarantined, context)):
        text = (
            f"{tally.quarantined} of {tally.good + tally.quarantined} resources read are bad, more than is "
            "tolerated. Correct the export, or raise max_bad_row_share."
        )
        return reading.report(Issue("TOO_MANY_BAD_ROWS", "error", text))
    return reading.report()


class _Reading:
    """One file on its way into the tables."""

    def __init__(self, context: ReadContext, sink: Sink) -> None:
        exported_at = _utc(context.exported_at)
        self.tally = Tally()
        self._sink, self._context, self._map = sink, context, fhir_map()
        self._lineage = Lineage(context.file_sha256, context.commit_id, exported_at)
        self.batches = Batches(sink, self._lineage, context.clinic_id or UNNAMED_CLINIC)
        self._places: dict[str, int] = {}  # rows of each table this line has given so far
        self._line_number = 0

    def take(self, line: Line) -> None:
        """Map, keep or quarantine what stands on one line."""
        self.tally.lines += 1
        self._places, self._line_number = {}, line.number
        self.tally.notes.line_number = line.number
        if line.resource is None:
            self._quarantine(line)
        elif line.resource["resourceType"] == "Bundle":
            self._take_bundle(line.resource)
        else:
            self._take_resource(line.resource, {}, line.data)

    def _take_bundle(self, bundle: Row) -> None:
        entries = elements(bundle.get("entry"))
        aliases = dict(pair for entry in entries if (pair := _alias(entry)))
        taken = sum(self._take_entry(entry, bundle, aliases) for entry in entries)
        if not taken:
            self._keep(bundle, "bundle", "", None)

    def _take_entry(self, entry: Row, bundle: Row, aliases: Mapping[str, str]) -> bool:
        """Take the resource or deletion of an entry; an entry of neither counts as nothing."""
        resource, request = entry.get("resource"), entry.get("request")
        if type(request) is dict and request.get("method") == "DELETE":
            self._delete(entry, str(request.get("url")), bundle)
            return True
        if type(resource) is not dict:
            return False
        alias = aliases.get(str(entry.get("fullUrl")))
        if "id" not in resource and alias:
            resource = {**resource, "id": alias.partition("/")[2]}
        self._take_resource(resource, aliases, None)
        return True

    def _take_resource(self, resource: Row, aliases: Mapping[str, str], data: bytes | None) -> None:
        mapped = map_resource(resource, self._map, self.tally.notes, aliases)
        if not mapped.rows:
            self._keep(resource, mapped.reason, mapped.column, data)
            return
        self.tally.mapped += 1
        version = _version(resource, self._map)
        for table, row in mapped.rows:
            self.batches.add(table, self._row_number(table), version | row)

    def _delete(self, entry: Row, url: str, bundle: Row) -> None:
        kind, _, resource_id = url.rpartition("/")
        rows = map_deletion(kind.rpartition("/")[2], resource_id, self._map)
        if not rows:
            self._keep(entry | {"resourceType": "Bundle"}, "deleted", "", None)
            return
        self.tally.mapped += 1
        meta = bundle.get("meta")
        told_at = (meta.get("lastUpdated") if type(meta) is dict else None) or bundle.get("timestamp")
        known_from = _time(told_at, self._map) or _clock(self._lineage.exported_at)
        for table, row in rows:
            deletion = {"source_system": self._map.source_system, "known_from": known_from, **row}
            self.batches.add(table, self._row_number(table), deletion)

    def _keep(self, resource: Row, reason: str, column: str, data: bytes | None) -> None:
        kind, resource_id = resource.get("resourceType"), resource.get("id")
        text = (data if data is not None else _encoder.encode(resource)).decode()
        row = {
            "resource_type": kind if isinstance(kind, str) else None,
            "resource_id": resource_id if isinstance(resource_id, str) else None,
            "reason_code": reason,
            "column_name": column or None,
            "resource_text": text,
        }
        named = kind if kind in self._map.resource_types else "other"
        self.tally.kept[str(named), reason, column] += 1
        self.batches.add("fhir_resource_other", self._row_number("fhir_resource_other"), row, len(text))

    def _quarantine(self, line: Line) -> None:
        text = line.data[:MAX_RECORD_TEXT].decode("utf-8", "backslashreplace")
        reason, message = line.reason, MESSAGES[line.reason]
        bad = BadRow(line.number, line.number, TABLE_NAME, "", reason, message, text[:MAX_RECORD_TEXT])
        self.tally.quarantine(bad)
        self._sink("quarantined_record", quarantine_batch([bad], self._lineage))

    def _row_number(self, table: str) -> int:
        place = self._places.get(table, 0)
        self._places[table] = place + 1
        return self._line_number + place * LINE_FACTOR

    def report(self, error: Issue | None = None) -> InputReport:
        """The report so far; with an error the file is rejected."""
        issues = self.tally.report()
        if self._context.clinic_id is None:
            text = (
                f"No clinic is named, so its id is {UNNAMED_CLINIC}. Deliver below a folder clinic=<id>, or "
                "set KETACLAIMS_CLINIC_ID, then `ketaclaims reread`."
            )
            issues = (Issue("CLINIC_NOT_NAMED", "warning", text), *issues)
        is_warned = any(issue.severity != "info" for issue in issues)
        rows = {**self.batches.counts, "quarantined_record": self.tally.quarantined}
        return InputReport(
            status="rejected" if error else "warned" if is_warned else "clean",
            kind="fhir_ndjson",
            reader=READER,
            reader_version=READER_VERSION,
            profile="fhir_r4",
            profile_version=self._map.version,
            clinic_ids=(self._context.clinic_id or UNNAMED_CLINIC,) if self.batches.counts else (),
            rows={name: count for name, count in rows.items() if count},
            issues=(error, *issues) if error else issues,
            quarantined_rows=self.tally.quarantined,
        )


def _alias(entry: Row) -> tuple[str, str] | None:
    """The address a bundle gives a resource, and ``Type/id``; a urn:uuid is the id where there is none."""
    url, resource = entry.get("fullUrl"), entry.get("resource")
    if not isinstance(url, str) or type(resource) is not dict:
        return None
    resource_id = resource.get("id") or (url.split(":", 2)[2] if url.startswith("urn:uuid:") else None)
    return (url, f"{resource.get('resourceType')}/{resource_id}") if resource_id else None


def _version(resource: Row, fhir: FhirMap) -> Row:
    """When the server knew this version, which orders versions; without a time, its number."""
    meta = resource.get("meta")
    meta = meta if type(meta) is dict else {}
    known_from = _time(meta.get("lastUpdated"), fhir)
    number = str(meta.get("versionId"))
    is_number = known_from is None and number.isascii() and number.isdigit()
    return {
        "source_system": fhir.source_system,
        "known_from": known_from,
        "record_version": int(number) if is_number and len(number) < 10 else None,
    }


def _time(text: Any, fhir: FhirMap) -> tuple[int, int | None] | None:
    scope = Scope(fhir.reference, Notes(), {}, {})
    return store_time(text, scope) if isinstance(text, str) else None


def _clock(utc: datetime | None) -> tuple[int, int] | None:
    return None if utc is None else (int((utc - datetime(1970, 1, 1)).total_seconds()) * 1_000_000, 0)


def _utc(iso: str | None) -> datetime | None:
    """ISO time as UTC wall clock; a time without offset is taken as UTC."""
    if iso is None:
        return None
    at = datetime.fromisoformat(iso)
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
