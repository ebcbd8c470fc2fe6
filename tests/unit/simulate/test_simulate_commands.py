from pathlib import Path

import typer
from typer.testing import CliRunner

from ketaclaims.simulate.commands import register

app = typer.Typer()
register(app)


@app.callback()
def root() -> None:
    """Keeps ``simulate`` a sub-command."""


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["simulate", *arguments])
    return result.exit_code, result.output


def test_simulate_then_extra_day(tmp_path: Path) -> None:
    out = str(tmp_path / "demo")
    code, text = run(
        "--clinics",
        "1",
        "--months",
        "1",
        "--seed",
        "4",
        "--out",
        out,
        "--defects",
        "0.1",
        "--start",
        "2026-01-01",
    )
    assert code == 0 and "EHR export files" in text
    assert run("--extra-day", out, "--seed", "2")[0] == 0
    assert (tmp_path / "demo" / "truth" / "extra_1" / "findings.csv").is_file()


def test_wrong_usage_and_foreign_folders_have_their_own_exit_codes(tmp_path: Path) -> None:
    assert run()[0] == 64
    assert run("--out", "a", "--extra-day", "b")[0] == 64
    (tmp_path / "x").write_text("")
    code, text = run("--out", str(tmp_path))
    assert code == 2 and "FOLDER_NOT_OURS" in text
    code, text = run("--out", str(tmp_path / "new"), "--start", "2026-01-15")
    assert code == 2 and "BAD_START" in text and not (tmp_path / "new").exists()
