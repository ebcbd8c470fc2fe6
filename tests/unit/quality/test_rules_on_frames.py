"""Each of the first rules: a hit, a near miss, an input that is not known, a row it does not concern."""

import duckdb
import pytest
from audit_kit import (
    BUNDLE_LINE,
    CLAIM,
    DRUG_LINE,
    EM_LINE,
    ENCOUNTER,
    PATISIRAN_LINE,
    PLAIN_LINE,
    Row,
    create_tables,
    insert,
    twelve_rules,
)

from ketaclaims.quality.frames import read_frame, table_columns
from ketaclaims.quality.run import SuiteRunner
from ketaclaims.quality.suites import columns_of, expectations_of, load_suite

FAIL, PASS, UNKNOWN, OUT = "fail", "pass", "not_evaluable", "out of scope"
RULES = {rule.rule_id: rule for rule in twelve_rules()}
CODE_25 = {**EM_LINE, "line_of_business": "commercial", "same_clinician_procedure_line_count": 1}

BOTH = {**CLAIM, "is_in_ehr_and_837p": True, "billed_difference_count": 0}

CASES: list[tuple[str, str, Row, Row]] = [
    ("drug-units-match-dose", FAIL, DRUG_LINE, {"billed_units": 1}),
    ("drug-units-match-dose", FAIL, DRUG_LINE, {"billed_units": "56.001"}),
    ("drug-units-match-dose", PASS, DRUG_LINE, {"billed_units": "56.000"}),
    ("drug-units-match-dose", UNKNOWN, DRUG_LINE, {"expected_units": None}),
    ("drug-units-match-dose", UNKNOWN, DRUG_LINE, {"billed_units": None}),
    ("drug-units-match-dose", UNKNOWN, DRUG_LINE, {"is_per_mg_drug_code": None}),
    ("drug-units-match-dose", OUT, PLAIN_LINE, {}),
    ("drug-units-match-dose", FAIL, PATISIRAN_LINE, {"billed_units": 1}),
    ("drug-units-match-dose", PASS, PATISIRAN_LINE, {}),
    (
        "drug-units-match-dose",
        OUT,
        PATISIRAN_LINE,
        {"has_esketamine_administration": False, "expected_units": None},
    ),
    (
        "drug-units-match-dose",
        UNKNOWN,
        PATISIRAN_LINE,
        {"has_esketamine_administration": None, "expected_units": None},
    ),
    ("gcode-dose-band", FAIL, BUNDLE_LINE, {"dose_band_code": "G2083"}),
    ("gcode-dose-band", PASS, BUNDLE_LINE, {}),
    ("gcode-dose-band", UNKNOWN, BUNDLE_LINE, {"dose_band_code": None}),
    ("gcode-dose-band", UNKNOWN, BUNDLE_LINE, {"is_bundle_code": None}),
    ("gcode-dose-band", OUT, DRUG_LINE, {"dose_band_code": "G2083"}),
    ("gcode-one-unit", FAIL, BUNDLE_LINE, {"billed_units": 2}),
    ("gcode-one-unit", FAIL, BUNDLE_LINE, {"bundle_line_count_on_date": 2}),
    ("gcode-one-unit", FAIL, BUNDLE_LINE, {"billed_units": 0}),
    ("gcode-one-unit", PASS, BUNDLE_LINE, {"billed_units": "1.000"}),
    ("gcode-one-unit", UNKNOWN, BUNDLE_LINE, {"billed_units": None}),
    ("gcode-one-unit", UNKNOWN, BUNDLE_LINE, {"bundle_line_count_on_date": None}),
    ("gcode-one-unit", OUT, DRUG_LINE, {}),
    ("gcode-no-em-same-day", FAIL, EM_LINE, {"conflicting_bundle_line_count": 1}),
    ("gcode-no-em-same-day", PASS, EM_LINE, {}),
    ("gcode-no-em-same-day", UNKNOWN, EM_LINE, {"conflicting_bundle_line_count": None}),
    ("gcode-no-em-same-day", UNKNOWN, EM_LINE, {"line_of_business": None}),
    ("gcode-no-em-same-day", UNKNOWN, EM_LINE, {"is_bundle_excluded_service": None}),
    (
        "gcode-no-em-same-day",
        OUT,
        EM_LINE,
        {"line_of_business": "commercial", "conflicting_bundle_line_count": 1},
    ),
    ("gcode-no-em-same-day", OUT, PLAIN_LINE, {"line_of_business": "ma"}),
    ("em-same-day-needs-25", FAIL, CODE_25, {}),
    ("em-same-day-needs-25", PASS, CODE_25, {"has_modifier_25": True}),
    ("em-same-day-needs-25", UNKNOWN, CODE_25, {"same_clinician_procedure_line_count": None}),
    ("em-same-day-needs-25", UNKNOWN, CODE_25, {"has_modifier_25": None}),
    ("em-same-day-needs-25", OUT, CODE_25, {"same_clinician_procedure_line_count": 0}),
    ("em-same-day-needs-25", OUT, CODE_25, {"is_em_needing_25": False, "procedure_code": "99211"}),
    (
        "em-same-day-needs-25",
        OUT,
        CODE_25,
        {"same_clinician_procedure_line_count": None, "has_modifier_25": True},
    ),
    ("pa-present", FAIL, DRUG_LINE, {"decided_prior_auth_count": 0}),
    ("pa-present", PASS, DRUG_LINE, {}),
    ("pa-present", UNKNOWN, DRUG_LINE, {"decided_prior_auth_count": None}),
    ("pa-present", UNKNOWN, DRUG_LINE, {"prior_auth_requirement": None}),
    ("pa-present", OUT, DRUG_LINE, {"prior_auth_requirement": "not_required", "decided_prior_auth_count": 0}),
    ("pa-present", OUT, PLAIN_LINE, {"decided_prior_auth_count": 0}),
    ("pa-date-covered", FAIL, DRUG_LINE, {"covering_prior_auth_count": 0}),
    ("pa-date-covered", PASS, DRUG_LINE, {"covering_prior_auth_count": 2}),
    ("pa-date-covered", UNKNOWN, DRUG_LINE, {"covering_prior_auth_count": None}),
    ("pa-date-covered", UNKNOWN, DRUG_LINE, {"decided_prior_auth_count": None}),
    ("pa-date-covered", UNKNOWN, DRUG_LINE, {"prior_auth_requirement": None}),
    ("pa-date-covered", OUT, DRUG_LINE, {"decided_prior_auth_count": 0, "covering_prior_auth_count": 0}),
    ("pa-units-left", FAIL, DRUG_LINE, {"pa_units_left": -1}),
    ("pa-units-left", PASS, DRUG_LINE, {"pa_units_left": 0}),
    ("pa-units-left", UNKNOWN, DRUG_LINE, {"pa_units_left": None}),
    ("pa-units-left", UNKNOWN, DRUG_LINE, {"covering_prior_auth_count": None, "pa_units_left": None}),
    ("pa-units-left", OUT, DRUG_LINE, {"covering_prior_auth_count": 2, "pa_units_left": None}),
    ("pa-units-left", OUT, DRUG_LINE, {"pa_approved_units": None, "pa_units_left": None}),
    ("code-valid-on-dos", FAIL, PLAIN_LINE, {"days_outside_code_validity": 1}),
    ("code-valid-on-dos", PASS, PLAIN_LINE, {}),
    ("code-valid-on-dos", UNKNOWN, PLAIN_LINE, {"days_outside_code_validity": None}),
    ("patisiran-trap", FAIL, PATISIRAN_LINE, {"psychiatric_diagnosis_count": 1}),
    ("patisiran-trap", PASS, PATISIRAN_LINE, {}),
    ("patisiran-trap", UNKNOWN, PATISIRAN_LINE, {"psychiatric_diagnosis_count": None}),
    ("patisiran-trap", OUT, DRUG_LINE, {"psychiatric_diagnosis_count": 1}),
    ("dx-valid-on-dos", FAIL, CLAIM, {"judged_invalid_diagnosis_count": 1}),
    ("dx-valid-on-dos", PASS, CLAIM, {}),
    ("dx-valid-on-dos", UNKNOWN, CLAIM, {"judged_invalid_diagnosis_count": None}),
    ("dx-valid-on-dos", UNKNOWN, CLAIM, {"diagnosis_count": None}),
    ("dx-valid-on-dos", OUT, CLAIM, {"diagnosis_count": 0, "judged_invalid_diagnosis_count": None}),
    ("ehr-differs-from-837p", FAIL, BOTH, {"billed_difference_count": 1, "billed_differences": "diagnoses"}),
    ("ehr-differs-from-837p", PASS, BOTH, {}),
    ("ehr-differs-from-837p", UNKNOWN, BOTH, {"billed_difference_count": None}),
    ("ehr-differs-from-837p", UNKNOWN, BOTH, {"is_in_ehr_and_837p": None, "billed_difference_count": None}),
    ("ehr-differs-from-837p", OUT, CLAIM, {"billed_difference_count": None}),
    ("monitoring-two-hours", FAIL, ENCOUNTER, {"monitoring_minutes": 119}),
    ("monitoring-two-hours", PASS, ENCOUNTER, {"monitoring_minutes": 120}),
    ("monitoring-two-hours", UNKNOWN, ENCOUNTER, {"monitoring_minutes": None}),
    ("monitoring-two-hours", UNKNOWN, ENCOUNTER, {"has_esketamine_administration": None}),
    (
        "monitoring-two-hours",
        OUT,
        ENCOUNTER,
        {"has_esketamine_administration": False, "monitoring_minutes": 5},
    ),
]


@pytest.fixture(scope="module")
def runner() -> SuiteRunner:
    return SuiteRunner()


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def judge_rows(
    runner: SuiteRunner, connection: duckdb.DuckDBPyConnection, rule_id: str, rows: list[Row]
) -> tuple[int, list[str]]:
    """How many of the rows the rule applies to, and fail, not_evaluable or pass of each row."""
    rule = RULES[rule_id]
    create_tables(connection)
    insert(connection, rule.audit_model, [{**row, "subject_key": f"{n:04}"} for n, row in enumerate(rows)])
    expectations = expectations_of(load_suite(rule.suite), rule_id)
    table = f"audit.{rule.audit_model}"
    columns = table_columns(connection, table)
    frame = read_frame(
        connection, table, [columns[name] for name in columns_of(expectations)], order_by="subject_key"
    )
    outcomes = runner.run(rule.suite, expectations, frame)
    failing = {
        part: {n for o in outcomes if o.expectation["meta"]["part"] == part for n in o.failing_positions}
        for part in ("inputs", "judgement")
    }
    verdicts = [
        UNKNOWN if n in failing["inputs"] else FAIL if n in failing["judgement"] else PASS
        for n in range(len(rows))
    ]
    return outcomes[0].element_count or 0, verdicts


@pytest.mark.parametrize("rule_id", RULES)
def test_verdicts(runner: SuiteRunner, connection: duckdb.DuckDBPyConnection, rule_id: str) -> None:
    concerned = [(base | change, expected) for case, expected, base, change in CASES if case == rule_id]
    outside = [row for row, expected in concerned if expected == OUT]
    inside = [(row, expected) for row, expected in concerned if expected != OUT]
    applied, verdicts = judge_rows(runner, connection, rule_id, [row for row, _ in inside])
    assert verdicts == [expected for _, expected in inside]
    assert applied == len(inside)
    assert judge_rows(runner, connection, rule_id, outside) == (0, [PASS] * len(outside))


def test_every_rule_has_its_cases() -> None:
    everywhere = {"code-valid-on-dos"}  # concerns every line: nothing is out of scope
    for rule_id in RULES:
        needed = {FAIL, PASS, UNKNOWN} | ({OUT} if rule_id not in everywhere else set())
        assert {expected for case, expected, _, _ in CASES if case == rule_id} == needed


@pytest.mark.parametrize("rule_id", RULES)
def test_a_row_of_unknowns_is_never_a_pass(
    runner: SuiteRunner, connection: duckdb.DuckDBPyConnection, rule_id: str
) -> None:
    applied, verdicts = judge_rows(runner, connection, rule_id, [{"clinic_id": "north", "row_hash": "h"}])
    # a line that is not known to be of an authorised drug does not concern the PA rules
    if RULES[rule_id].subject == "claim_line" and rule_id.startswith("pa-"):
        assert applied == 0
    else:
        assert (applied, verdicts) == (1, [UNKNOWN])
