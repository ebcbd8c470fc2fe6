"""Members of archives: all good ones, no bad one, nothing outside the work folder."""

import gzip
import hashlib
import io
import stat
import struct
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketaclaims.landing.archives import Member, _escapes, members
from ketaclaims.settings import Settings

CSV = b"patient_id,units\nP1,84\n"


def settings_of(**changes: Any) -> Settings:
    return Settings(_env_file=None, **changes)


def read(tmp_path: Path, content: bytes, **limits: Any) -> list[Member]:
    path, work = tmp_path / "in" / "archive", tmp_path / "in" / "work"
    work.mkdir(parents=True)
    path.write_bytes(content)
    found = list(members(path, work, settings_of(**limits)))
    outside = [each for each in tmp_path.rglob("*") if each.is_file() and work not in each.parents]
    assert outside == [path]
    return found


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, content in entries:
            archive.writestr(entry, content)
    return buffer.getvalue()


def codes(found: list[Member]) -> list[tuple[str | None, str | None]]:
    return [(member.name, member.reject.code if member.reject else None) for member in found]


def special(name: str, form: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (form | 0o777) << 16
    return entry


def test_a_plain_file_is_its_own_member(tmp_path: Path) -> None:
    (member,) = read(tmp_path, CSV)
    assert member == Member(None, tmp_path / "in" / "archive")


def test_zip_members_come_with_hash_size_and_time(tmp_path: Path) -> None:
    entry = zipfile.ZipInfo("ehr/a.csv", (2026, 11, 21, 10, 30, 2))
    found = read(tmp_path, zipped((entry, CSV), ("folder/", b""), ("b.csv", CSV + b"P2,1\n")))
    assert codes(found) == [("ehr/a.csv", None), ("b.csv", None)]
    first = found[0]
    assert first.path.read_bytes() == CSV
    assert first.sha256 == hashlib.sha256(CSV).hexdigest()
    assert first.size_bytes == len(CSV)
    assert first.modified_at == datetime(2026, 11, 21, 10, 30, 2, tzinfo=UTC)
    assert stat.S_IMODE(first.path.stat().st_mode) == 0o600


def test_gzip_of_several_streams_is_one_member(tmp_path: Path) -> None:
    (member,) = read(tmp_path, gzip.compress(CSV, mtime=1_000_000) + gzip.compress(b"P2,1\n"))
    assert member.path.read_bytes() == CSV + b"P2,1\n"
    assert member.reject is None


@pytest.mark.parametrize("name", ["../../etc/x", "/etc/x", "a/../../b", "..\\x", "C:\\x", "\\x"])
def test_a_member_that_points_outside_is_refused_and_the_rest_read(tmp_path: Path, name: str) -> None:
    assert codes(read(tmp_path, zipped((name, CSV), ("ok.csv", CSV))))[1] == ("ok.csv", None)
    found = list(members(tmp_path / "in" / "archive", tmp_path, settings_of()))
    assert found[0].reject is not None
    assert found[0].reject.code == "PATH_TRAVERSAL"


@given(st.text(st.sampled_from("ab./\\:"), max_size=12))
def test_a_name_let_through_stays_below_any_folder(name: str) -> None:
    if not _escapes(name) and name:
        root = Path("/srv/folder")
        for form in (name, name.replace("\\", "/")):
            parts = [part for part in form.split("/") if part not in ("", ".")]
            assert ".." not in parts
            assert root in (root / form, *(root / form).parents)


@pytest.mark.parametrize("form", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_special_members_are_refused(tmp_path: Path, form: int) -> None:
    found = read(tmp_path, zipped((special("link", form), b"/etc/passwd"), ("ok.csv", CSV)))
    assert codes(found) == [("link", "ARCHIVE_LINK"), ("ok.csv", None)]
    assert not found[0].path.exists()


def test_an_archive_in_an_archive_is_refused_but_a_workbook_is_not(tmp_path: Path) -> None:
    workbook = zipped(("[Content_Types].xml", b""), ("xl/workbook.xml", b""))
    inner = zipped(("a.csv", CSV))
    found = read(tmp_path, zipped(("in.zip", inner), ("in.gz", gzip.compress(CSV)), ("book.xlsx", workbook)))
    assert codes(found) == [("in.zip", "NESTED_ARCHIVE"), ("in.gz", "NESTED_ARCHIVE"), ("book.xlsx", None)]


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    content = bytearray(zipped(("secret.csv", CSV)))
    content[6] |= 1  # general purpose flags of the local header ...
    content[content.index(b"PK\x01\x02") + 8] |= 1  # ... and of the directory
    assert codes(read(tmp_path, bytes(content))) == [("secret.csv", "ARCHIVE_ENCRYPTED")]


def test_a_damaged_member_is_refused_and_the_rest_read(tmp_path: Path) -> None:
    content = bytearray(zipped(("bad.csv", CSV * 99), ("ok.csv", CSV)))
    content[45] ^= 0xFF
    assert codes(read(tmp_path, bytes(content))) == [("bad.csv", "ARCHIVE_CORRUPT"), ("ok.csv", None)]


@pytest.mark.parametrize("cut", [5, 30, 60, -1])
def test_an_archive_cut_off_is_refused_whole(tmp_path: Path, cut: int) -> None:
    content = zipped(("a.csv", CSV), ("b.csv", CSV))
    assert codes(read(tmp_path, content[:cut])) == [(None, "ARCHIVE_CORRUPT")]


def test_a_gzip_cut_off_is_refused_whole(tmp_path: Path) -> None:
    assert codes(read(tmp_path, gzip.compress(CSV)[:-3])) == [(None, "ARCHIVE_CORRUPT")]


def test_an_archive_without_files_is_empty(tmp_path: Path) -> None:
    assert codes(read(tmp_path, zipped())) == [(None, "EMPTY")]


LINE = b"0123456789,"  # compresses about 300:1


@pytest.mark.parametrize("pack", [gzip.compress, lambda content: zipped(("a.csv", content))])
def test_the_ratio_limit(tmp_path: Path, pack: Any) -> None:
    assert (
        codes(read(tmp_path / "near", pack(LINE * 90_000)))[0][1] is None
    )  # below 1 MiB a ratio says nothing
    assert codes(read(tmp_path / "hit", pack(LINE * 300_000))) == [(None, "ZIP_BOMB")]
    assert codes(read(tmp_path / "raised", pack(LINE * 300_000), max_compression_ratio=1000))[0][1] is None


def test_the_limits_of_bytes_and_members(tmp_path: Path) -> None:
    three = zipped(*((f"{n}.csv", bytes([65 + n]) * 400) for n in range(3)))
    assert len(codes(read(tmp_path / "a", three, max_unzipped_bytes=1200))) == 3
    assert codes(read(tmp_path / "b", three, max_unzipped_bytes=1199))[-1] == (None, "ZIP_BOMB")
    assert len(codes(read(tmp_path / "c", three, max_archive_members=3))) == 3
    assert codes(read(tmp_path / "d", three, max_archive_members=2)) == [(None, "ZIP_BOMB")]


def test_a_directory_that_lies_about_its_count_is_counted(tmp_path: Path) -> None:
    content = bytearray(zipped(*((f"{n}", b"") for n in range(5))))
    end = content.rindex(b"PK\x05\x06")
    content[end + 8 : end + 12] = struct.pack("<2H", 1, 1)
    assert codes(read(tmp_path, bytes(content), max_archive_members=4)) == [(None, "ZIP_BOMB")]


def test_a_huge_directory_is_refused_before_it_is_loaded(tmp_path: Path) -> None:
    content = bytearray(zipped(("a.csv", CSV)))
    end = content.rindex(b"PK\x05\x06")
    content[end + 12 : end + 16] = struct.pack("<L", 6_000_000)
    assert codes(read(tmp_path, bytes(content))) == [(None, "ZIP_BOMB")]


def test_memory_stays_small_on_a_bomb(tmp_path: Path) -> None:
    """400 MB of zeros in 400 kB, allowed by raised limits, then refused by the default ones."""
    path = tmp_path / "bomb.gz"
    with gzip.open(path, "wb", compresslevel=9) as out:
        for _ in range(400):
            out.write(bytes(1 << 20))
    code = """
import re, sys
from pathlib import Path
from ketaclaims.landing.archives import members
from ketaclaims.settings import Settings
path, work = Path(sys.argv[1]), Path(sys.argv[2])
for ratio in (100_000, 100):
    (work / str(ratio)).mkdir()
    (member,) = members(path, work / str(ratio), Settings(_env_file=None, max_compression_ratio=ratio))
    print(member.size_bytes, member.reject.code if member.reject else None)
# the peak of this program alone: ru_maxrss would count the process it was forked from
print(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""
    run = subprocess.run(
        [sys.executable, "-c", code, path, tmp_path], capture_output=True, text=True, check=True, timeout=60
    )
    large, refused, peak_kib = run.stdout.splitlines()
    assert (large, refused) == (f"{400 << 20} None", "0 ZIP_BOMB")
    assert int(peak_kib) < 200_000
