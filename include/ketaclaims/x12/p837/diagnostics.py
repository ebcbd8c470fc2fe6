"""The catalogue of 837P diagnostics: ``diagnostics.yml`` of this folder."""

from ketaclaims.x12 import diagnostics

DIAGNOSTICS = diagnostics.load(__package__)

_HEAD = """# 837P diagnostics

Codes in `billed_issue`, in the report of a file and in `ketaclaims claims inspect`. Severity `error` refuses
the file; `warning` flags; `info` does neither. No claim is held back: an 837P is what the clinic sent,
whatever is wrong with it. Made from `include/ketaclaims/x12/p837/diagnostics.yml`.

"""


def as_markdown() -> str:
    """The reference page of all codes."""
    return _HEAD + diagnostics.as_table(DIAGNOSTICS)
