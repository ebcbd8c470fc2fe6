"""Two looks, one pause, no link followed."""

import os
from pathlib import Path
from typing import Any

import pytest

from ketaclaims.errors import KetaclaimsError
from ketaclaims.landing.find import find_new
from ketaclaims.landing.private_files import sweep_work_dirs, work_dir, write_private
from ketaclaims.landing.register import register
from ketaclaims.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "drop").mkdir()
    return Settings(
        _env_file=None, data_root=tmp_path / "data", landing=tmp_path / "drop", stability_seconds=7
    )


def names(settings: Settings, known: Any = lambda key: False, sleep: Any = lambda seconds: None) -> list[str]:
    return [found.name for found in find_new(settings, known, sleep)]


def put(settings: Settings, name: str, content: bytes = b"x") -> Path:
    path = settings.landing_dir / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return path


def test_one_pause_for_all_unknown_files_and_none_without(settings: Settings) -> None:
    pauses: list[float] = []
    assert names(settings, sleep=pauses.append) == []
    for name in ("b", "a", "sub/c", "late.PART", "d.tmp"):
        put(settings, name)
    assert names(settings, sleep=pauses.append) == ["a", "b", "sub/c"]
    assert pauses == [7]
    assert names(settings, known=lambda key: True, sleep=pauses.append) == []
    assert pauses == [7]


def test_files_that_change_between_the_looks_wait(settings: Settings) -> None:
    grows, touched, gone, still = (put(settings, name) for name in ("grows", "touched", "gone", "still"))

    def meanwhile(_: float) -> None:
        grows.write_bytes(b"xx")
        os.utime(touched, (1, 1))
        gone.unlink()

    assert names(settings, sleep=meanwhile) == [still.name]


def test_a_file_that_changes_while_copied_is_not_registered(settings: Settings) -> None:
    path = put(settings, "a.csv", b"a,b\n1,2\n")
    (found,) = find_new(settings, lambda key: False, lambda seconds: None)
    path.write_bytes(b"a,b\n1,2\n3,4\n")
    assert register(found, settings, lambda sha: False) is None


def test_a_pipe_put_in_the_place_of_a_file_is_not_opened(settings: Settings) -> None:
    path = put(settings, "a.csv", b"a,b\n1,2\n")
    (found,) = find_new(settings, lambda key: False, lambda seconds: None)
    path.unlink()
    os.mkfifo(path)
    assert register(found, settings, lambda sha: False) is None  # would block for ever if opened for reading


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unlistable_folder_stops_the_run(settings: Settings) -> None:
    put(settings, "closed/a")
    (settings.landing_dir / "closed").chmod(0)
    with pytest.raises(KetaclaimsError, match="LANDING_UNREADABLE"):
        names(settings)


def test_a_name_longer_than_a_path_may_be_stops_nothing_else(settings: Settings) -> None:
    deep = "/".join(["d" * 200] * 15)
    (settings.landing_dir / deep).mkdir(parents=True)
    (settings.landing_dir / deep / "f").write_bytes(b"x")
    assert names(settings) == [f"{deep}/f"]


def test_scratch_folders_of_the_living_are_left_alone(tmp_path: Path) -> None:
    with work_dir(tmp_path / "tmp") as mine:
        dead = tmp_path / "tmp" / "dead"
        dead.mkdir()
        (dead / ".owner").touch()
        (dead / "patient data").write_text("x")
        assert sweep_work_dirs(tmp_path / "tmp") == 1
        assert not dead.exists()
        assert mine.exists()
    assert not mine.exists()


def test_a_failed_write_leaves_the_old_file_and_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "spec.json"
    write_private(target, b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_private(target, b"new")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]
