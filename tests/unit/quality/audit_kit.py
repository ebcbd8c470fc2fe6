"""Small hand-made audit tables: typed like the dbt models, one clean row of each to vary."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import duckdb

from ketaclaims.quality.rules import Rule, load_catalogue
from ketaclaims.quality.suites import Definition, check_in_step

# The judge is tested on the first rules, whatever the catalogue grows to; every rule is tested on charts in
# tests/dbt/rule_cases.
TWELVE = {
    "drug-units-match-dose",
    "gcode-dose-band",
    "gcode-one-unit",
    "gcode-no-em-same-day",
    "em-same-day-needs-25",
    "pa-present",
    "pa-date-covered",
    "pa-units-left",
    "dx-valid-on-dos",
    "code-valid-on-dos",
    "monitoring-two-hours",
    "patisiran-trap",
}

UNITS, MONEY = "decimal(12, 3)", "decimal(12, 2)"
KEYS = {"clinic_id": "varchar", "subject_key": "varchar", "row_hash": "varchar", "recheck_on": "date"}
TYPES: dict[str, dict[str, str]] = {
    "audit_service_line": {
        **KEYS,
        "service_date": "date",
        "procedure_code": "varchar",
        "line_of_business": "varchar",
        "billed_units": UNITS,
        "charge_amount": MONEY,
        "is_per_mg_drug_code": "boolean",
        "is_bundle_code": "boolean",
        "is_patisiran_code": "boolean",
        "has_esketamine_administration": "boolean",
        "administered_esketamine_mg": UNITS,
        "expected_units": UNITS,
        "unit_difference": UNITS,
        "unit_difference_amount": MONEY,
        "dose_band_code": "varchar",
        "bundle_line_count_on_date": "integer",
        "is_bundle_excluded_service": "boolean",
        "conflicting_bundle_line_count": "integer",
        "has_modifier_25": "boolean",
        "is_em_needing_25": "boolean",
        "same_clinician_procedure_line_count": "integer",
        "authorised_drug": "varchar",
        "prior_auth_requirement": "varchar",
        "decided_prior_auth_count": "integer",
        "covering_prior_auth_count": "integer",
        "pa_approved_units": UNITS,
        "pa_unit_basis": "varchar",
        "pa_units_left": UNITS,
        "days_outside_code_validity": "integer",
        "psychiatric_diagnosis_count": "integer",
        "suggested_code": "varchar",
    },
    "audit_claim": {
        **KEYS,
        "first_service_date": "date",
        "charge_amount": MONEY,
        "diagnosis_count": "integer",
        "invalid_diagnosis_count": "integer",
        "unknown_diagnosis_count": "integer",
        "judged_invalid_diagnosis_count": "integer",
        "is_in_ehr_and_837p": "boolean",
        "billed_difference_count": "integer",
        "billed_differences": "varchar",
    },
    "audit_encounter": {
        **KEYS,
        "service_date": "date",
        "charge_amount": MONEY,
        "has_esketamine_administration": "boolean",
        "esketamine_administration_count": "integer",
        "monitoring_minutes": "integer",
    },
}
DAY = date(2026, 3, 2)
Row = dict[str, Any]

# psychotherapy: no rule but code-valid-on-dos applies
PLAIN_LINE: Row = {
    "clinic_id": "north",
    "subject_key": "C1/1",
    "row_hash": "h1",
    "service_date": DAY,
    "procedure_code": "90837",
    "line_of_business": "commercial",
    "billed_units": 1,
    "charge_amount": "150.00",
    "is_per_mg_drug_code": False,
    "is_bundle_code": False,
    "is_patisiran_code": False,
    "has_esketamine_administration": False,
    "is_bundle_excluded_service": False,
    "has_modifier_25": False,
    "is_em_needing_25": False,
    "days_outside_code_validity": 0,
}
DRUG_LINE: Row = {
    **PLAIN_LINE,
    "procedure_code": "J0013",
    "billed_units": 56,
    "charge_amount": "1120.00",
    "is_per_mg_drug_code": True,
    "has_esketamine_administration": True,
    "administered_esketamine_mg": 56,
    "expected_units": 56,
    "unit_difference": 0,
    "unit_difference_amount": "0.00",
    "authorised_drug": "esketamine",
    "prior_auth_requirement": "required",
    "decided_prior_auth_count": 1,
    "covering_prior_auth_count": 1,
    "pa_approved_units": 12,
    "pa_unit_basis": "visit",
    "pa_units_left": 3,
}
BUNDLE_LINE: Row = {
    **DRUG_LINE,
    "procedure_code": "G2082",
    "line_of_business": "ma",
    "billed_units": 1,
    "charge_amount": "950.00",
    "is_per_mg_drug_code": False,
    "is_bundle_code": True,
    "expected_units": None,
    "unit_difference": None,
    "unit_difference_amount": None,
    "dose_band_code": "G2082",
    "bundle_line_count_on_date": 1,
}
EM_LINE: Row = {
    **PLAIN_LINE,
    "procedure_code": "99214",
    "line_of_business": "ma",
    "is_bundle_excluded_service": True,
    "conflicting_bundle_line_count": 0,
    "is_em_needing_25": True,
    "same_clinician_procedure_line_count": 0,
}
PATISIRAN_LINE: Row = {
    **DRUG_LINE,
    "procedure_code": "J0222",
    "is_per_mg_drug_code": False,
    "is_patisiran_code": True,
    "psychiatric_diagnosis_count": 0,
    "suggested_code": "J0013",
}
CLAIM: Row = {
    "clinic_id": "north",
    "subject_key": "C1",
    "row_hash": "h1",
    "first_service_date": DAY,
    "charge_amount": "1270.00",
    "diagnosis_count": 2,
    "invalid_diagnosis_count": 0,
    "unknown_diagnosis_count": 0,
    "judged_invalid_diagnosis_count": 0,
    "is_in_ehr_and_837p": False,
}
ENCOUNTER: Row = {
    "clinic_id": "north",
    "subject_key": "E1",
    "row_hash": "h1",
    "service_date": DAY,
    "charge_amount": "1120.00",
    "has_esketamine_administration": True,
    "esketamine_administration_count": 1,
    "monitoring_minutes": 120,
}


@cache
def twelve_rules() -> tuple[Rule, ...]:
    """The first twelve rules of the catalogue; what they suppress beyond one another is left out."""
    return tuple(
        replace(rule, suppresses=tuple(other for other in rule.suppresses if other in TWELVE))
        for rule in load_catalogue()
        if rule.rule_id in TWELVE
    )


def suites_of(rules: Iterable[Rule]) -> dict[str, Definition]:
    """The coding suites with the expectations of these rules only."""
    known = {rule.rule_id for rule in rules}
    kept = {
        name: {**suite, "expectations": [e for e in suite["expectations"] if e["meta"]["rule_id"] in known]}
        for name, suite in check_in_step(load_catalogue()).items()
    }
    return {name: suite for name, suite in kept.items() if suite["expectations"]}


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Empty audit tables."""
    connection.execute("create schema if not exists audit")
    for table, types in TYPES.items():
        columns = ", ".join(f"{name} {kind}" for name, kind in types.items())
        connection.execute(f"create or replace table audit.{table} ({columns})")


def insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Add rows; columns a row does not name are null."""
    names = list(TYPES[table])
    for row in rows:
        assert set(row) <= set(names), set(row) - set(names)
        marks = ", ".join("?" for _ in names)
        connection.execute(f"insert into audit.{table} values ({marks})", [row.get(name) for name in names])
