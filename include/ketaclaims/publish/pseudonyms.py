"""Keys that say "the same patient" without saying which: HMAC-SHA256 with a secret of the installation.

The digest is cut to 128 bits (RFC 2104 section 5) and written as 32 hex digits, as long as the md5 keys it
replaces. The secret never stands in SQL text: the two HMAC pads are connection variables.
"""

import hashlib
import hmac
import os
import secrets
import stat
import tempfile
from pathlib import Path

import duckdb

from ketaclaims.errors import KetaclaimsError
from ketaclaims.settings import Settings

PSEUDONYM_HEX_DIGITS = 32
MIN_SECRET_BYTES = 16
_BLOCK_BYTES = 64  # of SHA-256, RFC 2104


def pseudonym(secret: bytes, value: str) -> str:
    """The published key of one value: what :func:`install_macro` computes in SQL."""
    return hmac.new(secret, value.encode(), hashlib.sha256).hexdigest()[:PSEUDONYM_HEX_DIGITS]


def install_macro(con: duckdb.DuckDBPyConnection, secret: bytes) -> None:
    """Make ``pseudonym(value)`` callable on this connection, stored in no file; null stays null."""
    key = hashlib.sha256(secret).digest() if len(secret) > _BLOCK_BYTES else secret
    key = key.ljust(_BLOCK_BYTES, b"\0")
    for name, mask in (("pseudonym_inner_pad", 0x36), ("pseudonym_outer_pad", 0x5C)):
        con.execute(f"set variable {name} = cast(? as blob)", [bytes(byte ^ mask for byte in key)])
    con.execute(
        f"""
        create or replace temp macro pseudonym(value) as left(
            sha256(
                getvariable('pseudonym_outer_pad')
                || unhex(sha256(getvariable('pseudonym_inner_pad') || encode(cast(value as varchar))))
            ),
            {PSEUDONYM_HEX_DIGITS}
        )
        """
    )


def fingerprint(secret: bytes) -> str:
    """Tells two secrets apart without giving either away."""
    return hmac.new(secret, b"ketaclaims pseudonym secret", hashlib.sha256).hexdigest()[:16]


def publication_secret(settings: Settings) -> tuple[bytes, str]:
    """The secret and its fingerprint, checked against the one earlier publications were made with.

    Raises when the secret is missing, weak, readable by others, or not the earlier one: keys of two secrets
    must never be compared without anyone noticing.
    """
    remembered_file = settings.published_dir / ".pseudonym_fingerprint"
    remembered = remembered_file.read_text().strip() if remembered_file.exists() else None
    secret = _secret(settings, may_create=remembered is None)
    found = fingerprint(secret)
    if remembered is None:
        put_if_absent(remembered_file, found)
        remembered = remembered_file.read_text().strip()
    if not hmac.compare_digest(found, remembered):
        raise KetaclaimsError(
            "PSEUDONYM_SECRET_CHANGED",
            "the secret of the published keys is not the one earlier publications were made with",
            where=str(remembered_file),
            next_step="Restore the earlier secret. To rotate on purpose, delete this fingerprint file and "
            "publish again: every published key changes, and keys analysts saved no longer match.",
        )
    return secret, found


def secret_file(settings: Settings) -> Path:
    """Where the secret lives when the settings give none."""
    return settings.path("pseudonym.secret")


def put_if_absent(path: Path, text: str) -> None:
    """Write a private file whole, or leave the one that is there: linking a finished file never replaces."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp makes 0600
    try:
        with os.fdopen(descriptor, "w") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        try:
            os.link(name, path)
        except FileExistsError:
            return
    finally:
        Path(name).unlink()


def _secret(settings: Settings, *, may_create: bool) -> bytes:
    path = secret_file(settings)
    if settings.pseudonym_secret is not None:
        secret, where = settings.pseudonym_secret.get_secret_value().encode(), "KETACLAIMS_PSEUDONYM_SECRET"
    else:
        if not path.exists():
            if not may_create:
                raise KetaclaimsError(
                    "PSEUDONYM_SECRET_MISSING",
                    "earlier publications were made with a secret that is gone",
                    where=str(path),
                    next_step="Restore the file from backup. To start again with new keys, delete "
                    f"{settings.published_dir / '.pseudonym_fingerprint'} and publish again.",
                )
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            put_if_absent(path, secrets.token_hex(32))
        _refuse_exposed(path)
        secret, where = path.read_text().strip().encode(), str(path)
    if len(secret) < MIN_SECRET_BYTES:
        raise KetaclaimsError(
            "PSEUDONYM_SECRET_WEAK",
            f"the secret has fewer than {MIN_SECRET_BYTES} bytes",
            where=where,
            next_step="Use at least 32 random characters.",
        )
    return secret


def _refuse_exposed(path: Path) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise KetaclaimsError(
            "PSEUDONYM_SECRET_EXPOSED",
            f"mode {mode:04o} lets others use the secret",
            where=str(path),
            next_step="chmod 600 it, and consider rotating it.",
        )
