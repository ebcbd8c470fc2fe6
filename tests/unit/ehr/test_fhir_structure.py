"""Files of FHIR: every line accounted for, versions, deletions, bundles, bad lines, silent messages."""

import json
from datetime import datetime
from pathlib import Path

import fhir_kit as kit
import pytest

from ketaclaims.ehr.fhir import lines
from ketaclaims.ehr.fhir.tables import LINE_FACTOR

SAMPLES = Path(__file__).parents[4] / "shared" / "samples" / "fhir_bulk"


@pytest.fixture
def read(tmp_path: Path):
    return lambda content, **context: kit.read_bytes(tmp_path / "x", content, **context)


GOOD = kit.ndjson([kit.patient()]).strip()


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"not json ZZCANARY", "BAD_JSON"),
        (GOOD[:-9], "BAD_JSON"),
        (b'{"resourceType":"Patient","id":NaN}', "BAD_JSON"),
        (GOOD + b"," + GOOD, "BAD_JSON"),
        (b'{"id":"ZZCANARY"}', "NO_RESOURCE_TYPE"),
        (b'{"resourceType":7}', "NO_RESOURCE_TYPE"),
        (b'["Patient"]', "NO_RESOURCE_TYPE"),
        (b'{"resourceType":"Patient","id":"\xff"}', "BAD_ENCODING"),
        (b'{"resourceType":"Patient","id":"\x00"}', "CONTROL_CHARACTER"),
        (b'{"resourceType":"Patient","id":"\\u0000"}', "CONTROL_CHARACTER"),
        (b'{"resourceType":"Patient","id":"\\ud800"}', "BAD_JSON"),
        (b'{"resourceType":"Patient","a":' * 5000 + b"1" + b"}" * 5000, "TOO_DEEP"),
    ],
)
def test_a_line_that_cannot_be_read_costs_that_line_only(read, bad: bytes, reason: str) -> None:
    reading = read(GOOD + b"\n\n" + bad + b"\n" + GOOD + b"\n")
    (record,) = reading.rows("quarantined_record")
    assert (record["_row_number"], record["reason_code"]) == (3, reason)
    assert [row["_row_number"] for row in reading.rows("patient")] == [1, 4]
    assert reading.account() == (2, 0, 1) and reading.report.status == "warned"
    assert not any("ZZCANARY" in issue.message for issue in reading.report.issues)


def test_a_line_too_long_is_skipped_in_bounded_memory(read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_LINE_BYTES", 500)
    long = kit.ndjson([kit.patient(text={"div": "x" * 2_000})])
    reading = read(long + GOOD)
    assert [r["reason_code"] for r in reading.rows("quarantined_record")] == ["LINE_TOO_LONG"]
    assert [r["_row_number"] for r in reading.rows("patient")] == [2]
    monkeypatch.setattr(lines, "MAX_LINE_BYTES", len(long) - 1)  # without its line feed it fits
    assert read(long + GOOD).account() == (2, 0, 0)


def test_more_bad_lines_than_tolerated_stop_the_file(read) -> None:
    bad = b"ZZCANARY\n"
    fine = read((GOOD + b"\n") * 200 + bad * 5)
    assert fine.report.status == "warned" and fine.account() == (200, 0, 5)
    refused = read((GOOD + b"\n") * 200 + bad * 6)
    assert (refused.report.status, refused.report.issues[0].code) == ("rejected", "TOO_MANY_BAD_ROWS")
    assert read((GOOD + b"\n") * 1_200 + bad * 6).report.status == "warned"  # 0.5 % of 1,206
    assert read(bad).report.status == "rejected"
    assert read((GOOD + b"\n") * 20 + bad * 6, max_bad_row_share=1.0).report.status == "warned"


def test_utf16_is_refused_and_a_utf8_mark_is_not(read) -> None:
    refused = read(GOOD.decode().encode("utf-16"))
    assert (refused.report.status, refused.report.issues[0].code) == ("rejected", "BAD_ENCODING")
    assert read(b"\xef\xbb\xbf" + GOOD).account() == (1, 0, 0)


def test_versions_say_when_they_were_known(read) -> None:
    stamped = kit.patient(meta={"versionId": "2", "lastUpdated": "2026-03-01T10:00:00.5-05:00"})
    numbered = kit.patient(meta={"versionId": "7"})
    named = kit.patient(meta={"versionId": 'W/"a"'})
    found = [
        (row.get("record_version"), row.get("known_from"), row.get("known_from_utc_offset_minutes"))
        for row in read(kit.ndjson([stamped, numbered, named])).rows("patient")
    ]
    at = datetime(2026, 3, 1, 10, 0, 0, 500_000)
    assert found == [(None, at, -300), (7, None, None), (None, None, None)]


def deletion(url: str, **bundle: object) -> dict[str, object]:
    entry = [{"request": {"method": "DELETE", "url": url}}]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entry, **bundle}


def test_a_deleted_bundle_is_a_version_that_says_deleted(read) -> None:
    told = deletion("Encounter/e1", meta={"lastUpdated": "2026-03-05T00:00:00Z"})
    row = read(kit.ndjson([told])).row("encounter")
    assert (row["encounter_id"], row["is_deleted"], row["known_from"]) == ("e1", True, datetime(2026, 3, 5))
    untold = read(kit.ndjson([deletion("Patient/p1")])).row("patient")
    assert untold["known_from"] == datetime(2026, 4, 1)  # when the file was written
    typed = read(kit.ndjson([deletion("MedicationStatement/m")])).row("medication_trial")
    assert typed["trial_id"] == "MedicationStatement/m"
    unknown = read(kit.ndjson([deletion("Immunization/i1")]))
    assert unknown.row("fhir_resource_other")["reason_code"] == "deleted"
    assert unknown.account() == (0, 1, 0)


def test_a_bundle_gives_the_rows_of_its_resources(read, tmp_path: Path) -> None:
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": r} for r in kit.practice()],
    }
    alone = read(kit.ndjson(kit.practice()))
    for content in (json.dumps(bundle), json.dumps(bundle, indent=2)):
        reading = read(content.encode())
        assert reading.account() == alone.account() == (15, 1, 0)
        for table in set(alone.batches) - {"fhir_resource_other"}:
            assert without_position(reading, table) == without_position(alone, table), table
        numbers = [row["_row_number"] for row in reading.rows("observation")]
        assert numbers == [1, 1 + LINE_FACTOR, 1 + 2 * LINE_FACTOR]


def without_position(reading: kit.Reading, table: str) -> list[dict[str, object]]:
    return [{k: v for k, v in row.items() if k != "_row_number"} for row in reading.rows(table)]


def test_addresses_of_a_bundle_are_resolved_to_ids(read) -> None:
    person, visit = kit.patient(), kit.encounter(subject=kit.ref("urn:uuid:aaa"))
    del visit["id"]
    entries = [
        {"fullUrl": "urn:uuid:bbb", "resource": visit},
        {"fullUrl": "urn:uuid:aaa", "resource": person},
        {"response": {"status": "200"}},
    ]
    row = read(json.dumps({"resourceType": "Bundle", "entry": entries}).encode()).row("encounter")
    assert (row["encounter_id"], row["patient_id"]) == ("bbb", "p1")
    empty = read(b'{"resourceType":"Bundle","type":"collection"}')
    assert empty.row("fhir_resource_other")["reason_code"] == "bundle"


def test_a_kept_resource_is_kept_whole_and_its_numbers_exact(read) -> None:
    line = b'{"resourceType":"Immunization","id":"i1","doseQuantity":{"value":0.10}}'
    assert read(line).row("fhir_resource_other")["resource_text"] == line.decode()
    in_bundle = read(b'{"resourceType":"Bundle","entry":[{"resource":' + line + b"}]}")
    assert in_bundle.row("fhir_resource_other")["resource_text"] == line.decode()


def test_messages_name_known_resource_types_only(read) -> None:
    reading = read(kit.ndjson([kit.resource("Immunization", "1"), kit.resource("ZZCANARY", "2")]))
    messages = " ".join(issue.message for issue in reading.report.issues)
    assert "1 Immunization resources" in messages and "1 other resources" in messages
    assert "ZZCANARY" not in messages


def test_a_file_of_an_unnamed_clinic_is_loaded_and_says_so(read) -> None:
    reading = read(GOOD, clinic_id=None)
    assert reading.row("patient")["clinic_id"] == "unnamed" and "CLINIC_NOT_NAMED" in reading.codes


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="../shared/samples is not there")
def test_every_resource_of_the_public_sample_is_accounted_for(read) -> None:
    totals: dict[str, int] = {}
    for path in sorted(SAMPLES.glob("*.ndjson")):
        content = path.read_bytes()
        reading = read(content)
        mapped, kept, quarantined = reading.account()
        assert (mapped + kept, quarantined) == (content.count(b"\n"), 0), path.name
        for table, count in reading.report.rows.items():
            totals[table] = totals.get(table, 0) + count
    assert totals == {
        "diagnosis": 555, "encounter": 1215, "site": 87, "medication_trial": 1745, "patient": 13,
        "provider": 43, "fhir_directory": 173, "fhir_resource_other": 2056,
    }  # fmt: skip
