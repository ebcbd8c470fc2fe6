"""The catalogue of 835 diagnostics: ``diagnostics.yml``, the one home of severities and texts."""

from collections.abc import Mapping
from importlib.resources import files
from typing import NamedTuple

import yaml

from ketaclaims.raw.contract import Severity


class Diagnostic(NamedTuple):
    """``scope`` says what the issue does: file, held, warned or note (see the head of the file)."""

    severity: Severity
    scope: str
    meaning: str
    action: str


def load(package: str) -> dict[str, Diagnostic]:
    """The catalogue ``diagnostics.yml`` of a package, by code."""
    text = files(package).joinpath("diagnostics.yml").read_text(encoding="utf-8")
    return {code: Diagnostic(**entry) for code, entry in yaml.safe_load(text).items()}


DIAGNOSTICS = load(__package__)

_OUTCOMES = {
    "file": "the whole file is quarantined",
    "held": "the transaction is held",
    "warned": "loaded and flagged",
    "note": "loaded",
}
_HEAD = """# 835 diagnostics

Codes in `remit_issue`, in the report of a file and in `ketaclaims remit inspect`. Severity `error` holds
the transaction it stands in, or refuses the file where it stands outside one; `warning` flags; `info` does
neither. Made from `include/ketaclaims/x12/diagnostics.yml`.

"""
_TABLE_HEAD = """| code | severity | outcome | meaning | what to do |
|---|---|---|---|---|
"""


def as_markdown() -> str:
    """The reference page of all codes."""
    return _HEAD + as_table(DIAGNOSTICS)


def as_table(catalogue: Mapping[str, Diagnostic]) -> str:
    """The codes of a catalogue as a Markdown table."""
    rows = [
        f"| `{code}` | {entry.severity} | {_OUTCOMES[entry.scope]} | {entry.meaning} | {entry.action} |\n"
        for code, entry in catalogue.items()
    ]
    return _TABLE_HEAD + "".join(rows)
