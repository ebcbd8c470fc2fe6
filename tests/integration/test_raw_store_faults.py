"""Killed at any file operation or raced: a whole commit or none, and one end after a re-run."""

import random
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import raw_store_kit as kit
from raw_store_kit import charges, counted_rows, drop, ends, remit, run, settings_of

from ketaclaims.errors import KetaclaimsError
from ketaclaims.locks import held
from ketaclaims.raw import ingest, ledger, store
from ketaclaims.raw.manifest import Manifest
from ketaclaims.settings import Settings

OPERATIONS = 170  # more file operations than the ingest of what fill() drops does
SEED = 20261121


def fill(settings: Settings) -> None:
    drop(settings, "a.csv", charges(1, 2))
    drop(settings, "b.csv", charges(3, "bad"))
    drop(settings, "c.csv", charges(1, 2))
    drop(settings, "p.835", remit("x", "HOLD"))


def child(root: Path, *arguments: object) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, kit.__file__, str(root), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, timeout=60, check=False)


def state(settings: Settings) -> tuple[object, ...]:
    return ends(settings), counted_rows(settings), counted_rows(settings, "remittance")


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> tuple[object, ...]:
    settings = settings_of(tmp_path_factory.mktemp("calm"))
    fill(settings)
    run(settings)
    run(settings, "remits")
    return state(settings)


def check_kill(root: Path, number: int, expected: tuple[object, ...]) -> int:
    """Kill at operation ``number``, look, run again; returns the exit status of the killed run."""
    settings = settings_of(root)
    fill(settings)
    status = child(root, number).returncode
    assert status in (0, -9)
    assert counted_rows(settings) in ([], expected[1])  # whole or absent
    assert counted_rows(settings, "remittance") in ([], expected[2])
    run(settings)
    run(settings, "remits")
    assert state(settings) == expected
    assert list((settings.archive_dir / "tmp").iterdir()) == []
    run(settings_of(root, stray_after_hours=0))
    assert list((settings.raw_dir / "inflight").iterdir()) == []
    named = {path.parent for name in ("charge", "remittance") for path in files_of(settings, name)}
    assert set((settings.raw_dir / "data").glob("*/*")) == named  # nothing is left of the killed run
    return status


def files_of(settings: Settings, table: str) -> list[Path]:
    with ledger.open_ledger(settings) as opened:
        found = opened.rows("select relative_path from data_files where table_name = ?", (table,))
    return [settings.raw_dir / row[0] for row in found]


@pytest.mark.parametrize("number", random.Random(SEED).sample(range(10, 140), 5))
def test_a_killed_ingest_converges(tmp_path: Path, number: int, expected: tuple[object, ...]) -> None:
    check_kill(tmp_path, number, expected)


@pytest.mark.slow
def test_killed_at_every_operation(tmp_path: Path, expected: tuple[object, ...]) -> None:
    killed = [check_kill(tmp_path / str(number), number, expected) for number in range(1, OPERATIONS)]
    assert killed.count(-9) >= 50
    assert killed[-1] == 0  # the range covers the whole run


def test_two_processes_ingest_at_once(tmp_path: Path, expected: tuple[object, ...]) -> None:
    settings = settings_of(tmp_path)
    fill(settings)
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda _: child(tmp_path), range(2)))
    assert [result.returncode for result in results] == [0, 0], results
    assert state(settings) == expected


def test_one_number_is_given_once(tmp_path: Path) -> None:
    """Many committers for the same number: put-if-absent lets exactly one through."""
    settings = settings_of(tmp_path)
    barrier, wins = threading.Barrier(8), []

    def put(name: str) -> None:
        store.inflight_dir(settings, name).mkdir(parents=True)
        manifest = Manifest(commit=1, commit_id=name, kind="batch", committed_at=store.utc_now())
        barrier.wait()
        if store.put_if_absent(settings, manifest):
            wins.append(name)

    threads = [threading.Thread(target=put, args=(f"batch-{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = store.read_manifest(settings, 1)
    assert found is not None
    assert wins == [found.commit_id]


def test_a_number_taken_by_another_committer_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(tmp_path)
    drop(settings, "a.csv", charges(1))
    fragments = [
        ingest.read(settings, spec, kit.READERS) for spec in ingest.plan(settings, "ehr", kit.READERS)
    ]
    put, rival = store.put_if_absent, Manifest(commit=1, commit_id="rival", kind="batch", committed_at="x")

    def rival_first(chosen: Settings, manifest: Manifest) -> bool:
        if manifest.commit == 1:
            store.inflight_dir(chosen, "rival").mkdir()
            assert put(chosen, rival)
        return put(chosen, manifest)

    monkeypatch.setattr(store, "put_if_absent", rival_first)
    assert ingest.commit(settings, fragments) == 2
    assert [row[-1] for row in counted_rows(settings)] == [1]


def test_a_second_writer_is_told_who_holds_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(tmp_path)
    drop(settings, "a.csv", charges(1))
    fragments = [
        ingest.read(settings, spec, kit.READERS) for spec in ingest.plan(settings, "ehr", kit.READERS)
    ]
    monkeypatch.setattr(ledger, "LOCK_WAIT_SECONDS", 0.0)
    with (
        held(settings.raw_dir / ".commit.lock", "The raw store"),
        pytest.raises(KetaclaimsError, match=r"LOCKED: .*process \d+"),
    ):
        ingest.commit(settings, fragments)
    assert ingest.commit(settings, fragments) == 1


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(tmp_path)
    drop(settings, "a.csv", charges(1))
    (spec,) = ingest.plan(settings, "ehr", kit.READERS)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("ketaclaims.raw.sink.ParquetSink.close", full)
        with pytest.raises(OSError, match="No space"):
            ingest.read(settings, spec, kit.READERS)
    assert list((settings.raw_dir / "data").rglob("*.parquet")) == []
    assert ingest.commit(settings, [ingest.read(settings, spec, kit.READERS)]) == 1
