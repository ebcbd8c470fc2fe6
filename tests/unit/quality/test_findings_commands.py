import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import typer
from audit_kit import ENCOUNTER, insert
from conftest import AS_OF, Practice
from typer.testing import CliRunner, Result

from ketaclaims.errors import KetaclaimsError
from ketaclaims.quality import commands
from ketaclaims.quality.findings import COLUMNS, Filter, as_csv, read_findings, waive
from ketaclaims.settings import Settings

HEADER = (
    "finding_id,rule_id,clinic_id,subject,subject_key,status,"
    "first_seen_at,resolved_at,dollars_at_stake,evidence"
)
RULE = "monitoring-two-hours"


@pytest.fixture
def app() -> typer.Typer:
    made = typer.Typer()
    commands.register(made)
    return made


def run(app: typer.Typer, settings: Settings, *arguments: str) -> Result:
    environment = {"KETACLAIMS_DATA_ROOT": str(settings.data_root), "COLUMNS": "200"}
    return CliRunner().invoke(app, arguments, env=environment)


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_before_the_first_run_there_is_a_header(app: typer.Typer, tmp_path: Path) -> None:
    result = run(app, Settings(data_root=tmp_path), "findings", "--format", "csv")
    assert (result.exit_code, result.stdout) == (0, HEADER + "\n")
    assert run(app, Settings(data_root=tmp_path), "findings", "--format", "json").stdout == "[]\n"
    assert run(app, Settings(data_root=tmp_path), "findings").stdout == "No findings.\n"


def test_csv_is_the_contract(app: typer.Typer, practice: Practice) -> None:
    practice.judge()
    result = run(app, practice.settings, "findings", "--format", "csv")
    assert result.stdout.splitlines()[0] == HEADER == ",".join(COLUMNS)
    short, unknown = rows_of(result.stdout)
    assert {name: short[name] for name in ("rule_id", "clinic_id", "subject", "subject_key", "status")} == {
        "rule_id": RULE,
        "clinic_id": "north",
        "subject": "encounter",
        "subject_key": "E3",
        "status": "fail",
    }
    assert (short["dollars_at_stake"], short["resolved_at"]) == ("1120.00", "")
    assert (
        short["evidence"]
        == "service_date=2026-03-02; esketamine_administration_count=1; monitoring_minutes=90"
    )
    assert datetime.fromisoformat(short["first_seen_at"]).tzinfo == UTC
    assert (unknown["subject_key"], unknown["status"]) == ("E2", "not_evaluable")


def test_resolved_findings_keep_what_they_were(app: typer.Typer, practice: Practice) -> None:
    practice.judge()
    practice.change("audit_encounter", "E3", monitoring_minutes=130)
    practice.judge()
    (gone,) = rows_of(
        run(app, practice.settings, "findings", "--format", "csv", "--status", "resolved").stdout
    )
    assert (gone["subject_key"], gone["status"], gone["dollars_at_stake"]) == ("E3", "fail", "0.00")
    assert datetime.fromisoformat(gone["resolved_at"]) >= datetime.fromisoformat(gone["first_seen_at"])
    everything = run(app, practice.settings, "findings", "--format", "csv", "--status", "all").stdout
    assert len(rows_of(everything)) == 2


def test_filters_and_formats(app: typer.Typer, practice: Practice) -> None:
    insert(
        practice.connection, "audit_encounter", [{**ENCOUNTER, "clinic_id": "south", "monitoring_minutes": 1}]
    )
    practice.judge()

    def keys(*arguments: str) -> list[str]:
        found = json.loads(run(app, practice.settings, "findings", "--format", "json", *arguments).stdout)
        assert all(list(row) == list(COLUMNS) for row in found)
        return [row["subject_key"] for row in found]

    assert keys() == ["E3", "E1", "E2"]
    assert keys("--clinic", "south") == ["E1"]
    assert keys("--status", "not_evaluable") == ["E2"]
    assert keys("--rule", "COD-008", "--status", "fail") == ["E3", "E1"]
    assert keys("--rule", "pa-present") == []
    table = run(app, practice.settings, "findings").stdout
    assert "1,120.00" in table and "3 findings, 2,240.00 USD at stake" in table


@pytest.mark.parametrize(
    "arguments", [("--rule", "no-such-rule"), ("--status", "broken"), ("--format", "xml")], ids=" ".join
)
def test_wrong_usage_exits_64(app: typer.Typer, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert run(app, Settings(data_root=tmp_path), "findings", *arguments).exit_code == 64


def test_csv_cannot_start_a_formula() -> None:
    nasty = {
        **dict.fromkeys(COLUMNS, "x"),
        "subject_key": "=1+1",
        "clinic_id": "@north",
        "evidence": "-cmd",
        "dollars_at_stake": Decimal("-5.00"),
        "resolved_at": None,
    }
    (row,) = rows_of(as_csv([nasty]))
    assert (row["subject_key"], row["clinic_id"], row["evidence"]) == ("'=1+1", "'@north", "'-cmd")
    assert (row["dollars_at_stake"], row["resolved_at"]) == ("-5.00", "")


def test_waived_finding_leaves_the_list_until_the_waiver_ends(app: typer.Typer, practice: Practice) -> None:
    practice.judge()
    (finding,) = read_findings(practice.settings, Filter("fail"), AS_OF)
    short_id = finding["finding_id"][:12]
    result = run(
        app,
        practice.settings,
        "findings",
        "waive",
        short_id,
        "--reason",
        "chart shows it",
        "--until",
        "2999-12-31",
    )
    assert result.exit_code == 0 and finding["finding_id"] in result.stdout
    assert practice.findings() == {(RULE, "E2"): ("not_evaluable", Decimal("0.00"))}
    assert practice.findings("waived") == {(RULE, "E3"): ("fail", Decimal("1120.00"))}
    after = read_findings(practice.settings, Filter("fail"), date(3000, 1, 1))
    assert [row["subject_key"] for row in after] == ["E3"]
    # the newest waiver counts, a shorter one too; and judging goes on as before
    waive(practice.settings, short_id, "only this month", date(2999, 1, 31), datetime.now(UTC))
    assert len(read_findings(practice.settings, Filter("fail"), date(2999, 2, 1))) == 1
    assert practice.judge().commit_number is None


@pytest.mark.parametrize(
    ("finding_id", "reason", "until", "cause"),
    [
        ("ffffffffffff", "r", date(2999, 1, 1), "no open finding"),
        ("", "r", date(2999, 1, 1), "no open finding"),
        (None, " ", date(2999, 1, 1), "needs a reason"),
        (None, "r", date(2001, 1, 1), "is past"),
    ],
)
def test_waiver_that_makes_no_sense_is_refused(
    practice: Practice, finding_id: str | None, reason: str, until: date, cause: str
) -> None:
    practice.judge()
    (finding,) = read_findings(practice.settings, Filter("fail"), AS_OF)
    if finding_id is None:
        finding_id = finding["finding_id"]
    with pytest.raises(KetaclaimsError, match=f"WAIVER_REFUSED.*{cause}"):
        waive(practice.settings, finding_id, reason, until, datetime.now(UTC))
    assert practice.findings("waived") == {}


def test_refused_waiver_exits_2(app: typer.Typer, tmp_path: Path) -> None:
    result = run(
        app,
        Settings(data_root=tmp_path),
        "findings",
        "waive",
        "abc",
        "--reason",
        "r",
        "--until",
        "2999-01-01",
    )
    assert result.exit_code == 2 and "WAIVER_REFUSED" in result.stderr


def test_rules_are_listed_and_shown(app: typer.Typer, tmp_path: Path) -> None:
    settings = Settings(data_root=tmp_path)
    listed = run(app, settings, "rules", "list").stdout
    assert "COD-001" in listed and "pa-units-left" in listed
    shown = run(app, settings, "rules", "show", "COD-008").stdout
    assert "monitoring_minutes >= 120" in shown and "has_esketamine_administration is unknown" in shown
    assert run(app, settings, "rules", "show", "nothing").exit_code == 64
