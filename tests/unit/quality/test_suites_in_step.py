"""Catalogue, suites, checkpoints, dbt models and rule book say the same."""

import copy
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from audit_kit import TWELVE

from ketaclaims.errors import KetaclaimsError
from ketaclaims.quality import rule_book
from ketaclaims.quality.rules import CATALOGUE_FILE, PROJECT_ROOT, load_catalogue
from ketaclaims.quality.suites import (
    EXPECTATIONS_DIR,
    check_in_step,
    columns_of,
    condition_leaves,
    load_checkpoints,
    load_suite,
    rule_hash,
)

MODELS = PROJECT_ROOT / "dbt_project" / "models"
CHECKPOINTS = load_checkpoints()
SUITE_NAMES = [checkpoint.suite for checkpoint in CHECKPOINTS]


@cache
def model_columns(model: str) -> set[str]:
    """Columns of a model as its yml describes them; an audit model has those of its topics, too."""
    (sql,) = MODELS.rglob(f"{model}.sql")
    topics = re.search(r"set topics = \[(.*?)\]", sql.read_text(), re.DOTALL)
    subject = model.removeprefix("audit_").removeprefix("service_")
    names = re.findall(r"'(\w+)'", topics.group(1)) if topics else []
    described = [model, *(f"int_ehr__{subject}_{name}_facts" for name in names)]
    return {column["name"] for name in described for column in model_yml(name)["columns"]} - {"facts_hash"}


@cache
def model_yml(model: str) -> dict[str, Any]:
    (path,) = MODELS.rglob(f"{model}.yml")
    (found,) = (m for m in yaml.safe_load(path.read_text())["models"] if m["name"] == model)
    return dict(found)


def test_the_first_twelve_rules_are_there() -> None:
    assert {rule.rule_id for rule in load_catalogue()} >= TWELVE
    check_in_step(load_catalogue())


def test_every_suite_file_is_run_once_and_none_is_missing() -> None:
    assert sorted(SUITE_NAMES) == sorted(path.stem for path in (EXPECTATIONS_DIR / "suites").glob("*.yml"))


@pytest.mark.parametrize("checkpoint", CHECKPOINTS, ids=SUITE_NAMES)
def test_suite_loads_natively_and_reads_columns_its_model_has(checkpoint: Any) -> None:
    from great_expectations.core import ExpectationSuite
    from great_expectations.expectations.row_conditions import validate_row_condition

    definition = load_suite(checkpoint.suite)
    suite = ExpectationSuite(**copy.deepcopy(definition))
    assert len(suite.expectations) == len(definition["expectations"])
    for loaded, written in zip(suite.expectations, definition["expectations"], strict=True):
        assert (loaded.severity, loaded.meta or {}) == (written["severity"], written.get("meta", {}))
        validate_row_condition(getattr(loaded, "row_condition", None))
    assert checkpoint.table.split(".")[0] == checkpoint.stage
    model = checkpoint.table.split(".")[1]
    if checkpoint.kind == "contract":
        assert checkpoint.suite == f"contract_{model}"
    assert set(columns_of(definition["expectations"])) <= model_columns(model)


def test_catalogue_reads_columns_its_audit_model_has() -> None:
    for rule in load_catalogue():
        assert set(rule.columns) | {"clinic_id", "subject_key", "row_hash", "recheck_on"} <= model_columns(
            rule.audit_model
        )


def test_evidence_and_rules_name_no_identifier() -> None:
    for rule in load_catalogue():
        assert not [
            name for name in rule.evidence_columns if name.endswith(("_key", "_id", "_number", "_npi"))
        ]


def test_every_audit_model_and_mart_has_a_contract() -> None:
    models = {path.stem for layer in ("audit", "marts") for path in (MODELS / layer).rglob("*.sql")}
    contracted = {c.table.split(".")[1] for c in CHECKPOINTS if c.kind == "contract"}
    assert contracted == models


def test_catalogue_yml_describes_its_columns() -> None:
    header = CATALOGUE_FILE.read_text().splitlines()[0].split(",")
    (seed,) = yaml.safe_load(CATALOGUE_FILE.with_suffix(".yml").read_text())["seeds"]
    assert [column["name"] for column in seed["columns"]] == header
    assert list(seed["config"]["column_types"]) == header


def test_rule_book_is_fresh() -> None:
    assert rule_book.RULE_BOOK.read_text(encoding="utf-8") == rule_book.rule_book()


def test_rule_hash_follows_catalogue_and_suite_and_nothing_else() -> None:
    rules = {rule.rule_id: rule for rule in load_catalogue()}
    rule, suite = rules["pa-present"], load_suite("coding_prior_auth")
    assert rule_hash(rule, suite) == rule_hash(rule, load_suite("coding_prior_auth"))
    assert rule_hash(replace(rule, valid_to=rule.valid_from), suite) != rule_hash(rule, suite)
    changed = copy.deepcopy(suite)
    for expectation in changed["expectations"]:
        if expectation["meta"] == {"rule_id": "pa-present", "part": "judgement"}:
            expectation["kwargs"]["min_value"] = 2
    assert rule_hash(rule, changed) != rule_hash(rule, suite)
    assert rule_hash(rules["pa-date-covered"], changed) == rule_hash(rules["pa-date-covered"], suite)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda e: e.update(severity="info"), "severity differs"),
        (lambda e: e["kwargs"].pop("row_condition"), "differ in their row condition"),
        (lambda e: e["meta"].update(part="verdict"), "part inputs and of part judgement"),
        (lambda e: e["meta"].update(rule_id="no-such-rule"), "an expectation of no rule"),
    ],
)
def test_suite_out_of_step_is_named(tmp_path: Path, damage: Any, message: str) -> None:
    (tmp_path / "suites").mkdir()
    for checkpoint in CHECKPOINTS:
        if checkpoint.kind == "coding":
            definition = copy.deepcopy(load_suite(checkpoint.suite))
            if checkpoint.suite == "coding_rems_and_monitoring_encounter":
                damage(next(e for e in definition["expectations"] if e["meta"]["part"] == "judgement"))
            (tmp_path / "suites" / f"{checkpoint.suite}.yml").write_text(yaml.safe_dump(definition))
    coding = [
        {"suite": c.suite, "table": c.table, "stage": c.stage, "kind": c.kind}
        for c in CHECKPOINTS
        if c.kind == "coding"
    ]
    (tmp_path / "checkpoints.yml").write_text(yaml.safe_dump({"checkpoints": coding}))
    with pytest.raises(KetaclaimsError, match=f"RULE_CATALOGUE.*{message}"):
        check_in_step(load_catalogue(), tmp_path)


def test_catalogue_with_a_bad_row_is_refused_by_position(tmp_path: Path) -> None:
    lines = CATALOGUE_FILE.read_text().splitlines()
    bad = tmp_path / "rule_catalog.csv"
    at = next(number for number, text in enumerate(lines) if ",2020-01-01," in text)
    bad.write_text("\n".join([*lines[:at], lines[at].replace(",2020-01-01,", ",someday,"), *lines[at + 1 :]]))
    with pytest.raises(KetaclaimsError, match=rf"RULE_CATALOGUE: rule_catalog\.csv: row {at + 1} is no rule"):
        load_catalogue(bad)
    bad.write_text("\n".join([*lines, lines[1]]))
    with pytest.raises(KetaclaimsError, match=r"given twice.*drug-units-match-dose"):
        load_catalogue(bad)


def test_row_conditions_are_serialised_objects_never_strings() -> None:
    for name in SUITE_NAMES:
        for expectation in load_suite(name)["expectations"]:
            condition = expectation["kwargs"].get("row_condition")
            assert condition is None or list(condition_leaves(condition))
