"""Reference tables through landing and raw store: once, by content, in a feed of their own."""

import io
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from raw_store_kit import drop, ends, settings_of
from typer.testing import CliRunner

from ketaclaims.cli import app
from ketaclaims.errors import KetaclaimsError
from ketaclaims.raw import ingest
from ketaclaims.raw.append import raw_files
from ketaclaims.reference import diff, pending

HEADER = (
    "CPT only copyright 2026 American Medical Association.\n"
    "Column 1\tColumn 2\t*=in existence prior to 1996\tEffective Date\tDeletion Date *=no data\t"
    "Modifier 0=not allowed 1=allowed 9=not applicable\tPTP Edit Rationale\n"
)
MUE = (
    "HCPCS/CPT Code,Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale\n96127,4,3,r\n"
)


def zipped(**members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in members.items():
            archive.writestr(f"{name}.txt", text)
    return out.getvalue()


def test_an_archive_of_parts_is_read_once_and_told_beforehand(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    parts = {
        f"ccipra-v322r0-f{number}": f"{HEADER}9636{number}\t96372\t\t20090101\t*\t1\tr\n" for number in (5, 6)
    }
    drop(settings, "anything.bin", zipped(**parts))
    drop(settings, "mue.csv", MUE.encode())
    work_lists = ingest.plan(settings, "reference")
    planned = pending.planned(settings, work_lists)
    assert sorted(str(context.release_date) for _, context in planned) == ["2026-07-01", "2026-07-01", "None"]
    with pytest.raises(KetaclaimsError, match="NO_WAREHOUSE"):
        diff.compare(settings, planned)
    assert ingest.commit(settings, [ingest.read(settings, each) for each in work_lists]) == 1
    assert sorted(end[1:] for end in ends(settings)) == [
        ("committed", None),
        ("committed", None),
        ("quarantined", "RELEASE_UNKNOWN"),
    ]
    pairs = [
        row for file in raw_files(settings, "reference_ptp_pair") for row in pq.read_table(file).to_pylist()
    ]
    assert sorted((row["column_1_code"], str(row["release_date"])) for row in pairs) == [
        ("96365", "2026-07-01"),
        ("96366", "2026-07-01"),
    ]
    assert ingest.run(settings, "reference") is None
    assert ingest.run(settings, "ehr") is None


def test_load_says_what_it_took_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(tmp_path)
    monkeypatch.setenv("KETACLAIMS_DATA_ROOT", str(settings.data_root))
    monkeypatch.setenv("KETACLAIMS_LANDING", str(settings.landing_dir))
    drop(settings, "mue.csv", f"Release: 2026-07-01\n{MUE}".encode())
    runner = CliRunner()
    assert "Committed as 1." in runner.invoke(app, ["reference", "load"]).stdout
    assert "Nothing new in landing." in runner.invoke(app, ["reference", "load"]).stdout
    refused = runner.invoke(app, ["reference", "list"])
    assert (refused.exit_code, "NO_WAREHOUSE" in refused.stderr) == (2, True)
