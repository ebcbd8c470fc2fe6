"""Facts of the audit models, for each rule one hit and one near miss, on one built warehouse."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from chart_rows import DAY, Row, administration, claim, coverage, encounter, line, prior_auth, site
from conftest import MakeWarehouse
from money_rows import Claim, Payment, RemitFile
from tiny_raw import File
from warehouse import Warehouse

AS_OF = "2026-06-01"


class Chart:
    """Rows of one clinic, a patient per case."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Row]] = {}

    def add(self, table: str, *rows: Row) -> None:
        self.rows.setdefault(table, []).extend(rows)

    def session(
        self, case: str, dose: str | None, *, payer: str = "aetna", lob: str = "commercial", **given: Any
    ) -> None:
        """A patient of this payer who was given this dose in encounter ``e-<case>``."""
        self.add("coverage", coverage(case, payer, lob))
        self.add("encounter", encounter(f"e-{case}", case))
        self.add("administration", administration(f"e-{case}", dose, **given))

    def bill(self, case: str, *lines: Row, **given: Any) -> None:
        """A claim ``case`` of that patient with these lines."""
        self.add("claim", claim(case, case, **given))
        for number, row in enumerate(lines, start=1):
            self.add("claim_line", {"encounter_id": f"e-{case}", **row, "claim_id": case, "line_no": number})


def billed(code: str, units: str = "1", **given: Any) -> Row:
    row = line(code=code, units=units, **given)
    return row if "encounter_id" in given else {key: row[key] for key in row if key != "encounter_id"}


def units_and_bands(chart: Chart) -> None:
    chart.session("right", "56")
    chart.bill("right", billed("J0013", "56"))
    chart.session("one unit", "56")
    chart.bill("one unit", billed("J0013", "1"))
    chart.session("no dose", None)
    chart.bill("no dose", billed("J0013", "56"))
    chart.session("taken back", "56", status="entered_in_error")
    chart.bill("taken back", billed("J0013", "56"))
    chart.session("patisiran", "56")
    chart.bill("patisiran", billed("J0222", "56"))
    chart.session("patisiran medicare", "84", payer="medicare_b", lob="medicare_b")
    chart.bill("patisiran medicare", billed("J0222", "84"))
    chart.bill("real patisiran", billed("J0222", "300"), dx1="E85.1")
    for dose, code in [("56", "G2083"), ("56.001", "G2083"), ("84", "G2083")]:
        chart.session(f"band {dose}", dose, payer="medicare_b", lob="medicare_b")
        chart.bill(f"band {dose}", billed(code))
    chart.session("twice", "56", payer="medicare_b", lob="medicare_b")
    chart.bill("twice", billed("G2082"), billed("G2082", "2"))


def visits_beside_procedures(chart: Chart) -> None:
    chart.session("em", "56", payer="medicare_b", lob="medicare_b")
    chart.bill("em", billed("G2082"), billed("99214", mod1="25"), billed("99214", rendering_npi="3333333333"))
    chart.session("exempt", "56", payer="generous", lob="ma")
    chart.bill("exempt", billed("G2082"), billed("99214", mod2="25"), billed("99213"))
    chart.bill("infusion", billed("96365"), billed("99214"), billed("99211"))
    chart.add(
        "payer_policy",
        {"payer_id": "Generous", "line_of_business": "ma", "parameter": "em25_exempts_gcode", "value": "Yes",
         "valid_from": date(2026, 1, 1)},
    )  # fmt: skip


def authorisations(chart: Chart) -> None:
    chart.session("covered", "56")
    chart.bill("covered", billed("J0013", "56"))
    chart.add("prior_auth", prior_auth("pa-covered", "covered", units_approved=Decimal(1)))
    chart.bill("covered again", billed("J0013", "56", dos_from=DAY + timedelta(days=7)), patient_id="covered")
    chart.rows["claim"][-1]["coverage_id"] = "cov-covered"
    chart.session("day late", "56")
    chart.bill("day late", billed("J0013", "56"))
    chart.add("prior_auth", prior_auth("pa-late", "day late", valid_to=DAY - timedelta(days=1)))
    chart.session("not needed", "56", payer="medicare_b", lob="medicare_b")
    chart.bill("not needed", billed("G2082"))
    chart.session("unknown payer", "56", payer="somebody", lob="commercial")
    chart.bill("unknown payer", billed("J0013", "56"))
    chart.add(
        "prior_auth",
        prior_auth("pa-future", "future", valid_from=date(2026, 7, 1), valid_to=date(2026, 12, 31)),
    )


def codes_and_diagnoses(chart: Chart) -> None:
    new_year = date(2026, 1, 1)
    chart.bill(
        "old code",
        billed("S0013", "56", dos_from=new_year),
        billed("S0013", "56", dos_from=new_year - timedelta(days=1)),
    )
    chart.bill(
        "new code",
        billed("J0013", "56", dos_from=new_year - timedelta(days=2)),
        billed("J0013", "56", dos_from=new_year),
    )
    chart.bill("strange", billed("X9999"), billed("99214", dos_from=None))
    chart.bill("bad dx", billed("99214"), dx1="F33.89", dx2="Z00.00")
    chart.bill("unknown dx", billed("99214"), dx1="F33.2", dx2="Z00.00")
    chart.bill("good dx", billed("99214"), dx1="f332", dx2="R45.851")
    chart.bill("replaced", billed("99214"), status="replaced")
    chart.bill("void", billed("99214"), frequency="8")


def observation(chart: Chart) -> None:
    device = datetime(DAY.year, DAY.month, DAY.day, 9, 10)
    chart.session("short", "56", discharged_at=device + timedelta(minutes=119, seconds=59))
    chart.session("no discharge", "56", discharged_at=None)
    chart.session("just", "56", discharged_at=device + timedelta(minutes=120))
    chart.bill("just", billed("J0013", "56"), billed("99214"))
    chart.add("coverage", coverage("talk"))
    chart.add("encounter", encounter("e-talk", "talk"))


@pytest.fixture(scope="module")
def built(make_warehouse: MakeWarehouse) -> Iterator[Warehouse]:
    """Built with every data test of these layers; clinic c2 delivers bills only."""
    chart = Chart()
    for part in (units_and_bands, visits_beside_procedures, authorisations, codes_and_diagnoses, observation):
        part(chart)
    chart.add("site", site())
    chart.add(
        "fee_schedule",
        {
            "clinic_id": "c1",
            "payer_id": "aetna",
            "code": "J0013",
            "eff_from": date(2026, 1, 1),
            "allowed": Decimal("14.10"),
        },
    )
    bills_only = {
        "claim": [claim("c2 claim", clinic_id="c2")],
        "claim_line": [line("c2 claim", clinic_id="c2")],
    }
    bills_only["coverage"] = [coverage(clinic_id="c2")]
    warehouse = make_warehouse("facts")
    warehouse.raw.commit(File("chart", chart.rows), File("bills only", bills_only))
    warehouse.run(
        "build",
        *("--select", "path:models/staging", "+path:models/audit", "--indirect-selection", "buildable"),
        *("--exclude", "resource_type:seed", "resource_type:unit_test"),
        as_of_date=AS_OF,
    )
    yield warehouse


def facts(
    built: Warehouse, subject_key: str, *names: str, model: str = "audit_service_line"
) -> dict[str, Any]:
    row = built.one(f"select * from audit.{model} where subject_key = ?", [subject_key])
    return {name: row[name] for name in names}


def test_units_follow_the_milligrams_given(built: Warehouse) -> None:
    asked = ("expected_units", "unit_difference", "unit_difference_amount")
    assert facts(built, "right/1", *asked) == dict(zip(asked, (56, 0, 0), strict=True))
    assert facts(built, "one unit/1", *asked) == dict(zip(asked, (56, -55, Decimal("775.50")), strict=True))
    for unknown in ("no dose/1", "taken back/1", "real patisiran/1"):
        assert facts(built, unknown, *asked) == dict.fromkeys(asked)


def test_an_administration_is_known_absent_only_where_the_feed_exists(built: Warehouse) -> None:
    asked = "has_esketamine_administration"
    assert [facts(built, key, asked)[asked] for key in ("no dose/1", "taken back/1", "c2 claim/1")] == [
        True,
        False,
        None,
    ]


def test_patisiran_names_the_code_of_payer_date_and_dose(built: Warehouse) -> None:
    asked = ("expected_units", "psychiatric_diagnosis_count", "suggested_code")
    assert facts(built, "patisiran/1", *asked) == dict(zip(asked, (56, 1, "J0013"), strict=True))
    assert facts(built, "patisiran medicare/1", *asked) == dict(zip(asked, (84, 1, "G2083"), strict=True))
    assert facts(built, "real patisiran/1", *asked) == dict(zip(asked, (None, 0, None), strict=True))


@pytest.mark.parametrize(
    ("case", "code"), [("band 56", "G2082"), ("band 56.001", "G2083"), ("band 84", "G2083")]
)
def test_the_dose_band_ends_at_its_upper_bound(built: Warehouse, case: str, code: str) -> None:
    assert facts(built, f"{case}/1", "dose_band_code") == {"dose_band_code": code}


def test_bundle_lines_of_a_day_are_counted(built: Warehouse) -> None:
    asked = ("billed_units", "bundle_line_count_on_date")
    assert facts(built, "twice/2", *asked) == {"billed_units": 2, "bundle_line_count_on_date": 2}
    assert facts(built, "band 84/1", *asked) == {"billed_units": 1, "bundle_line_count_on_date": 1}


def test_modifier_25_exempts_only_by_policy(built: Warehouse) -> None:
    counts = {
        key: facts(built, key, "conflicting_bundle_line_count")["conflicting_bundle_line_count"]
        for key in ("em/1", "em/2", "em/3", "exempt/2", "exempt/3")
    }
    assert counts == {"em/1": None, "em/2": 1, "em/3": 0, "exempt/2": 0, "exempt/3": 1}


def test_an_infusion_asks_for_25_but_not_of_99211(built: Warehouse) -> None:
    asked = ("is_em_needing_25", "has_modifier_25", "same_clinician_procedure_line_count")
    assert facts(built, "infusion/2", *asked) == dict(zip(asked, (True, False, 1), strict=True))
    assert facts(built, "infusion/3", *asked) == dict(zip(asked, (False, False, None), strict=True))


@pytest.mark.parametrize(
    ("key", "requirement", "decided", "covering", "left"),
    [
        ("covered/1", "required", 1, 1, 0),
        ("day late/1", "required", 1, 0, None),
        ("right/1", "required", 0, 0, None),
        ("not needed/1", "not_required", 0, 0, None),
        ("unknown payer/1", None, 0, 0, None),
        ("c2 claim/1", "required", None, None, None),
        ("em/2", None, None, None, None),
    ],
)
def test_prior_authorisation_of_a_line(
    built: Warehouse,
    key: str,
    requirement: str | None,
    decided: int | None,
    covering: int | None,
    left: int | None,
) -> None:
    asked = (
        "prior_auth_requirement",
        "decided_prior_auth_count",
        "covering_prior_auth_count",
        "pa_units_left",
    )
    assert facts(built, key, *asked) == dict(zip(asked, (requirement, decided, covering, left), strict=True))


@pytest.mark.parametrize(
    ("key", "days"),
    [
        ("old code/1", 1),
        ("old code/2", 0),
        ("new code/1", 2),
        ("new code/2", 0),
        ("strange/1", None),
        ("strange/2", None),
    ],
)
def test_days_outside_the_validity_of_a_code(built: Warehouse, key: str, days: int | None) -> None:
    assert facts(built, key, "days_outside_code_validity") == {"days_outside_code_validity": days}


@pytest.mark.parametrize(("case", "judged"), [("bad dx", 1), ("unknown dx", None), ("good dx", 0)])
def test_an_unknown_diagnosis_hides_no_invalid_one(built: Warehouse, case: str, judged: int | None) -> None:
    found = facts(built, case, "diagnosis_count", "judged_invalid_diagnosis_count", model="audit_claim")
    assert found == {"diagnosis_count": 2, "judged_invalid_diagnosis_count": judged}


def test_replaced_and_void_claims_are_not_audited(built: Warehouse) -> None:
    for model, column in (("audit_claim", "subject_key"), ("audit_service_line", "claim_status")):
        assert built.rows(f"select 1 from audit.{model} where {column} in ('replaced', 'void')") == []
    assert built.rows("select count(*) from intermediate.int_ehr__claims where not is_standing") == [(2,)]


@pytest.mark.parametrize(
    ("case", "minutes"), [("short", 119), ("just", 120), ("no discharge", None), ("talk", None)]
)
def test_monitoring_minutes_of_a_session(built: Warehouse, case: str, minutes: int | None) -> None:
    assert facts(built, f"e-{case}", "monitoring_minutes", model="audit_encounter") == {
        "monitoring_minutes": minutes
    }


def test_a_session_charges_its_drug_lines_only(built: Warehouse) -> None:
    asked = ("has_esketamine_administration", "administered_esketamine_mg", "charge_amount")
    assert facts(built, "e-just", *asked, model="audit_encounter") == dict(
        zip(asked, (True, 56, 1000), strict=True)
    )
    assert facts(built, "e-talk", *asked, model="audit_encounter") == dict(
        zip(asked, (False, None, None), strict=True)
    )


def test_a_prior_auth_runs_down_to_the_business_date(built: Warehouse) -> None:
    asked = ("used_units", "units_left", "used_pct", "days_left", "recheck_on")
    rows = {
        key: facts(built, key, *asked, model="audit_prior_auth")
        for key in ("pa-covered", "pa-late", "pa-future")
    }
    assert list(rows["pa-covered"].values()) == [2, -1, 200, 29, date(2026, 6, 2)]
    assert list(rows["pa-late"].values()) == [0, 10, 0, None, None]
    assert list(rows["pa-future"].values()) == [0, 10, 0, None, date(2026, 7, 1)]


def test_unit_tests_of_the_chart_models_pass(built: Warehouse) -> None:
    """dbt's own unit tests need the staging tables for their column types."""
    outcome = built.dbt("test", "--select", "int_ehr__*,test_type:unit")
    passed = [result.node.name for result in outcome.results if str(result.status) == "pass"]
    assert len(passed) >= 13


def test_every_column_is_described_in_its_yml_and_the_other_way_round(built: Warehouse) -> None:
    """Columns of yml and table are the same, for every staging, chart and audit model of this part."""
    import yaml
    from warehouse import PROJECT

    described: dict[str, set[str]] = {}
    for file in (PROJECT / "models").rglob("*.yml"):
        for model in yaml.safe_load(file.read_text()).get("models", []):
            described[model["name"]] = {column["name"] for column in model.get("columns", [])}
    # an audit model takes over the columns of its topics, which describe them
    taken = {"claim_line_key", "encounter_key", "patient_key", "facts_hash"}
    for subject in ("service_line", "claim", "encounter"):
        short = subject.removeprefix("service_")
        for name in [n for n in described if re.fullmatch(rf"int_ehr__{short}_\w+_facts", n)]:
            described[f"audit_{subject}"] |= described[name] - taken
    held: dict[str, set[str]] = {}
    for table, column in built.rows(
        "select table_name, column_name from information_schema.columns"
        " where table_schema in ('staging', 'intermediate', 'audit')"
        " and table_name not like 'int_remit%' and table_name not like 'int_quality%'"
        " and table_name <> 'audit_remittance'"
    ):
        held.setdefault(table, set()).add(column)
    assert {name: described.get(name) for name in held} == held


def test_a_denial_gives_its_units_back_to_later_lines(built: Warehouse) -> None:
    """No record of the chart changes: the remittance alone moves what the authorization has left."""
    left = (
        "select subject_key, pa_units_left, row_hash from audit.audit_service_line"
        " where subject_key like 'covered%'"
    )
    before = {key: (units, row_hash) for key, units, row_hash in built.rows(left)}
    assert [before[key][0] for key in ("covered/1", "covered again/1")] == [0, -1]
    denied = Claim("PCN-covered", "1000.00", "0.00", adjustments=[("CO", "50", "1000.00")])
    payment = Payment("T1", DAY + timedelta(days=20), [denied], payee_npi="1111111111")
    built.raw.commit(File("remit", RemitFile([payment]).build()))
    built.run("run", "--select", "+path:models/audit", "--exclude", "resource_type:seed", as_of_date=AS_OF)
    after = {key: (units, row_hash) for key, units, row_hash in built.rows(left)}
    assert [after[key][0] for key in ("covered/1", "covered again/1")] == [0, 0]
    assert before["covered/1"][1] != after["covered/1"][1]  # it is denied now, a fact of its own
    assert before["covered again/1"][1] != after["covered again/1"][1]
