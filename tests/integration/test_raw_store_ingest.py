"""Exactly once: what lands is committed, a duplicate or quarantined, whatever is dropped or repeated."""

import os
import sqlite3
import stat
import zipfile
from pathlib import Path

import pytest
import raw_store_kit as kit
from raw_store_kit import charges, counted_rows, drop, ends, remit, run, settings_of

from ketaclaims.errors import KetaclaimsError
from ketaclaims.raw import ingest, planning, store
from ketaclaims.raw.ledger import ledger_path, open_ledger
from ketaclaims.raw.registry import Readers
from ketaclaims.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_of(tmp_path)


def cents(settings: Settings) -> list[int]:
    return sorted(row[-1] for row in counted_rows(settings))


def test_every_input_has_one_end(settings: Settings) -> None:
    drop(settings, "b/same.csv", charges(1, 2))
    drop(settings, "a/same.csv", charges(1, 2))
    drop(settings, "bad.csv", charges(5, "bad"))
    drop(settings, "sheet.csv.part", charges(9))
    drop(settings, "payment.835", remit("first", "second"))
    assert run(settings) == 1
    assert run(settings, "remits") == 2
    assert ends(settings) == [
        ("a/same.csv", "committed", None),
        ("b/same.csv", "duplicate", None),
        ("bad.csv", "quarantined", "BAD_AMOUNT"),
        ("payment.835", "committed", None),
    ]
    assert cents(settings) == [1, 2]  # rows of the refused file do not count
    assert [row[1:] for row in counted_rows(settings, "remittance")] == [(1, "loaded"), (2, "loaded")]


def test_nothing_new_commits_nothing(settings: Settings) -> None:
    drop(settings, "a.csv", charges(1))
    assert run(settings) == 1
    assert ingest.plan(settings, "ehr", kit.READERS) == []
    assert run(settings) is None
    assert not store.manifest_path(settings, 2).exists()


def test_known_bytes_under_other_names_and_times_are_recorded_once(settings: Settings) -> None:
    first = drop(settings, "monday.csv", charges(1, 2))
    run(settings)
    drop(settings, "tuesday.csv", charges(1, 2))
    os.utime(first, (1_000_000, 1_000_000))  # touched: looked at again, found to be the same bytes
    assert run(settings) == 2
    assert run(settings) is None
    assert ends(settings) == [
        ("monday.csv", "committed", None),
        ("monday.csv", "duplicate", None),
        ("tuesday.csv", "duplicate", None),
    ]
    assert cents(settings) == [1, 2]


def test_a_known_file_is_not_hashed_again(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(settings, "a.csv", charges(1))
    drop(settings, "p.835", remit("x"))
    run(settings)  # registers the 835 too, for the other feed

    def fail(*_: object) -> None:
        raise AssertionError("a known file was read again")

    monkeypatch.setattr(planning, "register", fail)
    assert run(settings, "remits") == 2
    slept: list[float] = []
    assert planning.plan(settings, "ehr", Readers(kit.READERS), slept.append) == []
    assert slept == []  # no pause when nothing is new


def test_members_of_an_archive_are_inputs_of_their_own(settings: Settings, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "z", "w") as archive:
        archive.writestr("one.csv", charges(1))
        archive.writestr("two.csv", charges(2))
        archive.writestr("copy of one.csv", charges(1))
        archive.writestr("../evil.csv", charges(7))
    content = (tmp_path / "z").read_bytes()
    drop(settings, "export.zip", content)
    drop(settings, "two plain.csv", charges(2))
    assert run(settings) == 1
    assert ends(settings) == [
        ("export.zip", "committed", None),
        ("export.zip", "committed", None),
        ("export.zip", "duplicate", None),
        ("export.zip", "quarantined", "PATH_TRAVERSAL"),
        ("two plain.csv", "duplicate", None),
    ]
    assert cents(settings) == [1, 2]
    drop(settings, "again.zip", content)
    assert run(settings, "remits") == 2  # known bytes are not unpacked, so no feed of its members is known
    assert [end for end in ends(settings) if end[0] == "again.zip"] == [("again.zip", "duplicate", None)]
    assert run(settings) is None


def test_a_reader_that_breaks_quarantines_its_input_only(settings: Settings) -> None:
    drop(settings, "a.csv", charges(1))
    drop(settings, "b.csv", b"row_id,cents\n1,boom-SECRET")
    run(settings)
    assert ends(settings) == [("a.csv", "committed", None), ("b.csv", "quarantined", "READER_FAILED")]
    assert "SECRET" not in store.manifest_path(settings, 1).read_text()


def test_kinds_without_reader_are_kept_and_read_once_there_is_one(settings: Settings) -> None:
    drop(settings, "patient.ndjson", b'{"resourceType": "Patient"}')
    run(settings)
    assert ends(settings) == [("patient.ndjson", "quarantined", "UNSUPPORTED_KIND")]
    assert run(settings) is None
    readers = {
        **kit.READERS,
        "fhir_ndjson": lambda source, context, sink: kit.read_charges(source, context, sink),
    }
    readers["fhir_ndjson"].__module__ = kit.__name__
    assert ingest.run(settings, "ehr", readers=readers) == 2
    assert ends(settings)[0] == ("patient.ndjson", "committed", None)


def test_allowing_test_files_reads_the_refused_one_again_from_the_archive(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    path = drop(settings, "t.835", remit("TEST"))
    drop(settings, "p.835", remit("x"))
    run(settings, "remits")
    path.unlink()
    assert run(settings, "remits") is None
    allowing = settings_of(tmp_path, accept_test_files=True)
    assert run(allowing, "remits") == 2
    assert run(allowing, "remits") is None
    assert ends(allowing) == [
        ("p.835", "committed", None),
        ("t.835", "committed", None),
        ("t.835", "quarantined", "TEST_INDICATOR"),
    ]
    assert len(counted_rows(allowing, "remittance")) == 2


def test_a_corrected_reader_retries_quarantine_but_not_what_is_committed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(settings, "a.csv", charges(1))
    drop(settings, "b.csv", charges(2, "bad"))
    run(settings)
    monkeypatch.setattr(kit, "READER_VERSION", "2")
    assert run(settings) == 2
    assert [end[0] for end in ends(settings)] == ["a.csv", "b.csv", "b.csv"]
    assert run(settings) is None


def test_raised_archive_limits_unpack_a_refused_archive_again(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    with zipfile.ZipFile(tmp_path / "z", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("long.csv", charges(*[7] * 400_000))
    drop(settings, "export.zip", (tmp_path / "z").read_bytes())
    tight = settings_of(tmp_path, max_unzipped_bytes=100_000)
    assert run(tight, "remits") == 1
    assert ends(tight) == [("export.zip", "quarantined", "ZIP_BOMB")]
    assert run(tight, "remits") is None
    assert run(settings, "remits") is None  # unpacked now; its member is of the other feed
    assert run(settings) == 2
    assert sum(cents(settings)) == 2_800_000


def test_work_is_cut_by_bytes_into_one_commit(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, read_batch_bytes=60)
    for number in range(7):
        drop(settings, f"{number}.csv", charges(number, 100 + number))  # 25 bytes each
    specs = ingest.plan(settings, "ehr", kit.READERS)
    assert len(specs) == 4
    assert all(len(spec) < 80 for spec in specs)
    fragments = [ingest.read(settings, spec, kit.READERS) for spec in specs]
    assert ingest.commit(settings, fragments) == 1
    assert cents(settings) == [*range(7), *range(100, 107)]
    files = list((settings.raw_dir / "data").rglob("*.parquet"))
    assert len(files) == 4  # one per process and table, not one per input


def test_reading_a_spec_again_doubles_nothing(settings: Settings) -> None:
    drop(settings, "a.csv", charges(1, 2))
    (spec,) = ingest.plan(settings, "ehr", kit.READERS)
    first = ingest.read(settings, spec, kit.READERS)
    assert ingest.read(settings, spec, kit.READERS) == first
    assert ingest.commit(settings, [first]) == 1
    assert ingest.commit(settings, [first]) == 1  # the same batch twice is one commit
    assert ingest.read(settings, spec, kit.READERS) == first  # a retry that comes too late
    assert cents(settings) == [1, 2]
    assert len(list((settings.raw_dir / "data").rglob("*.parquet"))) == 1


def test_a_batch_is_committed_whole_or_not(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, read_batch_bytes=20)
    drop(settings, "a.csv", charges(1))
    drop(settings, "b.csv", charges(2))
    specs = ingest.plan(settings, "ehr", kit.READERS)
    fragments = [ingest.read(settings, spec, kit.READERS) for spec in specs]
    with pytest.raises(KetaclaimsError, match=r"BATCH_INCOMPLETE.*1 of 2"):
        ingest.commit(settings, fragments[:1])
    assert not store.manifest_path(settings, 1).exists()
    assert ingest.commit(settings, fragments) == 1


def test_a_damaged_data_file_stops_the_commit(settings: Settings) -> None:
    drop(settings, "a.csv", charges(1, 2))
    (spec,) = ingest.plan(settings, "ehr", kit.READERS)
    fragment = ingest.read(settings, spec, kit.READERS)
    (file,) = (settings.raw_dir / "data").rglob("*.parquet")
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    with pytest.raises(KetaclaimsError, match="DATA_FILE_WRONG"):
        ingest.commit(settings, [fragment])
    file.unlink()
    with pytest.raises(KetaclaimsError, match="DATA_FILE_WRONG"):
        ingest.commit(settings, [fragment])
    assert ends(settings) == []
    assert run(settings) == 1  # a new run finds the file again
    assert cents(settings) == [1, 2]


def test_overlapping_runs_count_once(settings: Settings) -> None:
    drop(settings, "a.csv", charges(1))
    first = ingest.plan(settings, "ehr", kit.READERS)
    drop(settings, "b.csv", charges(2))
    second = ingest.plan(settings, "ehr", kit.READERS)
    both = [[ingest.read(settings, spec, kit.READERS) for spec in specs] for specs in (first, second)]
    assert ingest.commit(settings, both[1]) == 1
    assert ingest.commit(settings, both[0]) is None
    assert ends(settings) == [("a.csv", "committed", None), ("b.csv", "committed", None)]
    assert cents(settings) == [1, 2]
    assert list((settings.raw_dir / "inflight").iterdir()) == []


def test_bytes_another_batch_committed_meanwhile_become_a_duplicate(settings: Settings) -> None:
    path = drop(settings, "a.csv", charges(1))
    first = ingest.plan(settings, "ehr", kit.READERS)
    path.rename(settings.landing_dir / "b.csv")
    ledger_path(settings).unlink()  # the other machine's cache knew nothing of the first look
    second = ingest.plan(settings, "ehr", kit.READERS)
    both = [[ingest.read(settings, spec, kit.READERS) for spec in specs] for specs in (first, second)]
    assert [ingest.commit(settings, fragments) for fragments in both] == [1, 2]
    assert ends(settings) == [("a.csv", "committed", None), ("b.csv", "duplicate", None)]
    assert cents(settings) == [1]


def test_a_file_that_grows_while_it_is_looked_at_waits(settings: Settings) -> None:
    path = drop(settings, "growing.csv", charges(1))
    drop(settings, "still.csv", charges(5))

    def grow(_: float) -> None:
        path.write_bytes(charges(1, 2))

    specs = planning.plan(settings, "ehr", Readers(kit.READERS), grow)
    ingest.commit(settings, [ingest.read(settings, spec, kit.READERS) for spec in specs])
    assert cents(settings) == [5]
    run(settings)
    assert cents(settings) == [1, 2, 5]


def test_special_files_are_refused_unopened_and_once(settings: Settings, tmp_path: Path) -> None:
    drop(settings, "a.csv", charges(1))
    (tmp_path / "secret.835").write_bytes(remit("x"))
    os.mkfifo(settings.landing_dir / "pipe.835")
    (settings.landing_dir / "link.835").symlink_to(tmp_path / "secret.835")
    (settings.landing_dir / "folder").symlink_to(tmp_path)
    run(settings, "remits")
    assert ends(settings) == [
        ("folder", "quarantined", "SPECIAL_FILE"),
        ("link.835", "quarantined", "SPECIAL_FILE"),
        ("pipe.835", "quarantined", "SPECIAL_FILE"),
    ]
    assert run(settings, "remits") is None
    (settings.landing_dir / "pipe.835").unlink()
    drop(settings, "pipe.835", remit("y"))
    run(settings, "remits")
    assert ("pipe.835", "committed", None) in ends(settings)


HOSTILE = [
    "line\nbreak.csv",
    "-rf",
    "a'); DROP TABLE inputs;--.csv",
    '"quoted".csv',
    "‮rtl.csv",
    "%0a{{ 7*7 }}",
    "x" * 250,
]


def test_hostile_names_are_data(settings: Settings) -> None:
    for number, name in enumerate(HOSTILE):
        drop(settings, name, charges(number))
    Path(os.fsdecode(os.fsencode(settings.landing_dir) + b"/\xff.csv")).write_bytes(charges(99))
    run(settings)
    assert ends(settings) == sorted((name, "committed", None) for name in [*HOSTILE, "\\xff.csv"])
    assert cents(settings) == [*range(len(HOSTILE)), 99]
    assert run(settings) is None


def test_landing_stays_as_it_was(settings: Settings) -> None:
    path = drop(settings, "a.csv", charges(1))
    path.chmod(0o400)
    settings.landing_dir.chmod(0o500)
    before = (path.stat().st_mtime_ns, path.read_bytes(), sorted(settings.landing_dir.iterdir()))
    run(settings)
    assert (path.stat().st_mtime_ns, path.read_bytes(), sorted(settings.landing_dir.iterdir())) == before


def test_a_missing_landing_folder_is_named(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, landing=tmp_path / "nowhere")
    with pytest.raises(KetaclaimsError, match=r"LANDING_MISSING: .*nowhere"):
        run(settings)


def test_a_landing_folder_around_the_data_root_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KetaclaimsError, match="LANDING_HOLDS_DATA"):
        run(settings_of(tmp_path / "data", landing=tmp_path))


def test_a_store_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "raw").write_text("a file where the folder should be")
    with pytest.raises(KetaclaimsError, match=r"STORE_UNWRITABLE: .*raw: .*nothing was written"):
        run(settings_of(tmp_path))


def test_everything_written_is_private(settings: Settings) -> None:
    old = os.umask(0o000)
    try:
        drop(settings, "a.csv", charges(1))
        run(settings)
    finally:
        os.umask(old)
    modes = {
        path.relative_to(settings.data_root): stat.S_IMODE(path.stat().st_mode)
        for root in (settings.raw_dir, settings.archive_dir)
        for path in (root, *root.rglob("*"))
    }
    assert {mode for path, mode in modes.items() if (settings.data_root / path).is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if (settings.data_root / path).is_file()} == {0o600}
    assert list((settings.archive_dir / "tmp").iterdir()) == []


def dump(settings: Settings) -> list[tuple[object, ...]]:
    with open_ledger(settings) as ledger:
        tables = ("commits", "inputs", "data_files", "actions")
        return [
            tuple(row) for table in tables for row in ledger.rows(f"select * from {table} order by 1, 2, 3")
        ]


@pytest.mark.parametrize("fault", ["absent", "garbage", "truncated", "other schema", "behind"])
def test_a_lost_ledger_is_rebuilt_from_the_manifests(settings: Settings, fault: str) -> None:
    drop(settings, "a.csv", charges(1))
    run(settings)
    behind = sqlite3.connect(ledger_path(settings))
    behind.execute("pragma wal_checkpoint(truncate)")
    behind.close()
    old = ledger_path(settings).read_bytes()
    drop(settings, "b.csv", charges(2, "bad"))
    drop(settings, "c.csv", charges(1))
    run(settings)
    before = dump(settings)
    for suffix in ("-wal", "-shm"):
        Path(f"{ledger_path(settings)}{suffix}").unlink(missing_ok=True)
    if fault == "absent":
        ledger_path(settings).unlink()
    elif fault == "other schema":
        with sqlite3.connect(ledger_path(settings)) as connection:
            connection.execute("pragma user_version = 999")
    else:
        content = {"garbage": b"not a database" * 999, "truncated": old[:5000], "behind": old}[fault]
        ledger_path(settings).write_bytes(content)
    assert dump(settings) == before
    assert run(settings) is None


def test_a_ledger_of_another_store_is_not_believed(settings: Settings, tmp_path: Path) -> None:
    other = settings_of(tmp_path / "other")
    for each, amount in ((settings, 1), (other, 2)):
        drop(each, "a.csv", charges(amount))
        run(each)
    before = dump(settings)
    ledger_path(settings).write_bytes(ledger_path(other).read_bytes())
    assert dump(settings) == before


def test_a_damaged_manifest_is_refused_by_name(settings: Settings) -> None:
    drop(settings, "a.csv", charges(1))
    run(settings)
    ledger_path(settings).unlink()
    store.manifest_path(settings, 1).write_text("{")
    with pytest.raises(KetaclaimsError, match=r"MANIFEST_CORRUPT: raw/commits/0+1\.json"):
        run(settings)


def test_strays_are_swept_when_old(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    drop(settings, "a.csv", charges(1))
    (spec,) = ingest.plan(settings, "ehr", kit.READERS)
    fragment = ingest.read(settings, spec, kit.READERS)
    assert run(settings) == 1  # the first batch is left alone: it may still be alive
    assert len(list((settings.raw_dir / "inflight").iterdir())) == 1
    assert run(settings_of(tmp_path, stray_after_hours=0)) is None
    assert list((settings.raw_dir / "inflight").iterdir()) == []
    assert len(list((settings.raw_dir / "data").iterdir())) == 1
    with pytest.raises(KetaclaimsError, match="BATCH_GONE"):
        ingest.commit(settings, [fragment])
    with pytest.raises(KetaclaimsError, match="BATCH_GONE"):
        ingest.read(settings, spec, kit.READERS)
