"""The compacted ledger: a SQLite cache of the manifests, plus landing files found but not committed yet.

Only manifests are the truth. The ledger is brought up to date by asking for the next number, never by
listing a folder, and is rebuilt when it is absent, damaged or of another store.
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ketaclaims.errors import KetaclaimsError
from ketaclaims.landing.classify import Feed
from ketaclaims.landing.private_files import private_dir
from ketaclaims.landing.register import Registration
from ketaclaims.locks import held
from ketaclaims.raw import store
from ketaclaims.raw.ledger_schema import INPUT_COLUMNS, SCHEMA, SCHEMA_VERSION
from ketaclaims.raw.manifest import InputRecord, Manifest
from ketaclaims.settings import Settings

LOCK_WAIT_SECONDS = 60.0
_LANDING = "(landing_path, landing_size_bytes, landing_mtime_ns) = (?, ?, ?)"
Key = tuple[str, int, int]


class Ledger:
    """An open ledger. Use :func:`open_ledger`."""

    def __init__(self, connection: sqlite3.Connection, settings: Settings) -> None:
        self.connection, self._settings = connection, settings

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """All rows of a query."""
        return self.connection.execute(sql, parameters).fetchall()

    def has(self, sql: str, parameters: Sequence[Any] = ()) -> bool:
        """Whether a query finds anything."""
        return self.connection.execute(sql, parameters).fetchone() is not None

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; other writers wait."""
        self.connection.execute("begin immediate")
        try:
            yield
        except BaseException:
            self.connection.execute("rollback")
            raise
        self.connection.execute("commit")

    def applied(self) -> int:
        """Number of the newest commit this ledger knows; 0 for none."""
        return int(self.rows("select coalesce(max(commit_number), 0) from commits")[0][0])

    def catch_up(self) -> int:
        """Apply every manifest that is not applied yet; returns the newest commit number."""
        number = self.applied()
        while manifest := store.read_manifest(self._settings, number + 1):
            self._apply(manifest)
            number += 1
        return number

    def _apply(self, manifest: Manifest) -> None:
        with self.transaction():
            number = manifest.commit
            if self.has("select 1 from commits where commit_number = ?", (number,)):
                return  # another process was faster
            self.connection.execute(
                "insert into commits values (?, ?, ?, ?)",
                (number, manifest.commit_id, manifest.kind, manifest.committed_at),
            )
            marks = ", ".join("?" * (3 + len(INPUT_COLUMNS)))
            self.connection.executemany(
                f"insert into inputs values ({marks})",
                (_input_row(number, ordinal, record) for ordinal, record in enumerate(manifest.inputs)),
            )
            self.connection.executemany(
                "insert into data_files values (?, ?, ?, ?)",
                ((number, f.table_name, f.relative_path, f.row_count) for f in manifest.data_files),
            )
            self.connection.executemany(
                "insert into actions values (?, ?, ?, ?, ?, ?)",
                (
                    (number, a.file_sha256, a.st_index, a.action, a.reason, manifest.committed_at)
                    for a in manifest.actions
                ),
            )
            self.connection.executemany(
                f"delete from registered where {_LANDING}",
                {(r.landing_path, r.landing_size_bytes, r.landing_mtime_ns) for r in manifest.inputs},
            )

    def commit_number(self, commit_id: str) -> int | None:
        """Number of a commit by its id."""
        found = self.rows("select commit_number from commits where commit_id = ?", (commit_id,))
        return int(found[0][0]) if found else None

    def is_known_landing(self, key: Key) -> bool:
        """Whether this path with this size and mtime was dealt with, or is registered to be."""
        return self.has(f"select 1 from inputs where {_LANDING}", key) or self.is_registered(key)

    def is_registered(self, key: Key) -> bool:
        """Whether this landing file waits for its commit."""
        return self.has(f"select 1 from registered where {_LANDING}", key)

    def is_known_sha(self, sha256: str) -> bool:
        """Whether these bytes were an input, or an archive of inputs, of some commit."""
        return self.has("select 1 from inputs where file_sha256 = ?", (sha256,)) or self.has(
            "select 1 from inputs where container_sha256 = ?", (sha256,)
        )

    def register(self, registration: Registration) -> None:
        """Remember a found landing file until its commit."""
        self.connection.execute(
            "insert or replace into registered values (?, ?, ?, ?, ?)",
            (
                registration.landing_path,
                registration.landing_size_bytes,
                registration.landing_mtime_ns,
                registration.feed,
                registration.model_dump_json(),
            ),
        )

    def registered(self, feed: Feed) -> list[Registration]:
        """Landing files of a feed that wait for a commit, by path."""
        found = self.rows(
            "select registration from registered where feed = ? order by landing_path, landing_mtime_ns",
            (feed,),
        )
        return [Registration.model_validate_json(row[0]) for row in found]

    def active(self, sha256: str) -> InputRecord | None:
        """The version of an input that counts."""
        found = self.rows("select * from active_inputs where file_sha256 = ?", (sha256,))
        return input_record(found[0]) if found else None


def input_record(row: sqlite3.Row) -> InputRecord:
    """An input of the ledger as a record; issues and totals stay in its manifest."""
    return InputRecord(**{name: row[name] for name in INPUT_COLUMNS})


def _input_row(number: int, ordinal: int, record: InputRecord) -> tuple[Any, ...]:
    return (number, ordinal, sum(record.rows.values()), *(getattr(record, name) for name in INPUT_COLUMNS))


def ledger_path(settings: Settings) -> Path:
    """Where the cache lies."""
    return settings.raw_dir / "ledger.sqlite"


def commit_lock(settings: Settings) -> contextlib.AbstractContextManager[None]:
    """The committer's lock, held from the last look at the ledger to the put of the manifest."""
    private_dir(settings.raw_dir)
    return held(settings.raw_dir / ".commit.lock", "The raw store", wait_seconds=LOCK_WAIT_SECONDS)


@contextlib.contextmanager
def open_ledger(settings: Settings) -> Iterator[Ledger]:
    """Open the ledger, made or rebuilt if need be and brought up to date. Raises LEDGER_CORRUPT, LOCKED."""
    try:
        connection = _connect_or_rebuild(settings)
    except sqlite3.OperationalError as error:
        raise _unusable(error) from None
    try:
        ledger = Ledger(connection, settings)
        ledger.catch_up()
        yield ledger
    except (sqlite3.OperationalError, sqlite3.IntegrityError) as error:
        raise _unusable(error) from None
    except sqlite3.DatabaseError:
        _remove(settings)
        raise KetaclaimsError(
            "LEDGER_CORRUPT",
            "The cache of the commits was damaged and has been removed; no data are lost.",
            where="raw/ledger.sqlite",
            next_step="Run again: it is rebuilt from the manifests.",
        ) from None
    finally:
        connection.close()


def _unusable(error: sqlite3.Error) -> KetaclaimsError:
    return KetaclaimsError(
        "LOCKED" if error.sqlite_errorcode == sqlite3.SQLITE_BUSY else "LEDGER_UNUSABLE",
        f"The cache of the commits cannot be used ({error.sqlite_errorname}).",
        where="raw/ledger.sqlite",
        next_step="Check free space and permissions of the data root, then run again.",
    )


def _connect_or_rebuild(settings: Settings) -> sqlite3.Connection:
    if connection := _connect(settings):
        return connection
    lock_file = (
        private_dir(settings.raw_dir) / ".ledger.lock"
    )  # taken inside the commit lock, never around it
    with held(lock_file, "The ledger", wait_seconds=LOCK_WAIT_SECONDS):
        if connection := _connect(settings):  # somebody made it meanwhile
            return connection
        _remove(settings)
        connection = _open(settings)
        connection.executescript(f"begin;{SCHEMA}pragma user_version = {SCHEMA_VERSION};commit;")
        return connection


def _connect(settings: Settings) -> sqlite3.Connection | None:
    """A sound ledger of this very store, else None."""
    if not ledger_path(settings).exists():
        return None
    connection = _open(settings)
    try:
        if connection.execute("pragma user_version").fetchone()[0] == SCHEMA_VERSION and _agrees(
            connection, settings
        ):
            return connection
    except sqlite3.OperationalError:
        connection.close()
        raise
    except sqlite3.DatabaseError:
        pass
    connection.close()
    return None


def _agrees(connection: sqlite3.Connection, settings: Settings) -> bool:
    """Whether the newest applied commit is a commit of this store (it may have been restored or replaced)."""
    newest = connection.execute(
        "select commit_number, commit_id from commits order by 1 desc limit 1"
    ).fetchone()
    if newest is None:
        return True
    manifest = store.read_manifest(settings, newest[0])
    return manifest is not None and manifest.commit_id == newest[1]


def _open(settings: Settings) -> sqlite3.Connection:
    path = ledger_path(settings)
    private_dir(path.parent)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))  # SQLite's own files copy its mode
    connection = sqlite3.connect(path, timeout=LOCK_WAIT_SECONDS, isolation_level=None)
    connection.row_factory = sqlite3.Row
    try:
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = normal")  # a cache: a power cut may cost its last entries
    except sqlite3.OperationalError:
        connection.close()
        raise
    except sqlite3.DatabaseError:
        pass  # not a database: the caller finds out and rebuilds it
    return connection


def _remove(settings: Settings) -> None:
    path = ledger_path(settings)
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
