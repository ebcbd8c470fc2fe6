"""Thin sending: digests to files and the console, always, and to the configured targets through apprise.

Every channel (the files, each target) has its own memory of what it was told, so a target that was down
gets what it missed and the others are not told twice. Errors name a target by kind and position, never by
its URL, which holds secrets.
"""

import hashlib
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import SecretStr
from rich.console import Console

from ketaclaims.alerts import render, sent_log
from ketaclaims.alerts.decide import decide, find_alerts
from ketaclaims.alerts.model import AlertState, Digest, Thresholds
from ketaclaims.errors import KetaclaimsError
from ketaclaims.landing.private_files import private_dir, write_private
from ketaclaims.settings import Settings

log = logging.getLogger(__name__)
FILES = "files"


@dataclass(frozen=True, slots=True)
class Target:
    """One configured notification target. ``label`` is safe to show; ``channel`` is its name in the log."""

    label: str
    channel: str
    url: SecretStr


def alerts_dir(settings: Settings) -> Path:
    """Private folder of the digests and of what was sent."""
    return settings.path("alerts")


def targets(urls: Sequence[SecretStr]) -> list[Target]:
    """The configured targets. The channel survives reordering; it cannot be turned back into the URL."""
    found = []
    for number, url in enumerate(urls, start=1):
        secret = url.get_secret_value()
        scheme = secret.split(":", 1)[0] if ":" in secret else "unknown"
        digest = hashlib.sha256(secret.encode()).hexdigest()[:8]
        found.append(Target(f"target {number} ({scheme})", f"{scheme}-{digest}", url))
    return found


def send(settings: Settings, state: AlertState, limits: Thresholds) -> list[Digest]:
    """Tell every channel what is news to it and record it; returns the digests written to files.

    Raises KetaclaimsError after all channels were tried, when a target did not take its message; what the
    others took stays recorded.
    """
    failed = []
    for target in targets(settings.alert_urls):
        with _telling(settings, state, limits, target.channel) as digests:
            taken = [_notify(target, render.title(d), render.as_text(d)) for d in digests]
            if not all(taken):
                failed.append(target.label)
            # what was not taken is not recorded, so it is told again next time
            digests[:] = [digest for digest, was_taken in zip(digests, taken, strict=True) if was_taken]
    with _telling(settings, state, limits, FILES) as digests:
        for digest in digests:
            _write(settings, state.now, digest)
            Console().print(render.as_text(digest), markup=False, highlight=False)
        written = list(digests)
    _raise_for(failed)
    return written


def send_message(settings: Settings, title: str, body: str) -> list[str]:
    """Send one message to every target, without memory. Returns the labels of those that took it."""
    known = targets(settings.alert_urls)
    taken = [target.label for target in known if _notify(target, title, body)]
    _raise_for([target.label for target in known if target.label not in taken])
    return taken


@contextmanager
def _telling(
    settings: Settings, state: AlertState, limits: Thresholds, channel: str
) -> Iterator[list[Digest]]:
    """The digests a channel has not been told; those left in the list at the end are recorded as told."""
    file = alerts_dir(settings) / "sent.jsonl"
    told = sent_log.read_memory(file, channel)
    digests = decide(state, told, limits)
    yield digests
    events: list[sent_log.Change] = [("sent", a.key, a.measure) for digest in digests for a in digest.alerts]
    events += sent_log.quiet_changes(find_alerts(state, limits), told)
    at = state.now.isoformat(timespec="seconds")
    sent_log.append(file, [sent_log.Entry(channel, e, key, m, state.run_id, at) for e, key, m in events])


def _write(settings: Settings, now: datetime, digest: Digest) -> None:
    folder = private_dir(alerts_dir(settings) / "digests")
    name = f"{now:%Y%m%dT%H%M%S%fZ}_{digest.audience}"
    write_private(folder / f"{name}.md", render.as_markdown(digest).encode())
    write_private(folder / f"{name}.txt", render.as_text(digest).encode())


def latest_digests(settings: Settings) -> list[Path]:
    """Text files of the newest decision that had something to tell, by audience."""
    files = sorted((alerts_dir(settings) / "digests").glob("*_*.txt"))
    newest = files[-1].name.split("_", 1)[0] if files else ""
    return [file for file in files if file.name.startswith(f"{newest}_")]


def _notify(target: Target, title: str, body: str) -> bool:
    """Send one message; False when the target did not take it."""
    import apprise

    service = apprise.Apprise()
    # its log lines and errors can hold the URL
    with _silenced(logging.getLogger("apprise")):
        try:
            return bool(
                service.add(target.url.get_secret_value())
                and service.notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT)
            )
        except Exception as error:  # noqa: BLE001 - third-party plugins; the text may hold the URL
            log.warning("%s raised %s", target.label, type(error).__name__)
            return False


@contextmanager
def _silenced(logger: logging.Logger) -> Iterator[None]:
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


def _raise_for(failed: Sequence[str]) -> None:
    if failed:
        raise KetaclaimsError(
            "ALERT_NOT_SENT",
            f"{', '.join(failed)} did not take the message.",
            where="alerts",
            next_step="Try KETACLAIMS_ALERT_URLS with: ketaclaims alerts test. The next run sends it again.",
        )
