"""Sending: files, console, SMTP; what was told is remembered per channel; secrets stay secret."""

import json
import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from email import message_from_bytes
from email.policy import default as email_policy
from pathlib import Path

import pytest
import typer
from aiosmtpd.controller import Controller
from pydantic import SecretStr
from typer.testing import CliRunner

from ketaclaims.alerts import commands, send, sent_log
from ketaclaims.alerts.model import AlertState, Measure, RemittanceFault, RuleFindings, Thresholds
from ketaclaims.errors import KetaclaimsError

NOW = datetime(2026, 3, 31, 7, 0)
DOSE = RuleFindings(
    "gcode-dose-band", "Dose band", "Replace it.", "coding", 3, Decimal("1200.00"), "2026-03-30"
)
STATE = AlertState(date(2026, 3, 31), "r1", NOW, findings=(DOSE,))
LIMITS = Thresholds()
SECRET = "hunter2"


class Inbox:
    def __init__(self) -> None:
        self.messages: list[str] = []

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 - name given by aiosmtpd
        message = message_from_bytes(envelope.content, policy=email_policy)
        body = message.get_body(("plain", "html")).get_content()
        self.messages.append(f"{message['Subject']}\n{body}")
        return "250 OK"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def smtp(port: int) -> Iterator[Inbox]:
    inbox = Inbox()
    server = Controller(inbox, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield inbox
    finally:
        server.stop()


def mailto(port: int, who: str = "biller") -> SecretStr:
    return SecretStr(f"mailto://127.0.0.1:{port}?mode=insecure&from=k@example.org&to={who}@example.org")


def with_targets(settings, *urls):
    return settings.model_copy(update={"alert_urls": list(urls)})


def told(settings):
    lines = (settings.path("alerts") / "sent.jsonl").read_text().splitlines()
    return [(r["channel"].split("-")[0], r["event"], r["key"]) for r in map(json.loads, lines)]


def test_digest_goes_to_files_and_console_and_is_private(settings, capsys):
    [digest] = send.send(settings, STATE, LIMITS)
    assert digest.audience == "biller"
    text = capsys.readouterr().out
    for said in (
        "ketaclaims Billing: 1 new or worse, $1,200.00 at stake (2026-03-31)",
        "3 findings of gcode-dose-band: Dose band",
        "Next: Replace it.",
        "Runbook: docs/runbooks/coding-findings.md",
    ):
        assert said in text
    folder = settings.path("alerts")
    assert sorted(f.suffix for f in (folder / "digests").iterdir()) == [".md", ".txt"]
    modes = {oct(p.stat().st_mode & 0o777) for p in folder.rglob("*") if p.is_file()}
    assert modes == {"0o600"} and oct(folder.stat().st_mode & 0o777) == "0o700"


def test_mail_arrives_once_and_again_when_worse_or_after_it_was_resolved(settings):
    port = free_port()
    settings = with_targets(settings, mailto(port))
    states = [
        STATE,
        STATE,
        replace(STATE, findings=(replace(DOSE, finding_count=2),)),
        replace(STATE, findings=(replace(DOSE, finding_count=3),)),
        replace(STATE, findings=()),
        STATE,
    ]
    with smtp(port) as inbox:
        counts = []
        for state in states:
            send.send(settings, state, LIMITS)
            counts.append(len(inbox.messages))
    assert counts == [1, 1, 1, 2, 2, 3]
    assert "$1,200.00 at stake" in inbox.messages[0] and "gcode-dose-band" in inbox.messages[0]
    assert [e for c, e, _ in told(settings) if c == "mailto"] == ["sent", "eased", "sent", "resolved", "sent"]


def test_a_target_that_was_down_gets_it_later_and_the_others_only_once(settings):
    up, down = free_port(), free_port()
    settings = with_targets(settings, mailto(up), mailto(down, who=SECRET))
    with smtp(up) as inbox:
        with pytest.raises(KetaclaimsError) as caught:
            send.send(settings, STATE, LIMITS)
        assert "target 2 (mailto)" in str(caught.value) and SECRET not in str(caught.value)
        assert [(c, e) for c, e, _ in told(settings)] == [("mailto", "sent"), ("files", "sent")]
        with smtp(down) as late:
            assert send.send(settings, STATE, LIMITS) == []
    assert (len(inbox.messages), len(late.messages)) == (1, 1)
    assert SECRET not in (settings.path("alerts") / "sent.jsonl").read_text()


@pytest.mark.parametrize("url", [f"nosuchscheme://{SECRET}", SECRET, "mailto://"])
def test_unusable_targets_fail_without_their_url(settings, url, capfd, caplog):
    caplog.set_level("DEBUG")
    with pytest.raises(KetaclaimsError) as caught:
        send.send(with_targets(settings, SecretStr(url)), STATE, LIMITS)
    output = capfd.readouterr()
    assert SECRET not in str(caught.value) + output.out + output.err + caplog.text
    assert [c for c, _, _ in told(settings)] == ["files"]


def test_a_plugin_that_raises_is_a_failed_target(settings, monkeypatch, caplog):
    import apprise

    def explode(self, *args, **kwargs):
        raise RuntimeError(SECRET)

    monkeypatch.setattr(apprise.Apprise, "notify", explode)
    with pytest.raises(KetaclaimsError):
        send.send(with_targets(settings, mailto(1)), STATE, LIMITS)
    assert "target 1 (mailto) raised RuntimeError" in caplog.text and SECRET not in caplog.text


def test_crash_between_sending_and_recording_sends_once_more(settings, monkeypatch):
    port = free_port()
    settings = with_targets(settings, mailto(port))
    with smtp(port) as inbox:
        with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
            broken.setattr(sent_log, "append", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
            send.send(settings, STATE, LIMITS)
        send.send(settings, STATE, LIMITS)
        send.send(settings, STATE, LIMITS)
    assert len(inbox.messages) == 2


def test_a_torn_last_line_spoils_no_other(settings):
    log = settings.path("alerts") / "sent.jsonl"
    entry = sent_log.Entry("files", "sent", "a", Measure(1, Decimal("2.50"), "2026"), "r", "t")
    sent_log.append(log, [entry])
    with log.open("a") as out:
        out.write('{"channel": "files", "event": "se')
    sent_log.append(log, [replace(entry, key="b"), replace(entry, channel="other")])
    assert sent_log.read_memory(log, "files") == {k: Measure(1, Decimal("2.50"), "2026") for k in "ab"}


def test_commands_show_and_test(settings, monkeypatch):
    app = typer.Typer()
    commands.register(app)
    cli = CliRunner()
    assert "Nothing to tell yet." in cli.invoke(app, ["alerts", "show"]).stdout
    assert "no target is configured" in cli.invoke(app, ["alerts", "test"]).stdout
    held = RemittanceFault("CONFLICT", 1, Decimal("7.00"), "2026-03-31")
    send.send(settings, STATE, LIMITS)
    send.send(settings, replace(STATE, held_remittances=(held,), now=NOW + timedelta(days=1)), LIMITS)
    shown = cli.invoke(app, ["alerts", "show"]).stdout
    assert "1 remittance held: CONFLICT" in shown and "gcode-dose-band" not in shown
    port = free_port()
    monkeypatch.setenv("KETACLAIMS_ALERT_URLS", json.dumps([mailto(port, who=SECRET).get_secret_value()]))
    failed = cli.invoke(app, ["alerts", "test"])
    assert failed.exit_code == 2
    assert "ALERT_NOT_SENT" in failed.stderr and SECRET not in failed.output
    with smtp(port) as inbox:
        assert "target 1 (mailto)" in cli.invoke(app, ["alerts", "test"]).stdout
    assert len(inbox.messages) == 1 and "This is a test." in inbox.messages[0]
    assert os.environ["KETACLAIMS_DATA_ROOT"] == str(settings.data_root)


def test_every_runbook_an_alert_names_exists():
    root = Path(__file__).parents[3]
    source = (root / "include" / "ketaclaims" / "alerts" / "decide.py").read_text()
    slugs = set(re.findall(r'runbook="([a-z-]+)"', source))
    assert {"coding-findings", "contract-failed", "stale-feed"} <= slugs
    assert [s for s in sorted(slugs) if not (root / "docs" / "runbooks" / f"{s}.md").is_file()] == []
