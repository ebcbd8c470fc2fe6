"""What the readers of every transaction set share: a transaction's envelope, and what an 835 or 837 needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from ketaclaims.x12.diagnostics import Diagnostic
from ketaclaims.x12.rows import Row


@dataclass(frozen=True, slots=True)
class Envelope:
    """What ISA, GS and ST say of a transaction."""

    interchange_index: int
    isa_control_number: str | None
    isa_sender_id: str | None
    isa_receiver_id: str | None
    usage_indicator: str | None
    gs_version: str | None
    st_control_number: str | None


class Form(NamedTuple):
    """What a reader takes: ST01, the guides GS08 may begin with, GS01, and where odd things are kept."""

    transaction_set: str
    guides: tuple[str, ...]
    functional_group: str
    issue_table: str
    other_table: str
    diagnostics: Mapping[str, Diagnostic]


class Buffers(Protocol):
    """Where rows wait."""

    tables: dict[str, list[Row]]

    def mute(self) -> None:
        """Drop what is held back and all that follows."""

    def end_block(self) -> None:
        """Hand rows on once enough of them are waiting."""

    def flush(self) -> None:
        """Hand on every waiting row."""


class OpenTransaction(Protocol):
    """A transaction between its ST and its SE."""

    envelope: Envelope

    def close_claim(self) -> None:
        """Finish the open claim."""

    def close(self, segment_count: int) -> None:
        """Finish the transaction at its SE."""
