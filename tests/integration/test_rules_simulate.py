"""Changed rules and policies on the history: flips equal a cold rebuild, and the real data stay."""

import csv
import hashlib
import json
import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from pipeline_kit import findings, query, run_command, run_pipeline, truth

from ketaclaims.orchestration.environment import PROJECT_ROOT
from ketaclaims.quality.rules import load_catalogue
from ketaclaims.quality.truth_measure import measure_practice
from ketaclaims.settings import Settings
from ketaclaims.simulate.run import simulate

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def practice(tmp_path_factory):
    folder = tmp_path_factory.mktemp("simulated") / "practice"
    simulate(folder, clinics=1, months=1, patients=60)
    return folder


@pytest.fixture(scope="module")
def data_root(practice, tmp_path_factory):
    root = tmp_path_factory.mktemp("data") / "root"
    run_pipeline(root, practice / "landing")
    return root


@pytest.fixture(scope="module")
def changed_project(tmp_path_factory):
    """A checkout with one changed suite, catalogue row, payer policy and code."""
    project = tmp_path_factory.mktemp("checkout")
    for part in ("include", "dbt_project", "expectations"):
        unmade = shutil.ignore_patterns("target", "logs", "__pycache__")
        shutil.copytree(PROJECT_ROOT / part, project / part, ignore=unmade)
    replace_in(
        project / "expectations/suites/coding_rems_and_monitoring_encounter.yml",
        "min_value: 120",
        "min_value: 155",
    )
    seeds = project / "dbt_project" / "seeds"
    replace_in(seeds / "rules/rule_catalog.csv", "COD-003", "COD-003", ",2020-01-01,", ",2099-01-01,")
    replace_in(
        seeds / "payers/payer_policy.csv",
        "aetna,commercial,pa_required,true",
        "aetna,commercial,pa_required,false",
    )
    return project


def replace_in(file, *words):
    """Replace the last word pair, in the lines that hold the first word where there are four."""
    *line_words, old, new = words
    lines = file.read_text().splitlines(keepends=True)
    changed = [line.replace(old, new) if not line_words or line_words[0] in line else line for line in lines]
    assert changed != lines
    file.write_text("".join(changed))


def state(root):
    """What the pipeline's own files hold: a hash of each."""
    return {
        str(file.relative_to(root)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(Path(root).rglob("*"))
        if file.is_file() and not file.is_symlink() and not file.name.endswith(".lock")
    }


def flips_of(out):
    with out.open(newline="") as file:
        return list(csv.DictReader(file))


def test_flips_equal_a_cold_rebuild_and_nothing_real_changes(practice, data_root, changed_project, tmp_path):
    before, present = state(data_root), findings(data_root)
    out = tmp_path / "flips.csv"
    arguments = ("rules", "simulate", "--project", changed_project, "--format", "json", "--out", out)
    by_rule = {row["rule_id"]: row for row in json.loads(run_command(*arguments, data_root=data_root))}
    assert state(data_root) == before
    assert out.stat().st_mode & 0o777 == 0o600

    expected = set(present)
    for flip in flips_of(out):
        place = tuple(flip[name] for name in ("rule_id", "clinic_id", "subject", "subject_key"))
        expected -= {(*place, flip["was"])}
        expected |= {(*place, flip["becomes"])} if flip["becomes"] != "clean" else set()
    cold = tmp_path / "cold"
    run_pipeline(cold, practice / "landing", PYTHONPATH=str(changed_project / "include"))
    assert findings(cold) == expected != present

    open_money = "select sum(at_stake_amount) from marts.fct_coding_findings where finding_status = 'fail'"
    difference = sum(Decimal(row["amount_after"]) - Decimal(row["amount_before"]) for row in by_rule.values())
    assert query(cold, open_money)[0][0] - query(data_root, open_money)[0][0] == difference
    assert by_rule["gcode-one-unit"]["gone_fails"] > 0 and by_rule["gcode-one-unit"]["new_fails"] == 0
    assert by_rule["monitoring-two-hours"]["new_fails"] >= by_rule["monitoring-two-hours"]["false_holds"] > 0


def test_the_same_files_flip_nothing(data_root):
    arguments = ("rules", "simulate", "--project", PROJECT_ROOT, "--format", "json")
    assert json.loads(run_command(*arguments, data_root=data_root)) == []


def test_what_is_no_checkout_is_refused(data_root, tmp_path):
    told = run_command("rules", "simulate", "--project", tmp_path, data_root=data_root, expect=2)
    assert "NO_PROJECT" in told and not list(Path(data_root).glob(".simulation-*"))


def test_every_rule_with_truth_has_precision_and_recall_1(practice, data_root):
    measures = measure_practice(Settings(data_root=data_root), practice / "truth")
    assert {one.rule_id for one in measures} >= {rule.rule_id for rule in load_catalogue()}
    with_truth = [one for one in measures if one.expected or one.near_misses]
    assert sum(one.expected for one in with_truth) == len(truth(practice / "truth", "findings"))
    assert [one for one in with_truth if not one.is_perfect] == []
    assert {one.recall for one in with_truth if one.expected} == {1}
