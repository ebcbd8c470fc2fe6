"""Whose an input is when its content does not say: from a folder named ``clinic=<id>``, else a setting."""

import re

_FOLDER = re.compile(r"(?:^|/)clinic=([A-Za-z0-9_.-]{1,64})(?=/)")


def clinic_of(landing_path: str | None, member_name: str | None, default: str | None) -> str | None:
    """The innermost ``clinic=<id>`` folder of an input, in its archive or in landing; else the default."""
    for path in (member_name, landing_path):
        if found := _FOLDER.findall(path or ""):
            return str(found[-1])
    return default
