"""Publishing: write a whole new version beside the old ones, then switch one link."""

import errno
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from ketaclaims.errors import KetaclaimsError
from ketaclaims.publish import store
from ketaclaims.publish.database import DATABASE_NAME, STORAGE_VERSION, CopyResult, copy_marts
from ketaclaims.publish.privacy import Mart, read_marts
from ketaclaims.publish.pseudonyms import publication_secret
from ketaclaims.publish.reports import write_reports
from ketaclaims.settings import Settings

_RESERVED = {DATABASE_NAME, "parquet", "reports", "data_docs", "README.txt", store.MANIFEST}


def publish(
    settings: Settings,
    run_id: str,
    as_of_date: date,
    manifest_path: Path,
    data_docs: Path | None,
    extras: Mapping[str, Path] | None = None,
    switch: bool = True,
) -> Path:
    """Publish the marts of the warehouse as ``published/<run_id>/`` and serve them as ``published/current``.

    ``manifest_path`` is dbt's ``target/manifest.json``; ``data_docs`` a folder of GX pages; ``extras`` more
    files or folders by the name they get. ``switch=False`` keeps what is served (historical business dates).
    Publishing a run id again replaces that run. On any failure, at any moment, what was served stays served.
    Raises KetaclaimsError. Returns ``published/<run_id>``.
    """
    store.check_run_id(run_id)
    _check_extras(extras or {})
    marts = read_marts(manifest_path)
    published = settings.published_dir
    with _machine_faults(published), store.one_publisher(published):
        secret, fingerprint = publication_secret(settings)
        folder = store.start_version(published, run_id)
        try:
            published_at = datetime.now(UTC).replace(tzinfo=None)  # columns named _at hold UTC without a zone
            identity = {"run_id": run_id, "as_of_date": as_of_date, "published_at": published_at}
            copied = copy_marts(settings.warehouse_file, marts, secret, folder, identity)
            _add_files(folder, data_docs, extras or {})
            write_reports(folder)
            _write_readme(folder, marts, copied)
            _write_manifest(folder, identity, copied, fingerprint)
            version = store.finish_version(folder, published, run_id)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        store.point(published, run_id, version)
        if switch:
            store.point(published, store.CURRENT, version)
        store.remove_old(published, settings.published_runs_kept)
    return published / run_id


@contextmanager
def _machine_faults(published: Path) -> Iterator[None]:
    """Faults of the machine become one clear error; an engine's message can quote data, so it is left out."""
    served = "Nothing was published; what was served before is still served."
    try:
        yield
    except OSError as error:
        raise KetaclaimsError(
            "DISK_FULL" if error.errno == errno.ENOSPC else "PUBLISH_FAILED",
            f"{error.strerror or type(error).__name__}. {served}",
            where=str(published),
            next_step="Put this right (space, permissions) and publish again.",
        ) from None
    except duckdb.Error as error:
        full = "no space left" in str(error).lower()
        raise KetaclaimsError(
            "DISK_FULL" if full else "PUBLISH_FAILED",
            f"{'no space left on the device' if full else type(error).__name__}. {served}",
            where=str(published),
            next_step="Free some space and publish again."
            if full
            else "Run dbt build again, then publish again.",
        ) from None


def _check_extras(extras: Mapping[str, Path]) -> None:
    for name in extras:
        if name in _RESERVED or "/" in name or name.startswith("."):
            raise KetaclaimsError(
                "BAD_EXTRA", f"{name!r} cannot be the name of a further file of a publication"
            )


def _add_files(folder: Path, data_docs: Path | None, extras: Mapping[str, Path]) -> None:
    for name, source in {**({"data_docs": data_docs} if data_docs else {}), **extras}.items():
        if source.is_dir():
            shutil.copytree(
                source, folder / name, symlinks=True
            )  # links are refused when the version is sealed
        else:
            shutil.copyfile(source, folder / name, follow_symlinks=False)


def _write_manifest(
    folder: Path, identity: Mapping[str, object], copied: CopyResult, fingerprint: str
) -> None:
    content = {
        **{name: value.isoformat() if isinstance(value, date) else value for name, value in identity.items()},
        "newest_commit": copied.newest_commit,
        "tables": dict(copied.row_counts),
        "schema_hash": copied.schema_hash,
        "pseudonym_fingerprint": fingerprint,
        "duckdb_version": duckdb.__version__,
        "storage_version": STORAGE_VERSION,
        "files": store.checksums(folder),
    }
    (folder / store.MANIFEST).write_text(json.dumps(content, indent=1) + "\n")


def _write_readme(folder: Path, marts: tuple[Mart, ...], copied: CopyResult) -> None:
    tables = "\n".join(f"  {m.name} ({copied.row_counts[m.name]} rows)\n    {m.description}" for m in marts)
    (folder / "README.txt").write_text(_README.format(storage=STORAGE_VERSION, tables=tables))


_README = """\
Billing marts without identifiers: a limited data set. Patients and claims have surrogate keys.

Open the database read-only, by the resolved path, so that a long session stays with one version:

  duckdb -readonly "$(realpath analytics.duckdb)"

  import duckdb, pathlib
  con = duckdb.connect(str(pathlib.Path("analytics.duckdb").resolve()), read_only=True)

It needs DuckDB 1.0 or newer (storage {storage}). An older tool says that it cannot read the file: upgrade it,
or read the same tables from parquet/, one file per table.

  select * from publication;                                          which run and business date this is
  select table_name, comment from duckdb_tables();                    what the tables are
  select table_name, column_name, comment from duckdb_columns();      what the columns mean

reports/index.html is the overview for billers; data_docs/ shows the quality checks; publication.json lists
row counts and the sha256 of every file. A version stays at least one hour after a newer one is served.

Tables
{tables}
"""
