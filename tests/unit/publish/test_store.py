import json
import os
import time

import pytest

from ketaclaims.errors import KetaclaimsError
from ketaclaims.publish import store


def put(published, run_id, published_at, *, current=True, content="x"):
    """One finished version, written the way publish() writes it."""
    with store.one_publisher(published):
        folder = store.start_version(published, run_id)
        (folder / "reports").mkdir()
        (folder / "reports" / "index.html").write_text(content)
        manifest = {"run_id": run_id, "published_at": published_at, "files": store.checksums(folder)}
        (folder / store.MANIFEST).write_text(json.dumps(manifest))
        version = store.finish_version(folder, published, run_id)
        store.point(published, run_id, version)
        if current:
            store.point(published, store.CURRENT, version)
    return version


def grow_old(*versions):
    for version in versions:
        os.utime(version, (0, 0))


def remove_old(published, keep):
    with store.one_publisher(published):
        return store.remove_old(published, keep)


@pytest.mark.parametrize(
    "run_id", ["", "..", ".hidden", "a/b", "current", "a\nb", "-rf", "a b", "x" * 201, "ä"]
)
def test_run_ids_that_are_no_folder_names_are_refused(run_id):
    with pytest.raises(KetaclaimsError, match="BAD_RUN_ID"):
        store.check_run_id(run_id)


@pytest.mark.parametrize("run_id", ["scheduled__2026-11-21T00:00:00+00:00", "manual__1", "x" * 200])
def test_airflow_run_ids_are_taken(run_id):
    store.check_run_id(run_id)


def test_the_switch_leads_to_the_new_version_and_the_old_one_stays(tmp_path):
    first = put(tmp_path, "a", "2026-01-01", content="first")
    put(tmp_path, "b", "2026-01-02", content="second")
    assert (tmp_path / "current" / "reports" / "index.html").read_text() == "second"
    assert (first / "reports" / "index.html").read_text() == "first"
    assert [(run["run_id"], run["is_current"]) for run in store.runs(tmp_path)] == [("b", True), ("a", False)]


def test_a_run_published_again_is_replaced_and_its_old_version_kept_for_readers(tmp_path):
    first = put(tmp_path, "a", "2026-01-01", content="first")
    put(tmp_path, "a", "2026-01-02", content="again")
    assert (tmp_path / "a" / "reports" / "index.html").read_text() == "again"
    assert len(store.runs(tmp_path)) == 1
    assert remove_old(tmp_path, keep=5) == []
    grow_old(first)
    assert remove_old(tmp_path, keep=5) == [first.name]
    assert (tmp_path / "a" / "reports" / "index.html").read_text() == "again"


def test_old_runs_go_but_never_the_served_one(tmp_path):
    served = put(tmp_path, "a", "2026-01-01")
    versions = [
        put(tmp_path, name, f"2026-01-0{day}", current=False) for day, name in enumerate("bcd", start=2)
    ]
    grow_old(served, *versions)
    assert remove_old(tmp_path, keep=2) == [versions[0].name]
    assert sorted(run["run_id"] for run in store.runs(tmp_path)) == ["a", "c", "d"]
    assert not (tmp_path / "b").is_symlink()


def test_grace_of_readers_begins_when_a_version_stops_being_served(tmp_path):
    old = put(tmp_path, "a", "2026-01-01")
    grow_old(old)
    put(tmp_path, "b", "2026-01-02")
    assert remove_old(tmp_path, keep=1) == []
    os.utime(old, (0, time.time() - store.READER_GRACE_SECONDS - 1))
    assert remove_old(tmp_path, keep=1) == [old.name]


def test_leftovers_of_dead_writers_are_removed_at_the_next_start(tmp_path):
    put(tmp_path, "a", "2026-01-01")
    (tmp_path / ".b.tmp").mkdir()
    (tmp_path / ".b.tmp" / "analytics.duckdb").write_text("half")
    (tmp_path / ".current.link.tmp").symlink_to(".versions/nowhere")
    with store.one_publisher(tmp_path):
        store.start_version(tmp_path, "c")
    assert sorted(path.name for path in tmp_path.glob(".*.tmp")) == [".c.tmp"]
    assert (tmp_path / "current" / "reports" / "index.html").read_text() == "x"


def test_two_publishers_at_once_are_refused(tmp_path):
    with store.one_publisher(tmp_path), pytest.raises(KetaclaimsError, match="PUBLISH_BUSY"):  # noqa: SIM117
        with store.one_publisher(tmp_path):
            pass


def test_links_are_not_published(tmp_path):
    with store.one_publisher(tmp_path):
        folder = store.start_version(tmp_path, "a")
        (folder / "passwords").symlink_to("/etc/passwd")
        with pytest.raises(KetaclaimsError, match="LINK_IN_PUBLICATION"):
            store.finish_version(folder, tmp_path, "a")


def test_changed_added_and_removed_files_are_told(tmp_path):
    version = put(tmp_path, "a", "2026-01-01")
    assert store.damaged_files(version) == []
    page = version / "reports" / "index.html"
    page.write_text("y")
    (version / "extra").write_text("")
    assert store.damaged_files(version) == ["extra", "reports/index.html"]
    page.unlink()
    assert store.damaged_files(version) == ["extra", "reports/index.html"]


def test_nothing_published_is_said_clearly(tmp_path):
    with pytest.raises(KetaclaimsError, match="NOTHING_PUBLISHED"):
        store.current_version(tmp_path)
    assert store.runs(tmp_path) == []
