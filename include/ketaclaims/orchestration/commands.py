"""``ketaclaims run`` and ``ketaclaims summary``."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ketaclaims.errors import KetaclaimsError
from ketaclaims.orchestration.rule_commands import simulate_rules
from ketaclaims.quality.commands import rules_app
from ketaclaims.settings import Settings

DEMO_ROOT = Path("data/demo")
DEMO_AS_OF = datetime(2026, 2, 15)  # a fortnight after the last simulated session


def register(app: typer.Typer) -> None:
    """Add the commands of the whole pipeline."""
    app.command()(run)
    app.command()(up)
    app.command()(summary)
    rules_app.command("simulate")(simulate_rules)


def run(
    landing: Annotated[
        Path | None,
        typer.Option(help="Folder of real files, read-only to us. Without it: a simulated practice."),
    ] = None,
    data_root: Annotated[
        Path | None, typer.Option(help="Where everything is written. Default: data, demo: data/demo.")
    ] = None,
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Business date. Default: today.")
    ] = None,
) -> None:
    """Run the whole pipeline once, through Airflow, and print a summary."""
    from ketaclaims.orchestration.runner import run_pipeline

    console = Console()
    try:
        settings = _real_settings(landing, data_root) if landing else _demo_settings(data_root or DEMO_ROOT)
        business_date = as_of or (None if landing else DEMO_AS_OF)
        try:
            run_pipeline(settings, business_date.date() if business_date else None)
        finally:
            print_summary(settings, console)
    except KetaclaimsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


def up(
    landing: Annotated[
        Path | None, typer.Option(help="Folder files are dropped into. Default: data/landing.")
    ] = None,
) -> None:
    """Start Airflow with scheduler and UI on http://127.0.0.1:8080; Ctrl-C ends it."""
    import os
    import sys

    from ketaclaims.orchestration.environment import airflow_environment, make_private_folders
    from ketaclaims.orchestration.runner import prepare_airflow

    settings = _real_settings(landing, None) if landing else Settings()
    make_private_folders(settings)
    settings.landing_dir.mkdir(parents=True, exist_ok=True)
    os.environ.update(airflow_environment(settings), AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION="False")
    # standalone starts its parts by the name of the command
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    prepare_airflow(settings)
    os.execvp("airflow", ["airflow", "standalone"])


def summary(
    data_root: Annotated[Path | None, typer.Option(help="Data root of the run. Default: data.")] = None,
) -> None:
    """Print the summary of the last run again."""
    print_summary(Settings(data_root=data_root) if data_root else Settings(), Console())


def print_summary(settings: Settings, console: Console) -> None:
    """Show what the run left: files, payments, claims, findings, where things lie, what to type next."""
    from ketaclaims.orchestration.summary import render

    console.print(render(settings))


def _real_settings(landing: Path, data_root: Path | None) -> Settings:
    if not landing.is_dir():
        raise KetaclaimsError(
            "NO_LANDING", "is not a folder.", where=str(landing), next_step="Name an existing folder."
        )
    return Settings(landing=landing, data_root=data_root or Settings().data_root)


def _demo_settings(data_root: Path) -> Settings:
    """A simulated practice in its own root; made beside its place and renamed, so it is whole or absent."""
    from ketaclaims.simulate.run import simulate

    practice, unfinished = data_root / "practice", data_root / ".practice.unfinished"
    if not practice.exists():
        if unfinished.exists():
            import shutil

            shutil.rmtree(unfinished)
        simulate(unfinished)
        unfinished.rename(practice)
    return Settings(data_root=data_root, landing=practice / "landing")
