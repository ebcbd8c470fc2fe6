"""Every fact a rule reads says which canonical columns it is made of."""

from pathlib import Path

import pytest

from ketaclaims.ehr.schema import canonical_tables
from ketaclaims.errors import KetaclaimsError
from ketaclaims.quality.fact_inputs import inputs_of, load_fact_inputs, rule_facts, undeclared
from ketaclaims.quality.rules import load_catalogue

RULES = load_catalogue()
DECLARED = load_fact_inputs()
FACTS = rule_facts(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.rule_id)
def test_every_fact_of_a_rule_declares_its_inputs(rule):
    assert FACTS[rule.rule_id]
    assert undeclared(rule, FACTS[rule.rule_id], DECLARED) == ()


def test_every_declared_input_is_a_canonical_column():
    known = {
        f"{table.name}.{column.name}" for table in canonical_tables().values() for column in table.columns
    }
    declared = {name.strip("()") for inputs in DECLARED.values() for each in inputs for name in each}
    assert declared - known == set()


def test_the_inputs_of_a_rule_are_those_of_its_facts():
    (rule,) = (rule for rule in RULES if rule.rule_id == "monitoring-two-hours")
    assert inputs_of(rule, FACTS[rule.rule_id], DECLARED) == (
        ("encounter.start_at",),
        ("administration.drug",),
        ("(administration.status)",),
        ("administration.last_device_at",),
        ("administration.discharged_at",),
    )


@pytest.mark.parametrize("text", ["a: [b]\n", "- a\n", "audit_claim: {x: claim.dx1}\n"])
def test_a_malformed_file_is_named(tmp_path: Path, text: str):
    (tmp_path / "fact_inputs").mkdir()
    (tmp_path / "fact_inputs" / "mine.yml").write_text(text)
    with pytest.raises(KetaclaimsError, match=r"mine\.yml"):
        load_fact_inputs(tmp_path)


def test_a_fact_declared_twice_is_refused(tmp_path: Path):
    (tmp_path / "fact_inputs").mkdir()
    for name in ("one.yml", "two.yml"):
        (tmp_path / "fact_inputs" / name).write_text("audit_claim: {x: [claim.dx1]}\n")
    with pytest.raises(KetaclaimsError, match="twice"):
        load_fact_inputs(tmp_path)
