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
from ketaclaims.raw.releases import release_input
from ketaclaims.settings import Settings

FIXTURES = Path(__file__).parents[1] / "fixtures" / "x12"
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


def test_unknown_partners_wait_until_they_are_known_or_released(tmp_path: Path) -> None:
    isa = f"ISA*00*{'':10}*00*{'':10}*ZZ*{'PAYER':15}*ZZ*{'CLINIC':15}*260101*1200*^*00501*000000001*0*P*:"
    rest = (
        "GS*HP*PAYER*CLINIC*20260101*1200*1*X*005010X221A1", "ST*835*0001",
        "BPR*I*0*C*NON************20260115", "TRN*1*T1*1900000001", "N1*PR*PLAN*XV*90001",
        "N1*PE*CLINIC*XX*1234567893", "SE*6*0001", "GE*1*1", "IEA*1*000000001",
    )  # fmt: skip
    for number, partner in enumerate(("PAYER", "STRAY")):
        content = "~".join((isa.replace("*PAYER ", f"*{partner} "), *rest, "")).replace("T1", f"T{number}")
        drop(settings_of(tmp_path), f"{partner}.835", content.encode())
    strict = settings_of(tmp_path, known_partners=["PAYER", "CLINIC"])
    assert ingest.run(strict, "remits") == 1
    refused = ("quarantined", "UNKNOWN_PARTNER")
    assert outcome(strict) == {"PAYER.835": ("committed", None), "STRAY.835": refused}
    assert ingest.run(strict, "remits") is None
    (sha256,) = (path.name for path in strict.archive_dir.rglob("*") if b"*STRAY " in _content(path))
    assert release_input(strict, sha256[:12], "asked the clearinghouse") == 2
    assert outcome(strict)["STRAY.835"] == ("committed", None)


def test_a_partner_that_becomes_known_is_read_anew(tmp_path: Path) -> None:
    sample = (FIXTURES / "reversal_and_takeback.835").read_bytes()
    drop(settings_of(tmp_path), "a.835", sample)
    ids = [element.strip().decode() for element in sample.split(sample[3:4])[6:9:2]]
    assert ingest.run(settings_of(tmp_path, known_partners=ids[:1]), "remits") == 1
    knowing = settings_of(tmp_path, known_partners=ids)
    assert outcome(knowing) == {"a.835": ("quarantined", "UNKNOWN_PARTNER")}
    assert ingest.run(knowing, "remits") == 2
    assert outcome(knowing) == {"a.835": ("committed", None)}


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


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
