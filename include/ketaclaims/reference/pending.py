"""The reference tables that wait: given by a person, or planned by the ingest and not yet committed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from ketaclaims.errors import KetaclaimsError
from ketaclaims.landing.archives import members
from ketaclaims.landing.classify import classify
from ketaclaims.landing.register import archive_path
from ketaclaims.landing.release import release_of
from ketaclaims.raw import specs
from ketaclaims.raw.contract import ReadContext
from ketaclaims.reference.reader import KIND
from ketaclaims.settings import Settings

Inputs = list[tuple[Path, ReadContext]]


@contextmanager
def given(settings: Settings, paths: Sequence[Path]) -> Iterator[Inputs]:
    """The tables in these files and archives. Raises NO_REFERENCE_TABLE where a file holds none."""
    with TemporaryDirectory() as scratch:
        found: Inputs = []
        for number, path in enumerate(paths):
            folder = Path(scratch) / str(number)
            folder.mkdir()
            tables = list(_tables(settings, path, folder))
            if not tables:
                raise KetaclaimsError(
                    "NO_REFERENCE_TABLE",
                    "No content here is that of a reference table.",
                    where=str(path),
                    next_step="docs/reference_data.md lists what is read.",
                )
            found += tables
        yield found


def _tables(settings: Settings, path: Path, folder: Path) -> Iterator[tuple[Path, ReadContext]]:
    if not path.is_file():
        raise KetaclaimsError(
            "NO_FILE", "is not a file.", where=str(path), next_step="Name an existing file."
        )
    parts = members(path, folder, settings) if classify(path) in ("zip", "gzip") else ()
    written = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat()
    for member in parts:
        if member.sha256 and classify(member.path) == KIND:
            yield member.path, _context(member.sha256, path.name, member.name, written)
    if classify(path) == KIND:
        yield path, _context("", path.name, None, written)


def planned(settings: Settings, work_lists: Sequence[str]) -> Inputs:
    """The tables the work lists of a batch are about to read, from their archived copies."""
    found: Inputs = []
    for relative in work_lists:
        work = specs.load(settings, relative, specs.Spec)
        for each in work.inputs if work else ():
            record = each.record
            if each.step == "read" and record.kind == KIND:
                context = _context(
                    record.file_sha256, record.landing_path, record.member_name, record.exported_at
                )
                found.append((archive_path(settings, record.file_sha256), context))
    return found


def _context(sha256: str, path: str | None, member: str | None, exported_at: str | None) -> ReadContext:
    return ReadContext(sha256, "", exported_at=exported_at, release_date=release_of(path, member))
