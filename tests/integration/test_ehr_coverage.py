"""``ketaclaims ehr coverage``: what can be judged at which clinic, and what the rest lacks."""

import csv
import io
import json
from pathlib import Path

import pytest
from raw_store_kit import drop, settings_of
from typer.testing import CliRunner

from ketaclaims.cli import app
from ketaclaims.ehr.schema import canonical_tables
from ketaclaims.quality.coverage import RuleCoverage, coverage, filled_columns
from ketaclaims.raw import ingest
from ketaclaims.settings import Settings


def export(table: str, *rows: dict[str, str]) -> bytes:
    """A canonical CSV with every needed column."""
    names = [column.name for column in canonical_tables()[table].columns if not column.is_optional]
    out = io.StringIO()
    writer = csv.DictWriter(out, names, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def session(clinic: str, number: str, **given: str) -> dict[str, str]:
    row = {"clinic_id": clinic, "administration_id": number, "encounter_id": "e1", "drug": "esketamine"}
    return {**row, "dose_mg": "56", **given}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Clinic a never says when observation ended; clinic b does, for one session of two."""
    settings = settings_of(tmp_path)
    visits = [
        {"clinic_id": c, "encounter_id": "e1", "patient_id": "p1", "start_at": "2026-03-10T09:00:00"}
        for c in "ab"
    ]
    times = {"last_device_at": "2026-03-10T09:10:00", "discharged_at": "2026-03-10T11:20:00"}
    drop(settings, "encounters.csv", export("encounter", *visits))
    drop(
        settings,
        "sessions.csv",
        export("administration", session("a", "1"), session("b", "1", **times), session("b", "2")),
    )
    assert ingest.run(settings, "ehr") == 1
    return settings


def of(found: list[RuleCoverage], clinic: str, rule_id: str) -> RuleCoverage:
    (one,) = (each for each in found if (each.clinic_id, each.rule_id) == (clinic, rule_id))
    return one


def test_a_rule_is_evaluable_where_all_its_columns_are_filled(settings: Settings) -> None:
    found = coverage(settings)
    lacking = of(found, "a", "monitoring-two-hours")
    assert (lacking.state, lacking.lacking) == (
        "not_evaluable",
        ("administration.last_device_at", "administration.discharged_at"),
    )
    given = of(found, "b", "monitoring-two-hours")
    assert (given.state, given.lacking) == ("evaluable", ())
    assert (given.least_filled_column, given.least_filled_share) == ("administration.last_device_at", 0.5)


def test_a_table_never_delivered_is_named_as_a_whole(settings: Settings) -> None:
    assert of(coverage(settings), "b", "code-valid-on-dos").lacking == ("claim_line",)


def test_a_rejected_file_no_longer_counts(settings: Settings) -> None:
    from ketaclaims.raw.ledger import open_ledger
    from ketaclaims.raw.releases import reject_input

    with open_ledger(settings) as ledger:
        query = "select file_sha256 from inputs where landing_path like '%sessions.csv'"
        ((sha256,),) = ledger.rows(query)
    reject_input(settings, sha256, "test")
    assert {clinic: set(tables) for clinic, tables in filled_columns(settings).items()} == {
        "a": {"encounter"},
        "b": {"encounter"},
    }


def test_the_command(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KETACLAIMS_DATA_ROOT", str(settings.data_root))
    run = CliRunner().invoke
    rows = json.loads(run(app, ["ehr", "coverage", "--clinic", "a", "--format", "json"]).output)
    monitoring = next(row for row in rows if row["rule_id"] == "monitoring-two-hours")
    assert monitoring["lacking"] == "administration.last_device_at; administration.discharged_at"
    assert {row["clinic_id"] for row in rows} == {"a"}
    table = run(app, ["ehr", "coverage"]).output
    count = sum(each.state == "evaluable" for each in coverage(settings, "b"))
    assert f"b: {count} of {len(rows)} rules are evaluable" in table
    none = run(app, ["ehr", "coverage", "--clinic", "x"])
    assert (none.exit_code, "No EHR row" in none.stderr) == (2, True)
