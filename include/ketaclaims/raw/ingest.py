"""Ingest of one feed in three steps, as the DAGs run them: plan, read (any number at once), commit."""

from collections.abc import Callable, Mapping

from ketaclaims.landing.classify import Feed
from ketaclaims.raw import committing, planning, reading
from ketaclaims.raw.contract import Reader
from ketaclaims.raw.registry import Readers
from ketaclaims.settings import Settings


def plan(settings: Settings, feed: Feed, readers: Mapping[str, Reader] | None = None) -> list[str]:
    """Find and register new inputs; returns the work lists to read, [] when nothing is new."""
    return planning.plan(settings, feed, Readers(readers))


def read(settings: Settings, spec: str, readers: Mapping[str, Reader] | None = None) -> str:
    """Read the inputs of one work list into Parquet; returns the fragment for :func:`commit`."""
    return reading.read(settings, spec, Readers(readers))


def commit(settings: Settings, fragments: list[str]) -> int | None:
    """Commit the batch of these fragments; returns the commit number, None when nothing is left to commit."""
    return committing.commit(settings, fragments)


def run(
    settings: Settings,
    feed: Feed,
    progress: Callable[[str], None] | None = None,
    readers: Mapping[str, Reader] | None = None,
) -> int | None:
    """The three steps in this process. ``progress`` is told a line per input: sha256 prefix and end."""
    chosen = Readers(readers)
    specs = planning.plan(settings, feed, chosen)
    return committing.commit(settings, [reading.read(settings, spec, chosen, progress) for spec in specs])
