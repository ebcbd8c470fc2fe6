"""Each code is documented once, and every code the reader uses is in the catalogue."""

import re
from pathlib import Path

import ketaclaims.x12
from ketaclaims.x12.diagnostics import DIAGNOSTICS, as_markdown

ROOT = Path(__file__).parents[3]
USED = re.compile(r"""(?:log\.add|log\.refuse|InputRefused|_refuse)\(\s*"([A-Z0-9_]+)\"""")


def test_the_page_is_the_catalogue():
    assert (ROOT / "docs" / "835_diagnostics.md").read_text(encoding="utf-8") == as_markdown()


def test_codes_used_and_codes_documented_are_the_same():
    folder = Path(ketaclaims.x12.__path__[0])
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py")))
    used = set(USED.findall(text))
    quoted = {code for code in DIAGNOSTICS if f'"{code}"' in text}
    assert used <= set(DIAGNOSTICS)
    assert quoted == set(DIAGNOSTICS)


def test_severity_follows_from_scope():
    severities = {"file": "error", "held": "error", "warned": "warning", "note": "info"}
    assert {code: entry.severity for code, entry in DIAGNOSTICS.items()} == {
        code: severities[entry.scope] for code, entry in DIAGNOSTICS.items()
    }
