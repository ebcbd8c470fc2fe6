import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest

from ketaclaims.errors import KetaclaimsError
from ketaclaims.publish import store
from ketaclaims.publish.pseudonyms import pseudonym, publication_secret
from ketaclaims.publish.publish import publish

AS_OF = date(2026, 6, 30)
CANARY = "ZZCANARY"


def privacy_of(column):
    return column["config"]["meta"]["privacy"]


def run(installation, run_id="r1", **options):
    return publish(installation.settings, run_id, AS_OF, installation.manifest, None, **options)


def canary_rows(models):
    """One row per mart: canaries in every text column that must not leave as it is."""
    rows = {}
    for name, model in models.items():
        rows[name] = [
            {
                column["name"]: f"{CANARY} {column['name']}"
                for column in model["columns"]
                if privacy_of(column) != "plain"
                and column["data_type"].startswith(("varchar", "text", "string"))
            }
        ]
    return {name: row for name, row in rows.items() if row[0]}


def test_publication_holds_database_parquet_report_and_manifest(installation):
    folder = run(installation)
    assert folder == installation.settings.published_dir / "r1"
    current = installation.settings.published_dir / "current"
    assert current.resolve() == folder.resolve()
    manifest = json.loads((current / "publication.json").read_text())
    assert (manifest["run_id"], manifest["as_of_date"], manifest["newest_commit"]) == (
        "r1",
        "2026-06-30",
        installation.newest_commit,
    )
    assert set(manifest["tables"]) == set(installation.models)
    assert {f"parquet/{name}.parquet" for name in installation.models} < set(manifest["files"])
    assert {"analytics.duckdb", "README.txt", "reports/index.html"} < set(manifest["files"])
    assert store.damaged_files(folder) == []
    with duckdb.connect(str(folder / "analytics.duckdb"), read_only=True) as con:
        assert con.execute("select run_id, as_of_date, newest_commit from publication").fetchall() == [
            ("r1", AS_OF, installation.newest_commit)
        ]


@pytest.fixture(scope="module")
def canary_publication(shared_installation):
    rows = canary_rows(shared_installation.models)
    assert {"patient_control_number", "claim_key"} <= set(rows["fct_claims"][0])
    shared_installation.fill(rows)
    return run(shared_installation)


def test_withheld_and_identifying_values_leave_no_byte_behind(shared_installation, canary_publication):
    installation, folder = shared_installation, canary_publication
    with_canary = [
        path for path in folder.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()
    ]
    assert with_canary == []
    with duckdb.connect(str(folder / "analytics.duckdb"), read_only=True) as con:
        for name in installation.models:  # compressed pages could hide what a byte search misses
            for source in (name, f"'{folder}/parquet/{name}.parquet'"):
                assert CANARY not in str(con.execute(f"from {source}").fetchall())


def test_withheld_columns_are_absent_and_keys_are_the_hmac_in_every_table(
    shared_installation, canary_publication
):
    installation, folder = shared_installation, canary_publication
    secret, _ = publication_secret(installation.settings)
    with duckdb.connect(str(folder / "analytics.duckdb"), read_only=True) as con:
        for name, model in installation.models.items():
            published = [row[0] for row in con.execute(f"describe {name}").fetchall()]
            assert published == [c["name"] for c in model["columns"] if privacy_of(c) != "withhold"]
            for column in model["columns"]:
                if privacy_of(column) == "pseudonymise" and column["data_type"] == "varchar":
                    found = con.execute(f'select distinct "{column["name"]}" from {name}').fetchall()
                    assert found == [(pseudonym(secret, f"{CANARY} {column['name']}"),)]


def test_descriptions_stand_inside_the_database(shared_installation, canary_publication):
    installation, folder = shared_installation, canary_publication
    name, model = next(iter(installation.models.items()))
    with duckdb.connect(str(folder / "analytics.duckdb"), read_only=True) as con:
        (comment,) = con.execute(
            "select comment from duckdb_tables() where table_name = ?", [name]
        ).fetchone()
        assert comment == " ".join(model["description"].split())
        uncommented = con.execute(
            "select table_name, column_name from duckdb_columns() where comment is null "
            "and not internal and table_name <> 'publication'"
        ).fetchall()
    assert uncommented == []


def test_mart_column_without_privacy_stops_the_publication(installation):
    run(installation)
    models = json.loads(json.dumps(installation.models))
    name, model = next(iter(models.items()))
    model["columns"][0]["config"]["meta"].pop("privacy")
    installation.declare(models)
    with pytest.raises(KetaclaimsError, match=rf"PRIVACY_UNDECLARED.*{name}\.{model['columns'][0]['name']}"):
        run(installation, "r2")
    assert (installation.settings.published_dir / "current").resolve().name.startswith("r1.")


def test_permissions(installation):
    folder = run(installation)
    published = installation.settings.published_dir
    modes = {path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_file()}
    folders = {
        path.stat().st_mode & 0o777
        for path in [published, published / ".versions", folder, folder / "parquet"]
    }
    private = [
        published / ".lock",
        published / ".pseudonym_fingerprint",
        installation.settings.path("pseudonym.secret"),
    ]
    assert (modes, folders) == ({0o640}, {0o750})
    assert {path.stat().st_mode & 0o777 for path in private} == {0o600}


def test_historical_run_is_not_served(installation):
    run(installation)
    run(installation, "history", switch=False)
    served = json.loads((installation.settings.published_dir / "current" / "publication.json").read_text())
    assert served["run_id"] == "r1"
    assert (installation.settings.published_dir / "history" / "publication.json").exists()


def test_publishing_a_run_again_replaces_it_whole(installation):
    run(installation)
    first = (installation.settings.published_dir / "r1").resolve()
    run(installation)
    second = (installation.settings.published_dir / "current").resolve()
    assert second != first and second == (installation.settings.published_dir / "r1").resolve()
    assert [r["run_id"] for r in store.runs(installation.settings.published_dir)] == ["r1"]


def test_data_docs_and_extras_are_published_and_links_refused(installation, tmp_path):
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "index.html").write_text("checks")
    (tmp_path / "digest.txt").write_text("digest")
    folder = publish(
        installation.settings,
        "r1",
        AS_OF,
        installation.manifest,
        docs,
        {"digest.txt": tmp_path / "digest.txt"},
    )
    assert (folder / "data_docs" / "index.html").read_text() == "checks"
    assert (folder / "digest.txt").read_text() == "digest"
    assert "../data_docs/index.html" in (folder / "reports" / "index.html").read_text()
    (docs / "leak").symlink_to(installation.settings.warehouse_file)
    with pytest.raises(KetaclaimsError, match="LINK_IN_PUBLICATION"):
        publish(installation.settings, "r2", AS_OF, installation.manifest, docs)
    with pytest.raises(KetaclaimsError, match="BAD_EXTRA"):
        run(installation, extras={"../x": tmp_path})


def test_absent_busy_and_damaged_warehouse_are_told_apart(installation):
    warehouse = installation.settings.warehouse_file
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import duckdb; c = duckdb.connect({str(warehouse)!r}); print(1, flush=True); input()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    holder.stdout.readline()
    with pytest.raises(KetaclaimsError, match="WAREHOUSE_BUSY"):
        run(installation)
    holder.communicate(b"\n")
    os.truncate(warehouse, 5000)
    with pytest.raises(KetaclaimsError, match="WAREHOUSE_UNREADABLE"):
        run(installation)
    warehouse.unlink()
    with pytest.raises(KetaclaimsError, match="NO_WAREHOUSE"):
        run(installation)
    assert not (installation.settings.published_dir / "current").exists()


def test_damaged_pages_of_the_warehouse_stop_the_publication(installation):
    installation.fill({"dim_payers": [{"payer_id": "PAYER-OF-THE-TEST"}]})
    run(installation)
    warehouse = installation.settings.warehouse_file
    content = bytearray(warehouse.read_bytes())
    content[content.index(b"PAYER-OF-THE-TEST")] ^= 0xFF
    warehouse.write_bytes(content)
    with pytest.raises(KetaclaimsError, match=r"PUBLISH_FAILED|WAREHOUSE_UNREADABLE"):
        run(installation, "r2")
    assert store.damaged_files(installation.settings.published_dir / "current") == []


@pytest.mark.parametrize("step", ["_write_manifest", "write_reports", "copy_marts"])
def test_disk_full_keeps_what_is_served(installation, monkeypatch, step):
    run(installation)

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(f"ketaclaims.publish.publish.{step}", full)
    with pytest.raises(KetaclaimsError, match=r"DISK_FULL.*still served"):
        run(installation, "r2")
    published = installation.settings.published_dir
    assert (published / "current").resolve().name.startswith("r1.")
    assert list(published.glob(".*.tmp")) == []


def test_publication_names_no_private_path(shared_installation, canary_publication):
    installation, folder = shared_installation, canary_publication
    private = str(Path(installation.settings.data_root)).encode()
    assert [p for p in folder.rglob("*") if p.is_file() and private in p.read_bytes()] == []
