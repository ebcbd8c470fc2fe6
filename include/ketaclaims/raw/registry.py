"""Which reader reads which kind, and what its outcome depends on besides the bytes."""

import hashlib
import json
import sys
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from ketaclaims.landing.classify import feed_of
from ketaclaims.raw.contract import Reader
from ketaclaims.settings import Settings

DEFAULT_READERS = {
    "x12_835": "ketaclaims.x12.remit_reader:read_835",
    "x12_837": "ketaclaims.x12.p837.reader:read_837",
    "ehr_csv": "ketaclaims.ehr.csv_reader:read_ehr_csv",
    "fhir_ndjson": "ketaclaims.ehr.fhir.reader:read_fhir",
    "xlsx": "ketaclaims.ehr.xlsx_reader:read_ehr_xlsx",
    "reference_table": "ketaclaims.reference.reader:read_reference",
}
PROFILED_KINDS = ("ehr_csv", "xlsx")
# these go to the 835 reader, the one home of the reasons EMPTY, NOT_X12, UNSUPPORTED_VERSION
JUDGED_AS = {"x12_other": "x12_835", "empty": "x12_835", "unknown": "x12_835"}
ARCHIVE_KINDS = ("zip", "gzip")
# settings under which the same bytes may end otherwise
READ_OPTIONS = {
    "remits": ("accept_test_files", "max_segment_bytes", "known_partners"),
    "ehr": ("max_bad_row_share", "max_bad_rows_tolerated", "clinic_id"),
    "reference": ("max_bad_row_share", "max_bad_rows_tolerated"),
    "x12_837": ("accept_test_files", "max_segment_bytes", "known_partners"),  # of the EHR's feed, read as X12
}
ARCHIVE_OPTIONS = ("max_unzipped_bytes", "max_compression_ratio", "max_archive_members")


class Readers:
    """The readers of a run. Without ``given`` the default ones, imported when first needed."""

    def __init__(self, given: Mapping[str, Reader] | None = None) -> None:
        self._given = given

    def of(self, kind: str) -> Reader | None:
        """The reader of a kind, None if it has none yet."""
        kind = JUDGED_AS.get(kind, kind)
        if self._given is not None:
            return self._given.get(kind)
        return _import(DEFAULT_READERS[kind]) if kind in DEFAULT_READERS else None

    def kinds(self) -> list[str]:
        """Kinds that have a reader."""
        own = list(self._given if self._given is not None else DEFAULT_READERS)
        return own + [kind for kind, judge in JUDGED_AS.items() if judge in own]

    def version_of(self, kind: str) -> str:
        """READER_VERSION of the module that holds the reader; empty without a reader."""
        reader = self.of(kind)
        return str(getattr(sys.modules[reader.__module__], "READER_VERSION", "")) if reader else ""

    def signature(self, kind: str, settings: Settings) -> str:
        """Hash of what a reading of this kind depends on: with another one a quarantined input is retried."""
        if kind in ARCHIVE_KINDS:
            return _hash({name: getattr(settings, name) for name in ARCHIVE_OPTIONS})
        names = READ_OPTIONS.get(kind) or READ_OPTIONS[feed_of(kind)]
        options: dict[str, Any] = {name: getattr(settings, name) for name in names}
        is_profiled = self._given is None and kind in PROFILED_KINDS
        profiles = _profile_versions(settings.profiles_dir) if is_profiled else ()
        return _hash({"reader_version": self.version_of(kind), "profiles": profiles, **options})


def _hash(parts: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


@cache
def _import(path: str) -> Reader:
    module, name = path.split(":")
    return cast(Reader, getattr(import_module(module), name))


def _profile_versions(own: Path | None) -> tuple[tuple[str, str], ...]:
    from ketaclaims.ehr.profile_build import all_profiles

    return tuple(sorted((profile.name, profile.version) for profile in all_profiles(own)))
