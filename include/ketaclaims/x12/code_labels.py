"""Our own short labels of CARC, RARC and group codes, from the reference data of the warehouse."""

import csv
from functools import cache
from pathlib import Path

CODES_FILE = Path(__file__).resolve().parents[3] / "dbt_project" / "seeds" / "code_sets" / "carc_rarc.csv"


@cache
def _labels() -> dict[tuple[str, str], str]:
    """(type, code) → label; none where the reference data do not stand beside the package."""
    if not CODES_FILE.is_file():
        return {}
    with CODES_FILE.open(newline="", encoding="utf-8") as source:
        return {(row["type"], row["code"]): row["label"] for row in csv.DictReader(source)}


def carc_label(code: str | None) -> str:
    """The label of an adjustment reason; empty for a code the reference data do not hold."""
    return _labels().get(("CARC", code or ""), "")


def rarc_label(code: str | None) -> str:
    """The label of a remark code; empty for a code the reference data do not hold."""
    return _labels().get(("RARC", code or ""), "")
