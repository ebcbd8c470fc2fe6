"""Readers see one whole publication at every moment: while others are written, after a kill at any step."""

import json
import multiprocessing
import os
import signal
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from ketaclaims.publish import publish as module
from ketaclaims.publish import store
from ketaclaims.settings import Settings

START = date(2026, 1, 1)
ROWS = 500
MODEL = """
{"nodes": {"model.p.fct_x": {"resource_type": "model", "schema": "marts", "name": "fct_x", "alias": "fct_x",
 "description": "One row per number.", "columns": {
  "version": {"description": "Version of the row.", "config": {"meta": {"privacy": "plain"}}},
  "owner": {"description": "Whose.", "config": {"meta": {"privacy": "pseudonymise"}}}}}}}
"""
REPORTLESS = "ketaclaims.publish.publish.write_reports"  # the pages are not what is tested here


def fill(settings, version):
    settings.warehouse_file.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(settings.warehouse_file)) as con:
        con.execute("create schema if not exists marts; create schema if not exists raw")
        con.execute("create or replace table raw.ledger_commit as select ? as commit_number", [version])
        con.execute(
            "create or replace table marts.fct_x as "
            "select ?::integer as version, i::varchar as owner from range(?) r(i)",
            [version, ROWS],
        )


@pytest.fixture
def settings(tmp_path, monkeypatch):
    (tmp_path / "manifest.json").write_text(MODEL)
    monkeypatch.setattr(REPORTLESS, lambda folder: None)
    return Settings(data_root=tmp_path, published_runs_kept=2, _env_file=None)


def publish_version(settings, version):
    fill(settings, version)
    module.publish(
        settings, f"run{version}", START + timedelta(days=version), settings.data_root / "manifest.json", None
    )


def read_until(published, stop, results):
    """Open what is served again and again; note every read that is not one whole version."""
    reads, seen, faults = 0, set(), []
    while not stop.is_set():
        try:
            folder = store.current_version(published)
            manifest = json.loads((folder / "publication.json").read_text())
            with duckdb.connect(str(folder / "analytics.duckdb"), read_only=True) as con:
                found = con.execute("select version, count(*) from fct_x group by all").fetchall()
                days = con.execute("select as_of_date, newest_commit from publication").fetchall()
                parquet = con.execute(f"select distinct version from '{folder}/parquet/*.parquet'").fetchall()
            version = manifest["newest_commit"]
            whole = (found, parquet, days) == (
                [(version, ROWS)],
                [(version,)],
                [(START + timedelta(days=version), version)],
            )
            if not whole:
                faults.append(f"mixed: {found} {parquet} {days} {version}")
            seen.add(version)
        except Exception as error:  # noqa: BLE001 - any failure of a reader is what the test is about
            faults.append(repr(error))
        reads += 1
    results.put((reads, seen, faults))


def test_readers_during_publishing_see_whole_versions_only(settings):
    publish_version(settings, 0)
    context = multiprocessing.get_context("spawn")
    stop, results = context.Event(), context.Queue()
    readers = [
        context.Process(target=read_until, args=(settings.published_dir, stop, results), daemon=True)
        for _ in range(2)
    ]
    for reader in readers:
        reader.start()
    for version in range(1, 16):
        publish_version(settings, version)
    stop.set()
    found = [results.get(timeout=60) for _ in readers]
    for reader in readers:
        reader.join(timeout=60)
    assert [fault for _, _, faults in found for fault in faults] == []
    assert all(reads > 5 for reads, _, _ in found)
    assert len(set().union(*(seen for _, seen, _ in found))) > 1


def publish_and_die(root, owner, name, moment, run_id):
    """Publish in a process that kills itself just before or after one step."""
    module.write_reports = lambda folder: None
    target = {"publish": module, "store": store, "path": Path}[owner]
    real = getattr(target, name)

    def killing(*args, **kwargs):
        if moment == "after":
            real(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(target, name, killing)
    settings = Settings(data_root=root, published_runs_kept=2, _env_file=None)
    module.publish(settings, run_id, START, root / "manifest.json", None)


STEPS = [
    ("publish", "copy_marts", "after"),
    ("publish", "_write_manifest", "after"),
    ("path", "rename", "before"),
    ("path", "rename", "after"),
    ("path", "symlink_to", "after"),
    ("path", "replace", "after"),
    ("store", "point", "after"),
    ("store", "remove_old", "before"),
]


@pytest.mark.parametrize("run_id", ["run0", "run1"], ids=["same-run-again", "next-run"])
@pytest.mark.parametrize("step", STEPS, ids="-".join)
def test_a_kill_at_any_step_leaves_a_whole_publication_served(settings, step, run_id):
    publish_version(settings, 0)
    fill(settings, 1)
    context = multiprocessing.get_context("forkserver")  # its children begin with the imports already made
    context.set_forkserver_preload(["ketaclaims.publish.publish"])
    killed = context.Process(target=publish_and_die, args=(settings.data_root, *step, run_id))
    killed.start()
    killed.join(timeout=60)
    assert killed.exitcode == -signal.SIGKILL

    assert_one_whole_version(settings.published_dir, {0, 1})
    publish_version(settings, 2)
    assert_one_whole_version(settings.published_dir, {2})
    assert list(settings.published_dir.glob(".*.tmp")) == []


def assert_one_whole_version(published: Path, expected: set[int]) -> None:
    folder = store.current_version(published)
    assert store.damaged_files(folder) == []
    version = json.loads((folder / "publication.json").read_text())["newest_commit"]
    with duckdb.connect(str(folder / "analytics.duckdb"), read_only=True) as con:
        assert con.execute("select version, count(*) from fct_x group by all").fetchall() == [(version, ROWS)]
    assert version in expected
