"""Settings of one installation: where data live and what is allowed.

Every value comes from the environment (``KETACLAIMS_*``) or ``.env``; nothing is read at import.
"""

from datetime import date
from functools import cached_property
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Paths and switches of one installation. Folders are derived from ``data_root``."""

    model_config = SettingsConfigDict(
        env_prefix="KETACLAIMS_", env_file=".env", env_file_encoding="utf-8", extra="ignore"
    )

    data_root: Path = Field(Path("data"), description="Private root of everything the pipeline writes.")
    landing: Path | None = Field(
        None, description="Folder files are dropped into; read-only to us. Default: data_root/landing."
    )
    as_of_date: date | None = Field(
        None, description="Business date of the run. Default: today (UTC) at the start of the run."
    )
    clinic_id: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9_.-]{1,64}$",
        description="Clinic of files that do not name it and do not lie below a folder clinic=<id>.",
    )
    accept_test_files: bool = Field(False, description="Load X12 files whose ISA15 is T (test).")
    known_partners: list[str] = Field(
        default_factory=list,
        description="Interchange ids (JSON list): X12 files whose ISA06 or ISA08 is not among them are"
        " quarantined. Empty: any.",
    )
    stability_seconds: float = Field(
        2.0, ge=0, description="A file must keep size and mtime for this long before it is read."
    )
    max_bad_row_share: float = Field(
        0.005, ge=0, le=1, description="A CSV with a larger share of bad rows is refused whole ..."
    )
    max_bad_rows_tolerated: int = Field(
        5, ge=0, description="... unless it has at most this many bad rows and at least one good one."
    )
    profiles_dir: Path | None = Field(
        None, description="Folder of your own export profiles (*.yml), read besides the shipped ones."
    )
    max_segment_bytes: int = Field(1_000_000, gt=0, description="Longest X12 segment accepted.")
    max_unzipped_bytes: int = Field(20_000_000_000, gt=0, description="Most bytes one archive may expand to.")
    max_compression_ratio: int = Field(
        100, gt=0, description="Most bytes out per byte in of an archive member."
    )
    max_archive_members: int = Field(10_000, gt=0, description="Most members of one archive.")
    read_batch_bytes: int = Field(
        64_000_000, gt=0, description="Inputs are grouped into mapped tasks of about this size."
    )
    stray_after_hours: float = Field(
        6.0, ge=0, description="Uncommitted data of a dead reader older than this are swept."
    )
    published_runs_kept: int = Field(5, gt=0, description="Older publications are removed after a switch.")
    pa_expiry_warning_days: int = Field(
        14, ge=0, description="Alert when an approved PA ends within this many days."
    )
    stale_feed_days: int = Field(
        7, ge=0, description="Alert when a feed delivered nothing new for this many days."
    )
    alert_urls: list[SecretStr] = Field(
        default_factory=list, description="Notification targets (apprise URLs), JSON list."
    )
    pseudonym_secret: SecretStr | None = Field(
        None, description="HMAC secret of published keys. Default: a file made once in data_root."
    )

    @cached_property
    def landing_dir(self) -> Path:
        """The landing folder, absolute."""
        return (self.landing or self.data_root / "landing").absolute()

    def path(self, *parts: str) -> Path:
        """Absolute path below ``data_root``."""
        return self.data_root.absolute().joinpath(*parts)

    @property
    def archive_dir(self) -> Path:
        """Content-addressed originals."""
        return self.path("archive")

    @property
    def raw_dir(self) -> Path:
        """The raw store."""
        return self.path("raw")

    @property
    def warehouse_file(self) -> Path:
        """The private DuckDB warehouse."""
        return self.path("warehouse", "warehouse.duckdb")

    @property
    def published_dir(self) -> Path:
        """One folder per publication and the ``current`` link."""
        return self.path("published")
