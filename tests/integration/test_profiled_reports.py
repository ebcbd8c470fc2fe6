"""Vendor reports through the raw store: the clinic by folder or setting, workbooks, a corrected profile."""

import io
import zipfile
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest
from raw_store_kit import drop, settings_of

from ketaclaims.errors import KetaclaimsError
from ketaclaims.raw import ingest
from ketaclaims.raw.append import raw_files
from ketaclaims.raw.ledger import open_ledger
from ketaclaims.settings import Settings

HEADER = (
    "PA ID,Patient ID,Payer,Auth Number,Drug,Codes,Status,Date Submitted,Date Decided,Valid From,Valid To,"
    "Units Approved,Unit Type,Patient Name"
)
GOOD = "R1,P1,Aetna PPO,0012,Spravato,J0013,Approved,1/2/2026,1/4/2026,1/5/2026,7/5/2026,24,visits,Jo Doe"
TEST = "R2,P2,Aetna PPO,0013,Spravato,J0013,Approved,1/2/2026,1/4/2026,1/5/2026,7/5/2026,24,visits,Test A"
TRACKER = f"Prior authorisations\n\n{HEADER}\n{GOOD}\n{TEST}\nTotal,,,,,,,,,,,24,,\n"


def workbook() -> bytes:
    book = openpyxl.Workbook()
    for line in TRACKER.replace("R1,", "R9,").splitlines():
        book.active.append(line.split(","))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def zipped(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, content)
    return out.getvalue()


def run_feeds(settings: Settings) -> None:
    for feed in ("remits", "ehr"):
        ingest.run(settings, feed)


def inputs(settings: Settings) -> dict[str, tuple]:
    with open_ledger(settings) as ledger:
        rows = ledger.rows(
            "select landing_path, kind, status, reason_code, quarantined_rows from inputs"
            " order by commit_number"
        )
    return {row[0]: tuple(row)[1:] for row in rows}


def rows(settings: Settings, table: str) -> list[dict]:
    return [row for file in raw_files(settings, table) for row in pq.read_table(file).to_pylist()]


def test_the_folder_names_the_clinic_and_workbooks_are_found_by_content(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    drop(settings, "ehr/clinic=c7/tracker.csv", TRACKER.encode("utf-16"))
    drop(settings, "ehr/clinic=c8/pas.dat", workbook())
    drop(settings, "ehr/clinic=c8/locked.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    assert ingest.run(settings, "ehr") == 1
    assert inputs(settings) == {
        "ehr/clinic=c7/tracker.csv": ("ehr_csv", "committed", None, 1),
        "ehr/clinic=c8/pas.dat": ("xlsx", "committed", None, 1),
        "ehr/clinic=c8/locked.xlsx": ("xlsx", "quarantined", "OLD_WORKBOOK", 0),
    }
    found = {(r["clinic_id"], r["pa_id"], str(r["valid_to"])) for r in rows(settings, "prior_auth")}
    assert found == {("c7", "R1", "2026-07-05"), ("c8", "R9", "2026-07-05")}
    assert {r["reason_code"] for r in rows(settings, "quarantined_record")} == {"TEST_PATIENT"}
    assert ingest.run(settings, "ehr") is None


def test_a_report_without_a_clinic_waits_for_the_setting(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    drop(settings, "tracker.csv", TRACKER.encode())
    assert ingest.run(settings, "ehr") == 1
    assert inputs(settings)["tracker.csv"][1:3] == ("quarantined", "CLINIC_UNKNOWN")
    assert ingest.run(settings, "ehr") is None
    told = settings_of(tmp_path, clinic_id="c1")
    assert ingest.run(told, "ehr") == 2
    assert [r["clinic_id"] for r in rows(told, "prior_auth")] == ["c1"]


def test_a_report_moved_into_its_clinics_folder_is_read_again(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    drop(settings, "tracker.csv", TRACKER.encode())
    drop(settings, "more.zip", zipped("pas.xlsx", workbook()))
    run_feeds(settings)
    drop(settings, "elsewhere/tracker.csv", TRACKER.encode())
    run_feeds(settings)
    assert inputs(settings)["elsewhere/tracker.csv"][1] == "duplicate"  # no clinic there either
    for name in ("tracker.csv", "more.zip"):
        moved = settings.landing_dir / "clinic=c7" / name
        moved.parent.mkdir(exist_ok=True)
        (settings.landing_dir / name).rename(moved)
    run_feeds(settings)
    found = {(r["clinic_id"], r["pa_id"]) for r in rows(settings, "prior_auth")}
    assert found == {("c7", "R1"), ("c7", "R9")}
    assert ingest.run(settings, "ehr") is None
    drop(settings, "clinic=c9/again.csv", TRACKER.encode())  # read by now: a second copy is one
    run_feeds(settings)
    assert inputs(settings)["clinic=c9/again.csv"][1] == "duplicate"


def test_an_unknown_report_is_read_once_its_profile_is_there(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    settings = settings_of(tmp_path, profiles_dir=own)
    drop(settings, "paid.csv", b"Nr,Pat,Amount paid,Day paid\n1,P1,$5.00,01/02/2026\n")
    assert ingest.run(settings, "ehr") == 1
    assert inputs(settings)["paid.csv"][1:3] == ("quarantined", "UNKNOWN_REPORT")
    (own / "paid.yml").write_text(
        """
name: paid
version: "1"
title: Paid
source_system: paid
sources: {seen: the export of January 2026}
dates: [MM/DD/YYYY]
reports:
  - name: paid
    title: Paid
    source: seen
    headers:
      Nr: {mark: confirmed}
      Pat: {mark: confirmed}
      Amount paid: {mark: confirmed}
      Day paid: {mark: confirmed}
    tables:
      - table: patient_payment
        columns:
          {clinic_id: {constant: c1}, payment_id: Nr, patient_id: Pat, amount: Amount paid, paid_on: Day paid}
"""
    )
    assert ingest.run(settings, "ehr") == 2
    (row,) = rows(settings, "patient_payment")
    assert (str(row["amount"]), str(row["paid_on"]), row["source_system"]) == ("5.00", "2026-01-02", "paid")


def test_a_wrong_profile_stops_the_run_before_anything_is_read(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "mine.yml").write_text("name: mine\n")
    settings = settings_of(tmp_path, profiles_dir=own, clinic_id="c1")
    drop(settings, "tracker.csv", TRACKER.encode())
    with pytest.raises(KetaclaimsError, match=r"BAD_PROFILE: profile mine\.yml: version: Field required"):
        ingest.run(settings, "ehr")
    assert inputs(settings) == {}
    (own / "mine.yml").unlink()
    assert ingest.run(settings, "ehr") == 1
    assert inputs(settings)["tracker.csv"][1] == "committed"
