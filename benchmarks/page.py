"""``docs/benchmarks.md``: one section per benchmark, each written by the program that measures it."""

import re
from collections.abc import Sequence
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
HEAD = """# Benchmarks
Each section is written by the program it names. Ratios hold within one run; absolute figures depend on the
machine.
"""


def write_section(title: str, parts: Sequence[str]) -> None:
    """Put ``parts`` under the heading ``title`` in place of what stood there; other sections stay."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    sections = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", text, flags=re.M | re.S))
    sections[title] = "\n".join(part.rstrip("\n") for part in parts) + "\n"
    body = "\n".join(f"## {name}\n{content.rstrip()}\n" for name, content in sections.items())
    PAGE.write_text(f"{HEAD}\n{body}", encoding="utf-8")
