"""A digest as text and as Markdown. Only what the digest holds: numbers, money, next step, runbook."""

from ketaclaims.alerts.model import Alert, Digest

NAMES = {"biller": "Billing", "data_team": "Data team", "compliance": "Compliance"}


def title(digest: Digest) -> str:
    """Subject line: audience, how many, the money at stake, the business date."""
    money = sum(alert.dollars_at_stake or 0 for alert in digest.alerts)
    at_stake = f", ${money:,.2f} at stake" if money else ""
    count = f"{len(digest.alerts)} new or worse"
    return f"ketaclaims {NAMES[digest.audience]}: {count}{at_stake} ({digest.as_of_date})"


def as_text(digest: Digest) -> str:
    """Plain text, dearest first."""
    lines = [title(digest), f"Run {digest.run_id}", ""]
    for number, alert in enumerate(digest.alerts, start=1):
        lines += [
            f"{number}. {alert.title}",
            f"   At stake: {_money(alert)}",
            f"   Next: {alert.next_step}",
            f"   Runbook: {_runbook(alert)}",
            "",
        ]
    return "\n".join(lines)


def as_markdown(digest: Digest) -> str:
    """Markdown, dearest first."""
    lines = [f"# {title(digest)}", "", f"Run `{digest.run_id}`", ""]
    for number, alert in enumerate(digest.alerts, start=1):
        lines += [
            f"{number}. **{alert.title}**",
            f"   - At stake: {_money(alert)}",
            f"   - Next: {alert.next_step}",
            f"   - Runbook: [{_runbook(alert)}]({_runbook(alert)})",
        ]
    return "\n".join([*lines, ""])


def _money(alert: Alert) -> str:
    return "not in dollars" if alert.dollars_at_stake is None else f"${alert.dollars_at_stake:,.2f}"


def _runbook(alert: Alert) -> str:
    return f"docs/runbooks/{alert.runbook}.md"
