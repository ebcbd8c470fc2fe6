"""The real readers behind the store: the 16 sample 835s and a canonical CSV end as they deserve."""

import json
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from raw_store_kit import drop, settings_of

from ketaclaims.raw import ingest
from ketaclaims.raw.append import raw_files
from ketaclaims.raw.ledger import open_ledger
from ketaclaims.settings import Settings

SAMPLES = Path(__file__).parents[2] / ".." / "shared" / "samples" / "835"


def outcome(settings: Settings) -> dict[str, tuple[str, str | None]]:
    with open_ledger(settings) as ledger:
        rows = ledger.rows("select landing_path, status, reason_code from inputs order by commit_number")
    return {row[0]: (row[1], row[2]) for row in rows}


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared sample files are not here")
def test_sample_remittances(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, landing=SAMPLES.resolve())
    expected = json.loads((SAMPLES / "expected.json").read_text())
    assert ingest.run(settings, "remits") == 1
    first = outcome(settings)
    assert first.pop("expected.json") == ("quarantined", "NOT_X12")
    assert len(first) == 16
    tests = {name for name, end in first.items() if end == ("quarantined", "TEST_INDICATOR")}
    assert len(tests) == 11
    assert {end[0] for name, end in first.items() if name not in tests} == {"committed"}
    allowing = settings_of(tmp_path, landing=SAMPLES.resolve(), accept_test_files=True)
    assert ingest.run(allowing, "remits") == 2
    assert ingest.run(allowing, "remits") is None
    assert {end for name, end in outcome(allowing).items() if name in tests} == {("committed", None)}
    tables = [pq.read_table(path) for path in raw_files(allowing, "remittance")]
    with open_ledger(allowing) as ledger:
        counted = {(r[0], r[1]) for r in ledger.rows(
            "select file_sha256, commit_id from active_inputs join commits using (commit_number)"
        )}  # fmt: skip
    rows = [row for table in tables for row in table.to_pylist()]
    rows = [row for row in rows if (row["_file_sha256"], row["_commit_id"]) in counted]
    assert len(rows) == sum_of(expected, "n_st")


def sum_of(expected: object, name: str) -> int:
    """Sum of a figure over the files of expected.json, wherever the file keeps it."""
    if isinstance(expected, dict):
        if name in expected:
            return int(expected[name])
        return sum(sum_of(value, name) for value in expected.values())
    return sum(sum_of(value, name) for value in expected) if isinstance(expected, list) else 0


def test_canonical_csv(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    header = "clinic_id,patient_id,birth_date,sex,state,rems_patient_id,rems_enrolled_on,deceased_on"
    drop(settings, "a.csv", f"{header}\nC1,P1,1980-02-03,F,NY,,,\nC1,P2,1990-02-03,M,NY,,,\n".encode())
    drop(settings, "b.csv", b"some,other,report\n1,2,3\n")
    assert ingest.run(settings, "ehr") == 1
    ends = outcome(settings)
    assert ends["a.csv"] == ("committed", None)
    assert ends["b.csv"][0] == "quarantined"
    (file,) = raw_files(settings, "patient")
    assert pc.sort_indices(pq.read_table(file)["patient_id"]).to_pylist() == [0, 1]
    assert pq.read_table(file)["patient_id"].to_pylist() == ["P1", "P2"]
    assert ingest.run(settings, "ehr") is None


def test_fhir_files_of_two_clinics(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, clinic_id="main")
    patient = '{"resourceType":"Patient","id":"%s","birthDate":"1980-02-03"}\n'
    drop(settings, "fhir/clinic=C7/Patient.ndjson", (patient % "1").encode())
    drop(settings, "fhir/Patient.ndjson", (patient % "2").encode())
    drop(settings, "fhir/broken.ndjson", b'{"resourceType":"Patient","id":"ZZCANARY\n')
    assert ingest.run(settings, "ehr") == 1
    assert outcome(settings) == {
        "fhir/clinic=C7/Patient.ndjson": ("committed", None),
        "fhir/Patient.ndjson": ("committed", None),
        "fhir/broken.ndjson": ("quarantined", "TOO_MANY_BAD_ROWS"),
    }
    rows = [row for file in raw_files(settings, "patient") for row in pq.read_table(file).to_pylist()]
    assert {(row["clinic_id"], row["patient_id"]) for row in rows} == {("C7", "1"), ("main", "2")}
    assert b"ZZCANARY" not in b"".join(p.read_bytes() for p in settings.raw_dir.rglob("*.json"))
