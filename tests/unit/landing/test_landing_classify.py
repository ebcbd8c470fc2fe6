"""The kind of a file comes from its content alone."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from ketaclaims.landing.classify import classify, feed_of

ISA = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       "
ISA += "*261121*1200*^*00501*000000001*0*P*:~"


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


def x12(group: str, transaction: str) -> bytes:
    return f"{ISA}GS*{group}*S*R*20261121*1200*1*X*005010X221A1~ST*{transaction}*0001~".encode()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "empty"),
        (b" \r\n\t\n", "empty"),
        (b" " * 200_000, "empty"),
        (b" " * 200_000 + b"\x01", "unknown"),
        (x12("HP", "835"), "x12_835"),
        (b"\xef\xbb\xbf\r\n" + x12("HP", "835"), "x12_835"),
        (x12("HP", "835").replace(b"*", b"|").replace(b"~", b"\n"), "x12_835"),
        (x12("HC", "837"), "x12_837"),
        (x12("HN", "277"), "x12_other"),
        (ISA.encode(), "x12_other"),
        (b"patient_id,dos_from,units\nP1,2026-01-02,84\n", "ehr_csv"),
        (b'\xef\xbb\xbf"Patient ID";"DOS"\n', "ehr_csv"),
        ("patient_id\tdos\nP1\t2".encode("utf-16"), "ehr_csv"),
        (b"only one column\nvalue\n", "unknown"),
        (b"1,2,3\n4,5,6\n", "unknown"),
        (b"\xef\xbb\xbf", "unknown"),
        (b'{"resourceType": "Patient", "id": "1"}\n', "fhir_ndjson"),
        (b'{"id": 1}\n', "unknown"),
        (b"%PDF-1.7 \x00\x01", "unknown"),
        (b"<html><body>502 Bad Gateway</body></html>", "unknown"),
        (gzip.compress(b"x", mtime=0), "gzip"),
        (zipped("a.835", "b.835"), "zip"),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), "xlsx"),
        (zipped("[Content_Types].xml", "word/document.xml"), "unknown"),
        (b"PK\x03\x04 cut off", "zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 encrypted or old", "xlsx"),
        (b"Charges Report\nRun on 1/2/2026\n\nClaim ID,Line,Patient ID,Units,Charge\n", "ehr_csv"),
        (b"Dear Sir,\nplease find the report, as asked for\n", "unknown"),
    ],
)
def test_kind(tmp_path: Path, content: bytes, kind: str) -> None:
    path = tmp_path / "misleading.pdf"
    path.write_bytes(content)
    assert classify(path) == kind


def test_feed_of_every_kind() -> None:
    ehr = {"ehr_csv", "xlsx", "fhir_ndjson", "x12_837"}
    remits = {"x12_835", "x12_other", "empty", "unknown", "zip", "gzip", "special_file"}
    assert feed_of("reference_table") == "reference"
    assert {kind: feed_of(kind) for kind in ehr | remits} == dict.fromkeys(ehr, "ehr") | dict.fromkeys(
        remits, "remits"
    )
