"""The one signal a text conversion gives: this value is not taken, for this reason."""

from collections.abc import Callable

Convert = Callable[[str], str | None]  # trimmed text to canonical text; None: stands for no value


class BadTextError(Exception):
    """A value that is not taken; ``reason`` is a code of ``chunk.VALUE_MESSAGES``. Never holds content."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
