"""``ketaclaims alerts``: the last digest, and a test of the configured targets."""

import typer


def register(app: typer.Typer) -> None:
    """Add ``alerts show`` and ``alerts test`` to the root command."""
    alerts = typer.Typer(help="What needs attention, and who is told.", no_args_is_help=True)
    alerts.command("show")(show)
    alerts.command("test")(test)
    app.add_typer(alerts, name="alerts")


def show() -> None:
    """Print the last digest of every audience that was told something."""
    from rich.console import Console

    from ketaclaims.alerts.send import latest_digests
    from ketaclaims.settings import Settings

    console = Console()
    digests = latest_digests(Settings())
    for digest in digests:
        console.print(digest.read_text(encoding="utf-8"), markup=False, highlight=False)
    if not digests:
        console.print("Nothing to tell yet.")


def test() -> None:
    """Send a harmless test message to every configured target (KETACLAIMS_ALERT_URLS)."""
    from rich.console import Console

    from ketaclaims.alerts.send import send_message
    from ketaclaims.errors import KetaclaimsError
    from ketaclaims.settings import Settings

    try:
        taken = send_message(Settings(), "ketaclaims: test", "This is a test. Nothing needs to be done.")
    except KetaclaimsError as error:
        Console(stderr=True).print(str(error), markup=False, highlight=False)
        raise typer.Exit(2) from None
    told = ", ".join(taken) if taken else "no target is configured (KETACLAIMS_ALERT_URLS)"
    Console().print(f"Test message: {told}.", markup=False, highlight=False)
