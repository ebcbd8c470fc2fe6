"""The commit log: manifests numbered from 1 without gaps, each put once and never changed."""

import os
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from ketaclaims.errors import KetaclaimsError
from ketaclaims.landing.private_files import private_dir, sync_dir, write_private
from ketaclaims.raw.manifest import Manifest
from ketaclaims.settings import Settings


def manifest_path(settings: Settings, number: int) -> Path:
    """Where the manifest of a commit lies."""
    return settings.raw_dir / "commits" / f"{number:020d}.json"


def inflight_dir(settings: Settings, batch_id: str) -> Path:
    """Marker and work lists of a batch that is not committed yet."""
    return settings.raw_dir / "inflight" / batch_id


def data_dir(settings: Settings, batch_id: str) -> Path:
    """Rows written for a batch."""
    return settings.raw_dir / "data" / batch_id


def read_manifest(settings: Settings, number: int) -> Manifest | None:
    """The manifest of one commit, None if there is no such commit yet. Raises MANIFEST_CORRUPT."""
    path = manifest_path(settings, number)
    try:
        manifest = Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError:
        manifest = None
    if manifest is None or manifest.commit != number:
        raise KetaclaimsError(
            "MANIFEST_CORRUPT",
            "A commit of the raw store cannot be read, so what counts is not known.",
            where=f"raw/commits/{path.name}",
            next_step="Restore this file from a backup; nothing was changed.",
        )
    return manifest


def put_if_absent(settings: Settings, manifest: Manifest) -> bool:
    """Put a manifest under its number; this is the commit. False when the number is taken.

    The caller keeps ``raw/inflight/<commit_id>`` alive until afterwards: the draft lies there.
    """
    target = manifest_path(settings, manifest.commit)
    private_dir(target.parent)
    draft = inflight_dir(settings, manifest.commit_id) / "manifest.json"
    write_private(draft, manifest.model_dump_json(exclude_defaults=True).encode())
    try:
        os.link(draft, target)
    except FileExistsError:
        return False
    sync_dir(target.parent)
    return True


def utc_now() -> str:
    """Now, as manifests write it."""
    return datetime.now(UTC).isoformat(timespec="microseconds")
