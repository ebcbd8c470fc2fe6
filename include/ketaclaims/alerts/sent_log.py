"""What every channel was told: append-only lines in ``alerts/sent.jsonl``.

A line is written after the sending it records, and is on disk before the next step. A crash between the two
sends once more: at least once, never silently not at all.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal

from ketaclaims.alerts.model import Alert, Measure, Memory
from ketaclaims.landing.private_files import private_dir

# sent: told; eased: better than last told, remembered so that a later rise is news; resolved: gone
Event = Literal["sent", "eased", "resolved"]
Change = tuple[Event, str, Measure]  # event, alert key, measure


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing a channel was told, or that changed quietly since."""

    channel: str
    event: Event
    key: str
    measure: Measure
    run_id: str
    recorded_at: str  # ISO, UTC


def read_memory(log: Path, channel: str) -> dict[str, Measure]:
    """What a channel was last told of every condition that has not ended."""
    memory: dict[str, Measure] = {}
    if not log.exists():
        return memory
    for line in log.read_text(encoding="utf-8").splitlines():
        entry = _parse(line)
        if entry is None or entry.channel != channel:
            continue
        if entry.event == "resolved":
            memory.pop(entry.key, None)
        else:
            memory[entry.key] = entry.measure
    return memory


def quiet_changes(alerts: Iterable[Alert], told: Memory) -> list[Change]:
    """Conditions that eased or ended since they were told: not sent, but remembered."""
    now = {alert.key: alert.measure for alert in alerts}
    changes: list[Change] = []
    for key, before in told.items():
        if key not in now:
            changes.append(("resolved", key, before))
        elif now[key] != before and not now[key].is_worse_than(before):
            changes.append(("eased", key, now[key]))
    return changes


def append(log: Path, entries: Iterable[Entry]) -> None:
    """Add entries durably. A line torn by an earlier crash is closed first, so it spoils no other."""
    text = "".join(_line(entry) for entry in entries)
    if not text:
        return
    private_dir(log.parent)
    descriptor = os.open(log, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "r+b") as out:
        size = out.seek(0, os.SEEK_END)
        if size:
            out.seek(size - 1)
            if out.read(1) != b"\n":
                text = "\n" + text
        out.write(text.encode())
        out.flush()
        os.fsync(out.fileno())


def _line(entry: Entry) -> str:
    measure = entry.measure
    record = {
        "recorded_at": entry.recorded_at,
        "channel": entry.channel,
        "event": entry.event,
        "key": entry.key,
        "run_id": entry.run_id,
        "count": measure.count,
        "amount": str(measure.amount),
        "newest": measure.newest,
    }
    return json.dumps(record) + "\n"


def _parse(line: str) -> Entry | None:
    """One line of the log; None for a line torn by a crash, whose alert is then simply told again."""
    try:
        record = json.loads(line)
        measure = Measure(int(record["count"]), Decimal(record["amount"]), record["newest"])
        return Entry(
            channel=record["channel"],
            event=record["event"],
            key=record["key"],
            measure=measure,
            run_id=record["run_id"],
            recorded_at=record["recorded_at"],
        )
    except (ValueError, KeyError):
        return None
