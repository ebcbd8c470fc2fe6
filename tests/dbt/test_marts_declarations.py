"""What every mart declares: a contract, a key, exact money, and the privacy of each column."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from warehouse import PROJECT, Warehouse

MakeWarehouse = Callable[[str], Warehouse]
NAMED_FOR_A_PERSON = re.compile(
    r"^(claim_id|patient_id|encounter_id|prior_auth_id|subject_key|member_id|patient_control_number"
    r"|payer_claim_control_number|provider_adjustment_reference_number|prior_authorization_number|trace_number|deposit_id|provider_name|evidence"
    r"|appeal_id|check_id|package_id|sale_id|superbill_id|payment_id"
    r"|waiver_reason|_?file_sha256)$"
)


@pytest.fixture(scope="module")
def marts(make_warehouse: MakeWarehouse) -> dict[str, Any]:
    manifest = make_warehouse("parsed").run("parse")
    return {
        node.name: node
        for node in manifest.nodes.values()
        if node.resource_type == "model" and node.schema == "marts"
    }


def _columns(marts: dict[str, Any]) -> list[tuple[str, Any]]:
    return [
        (f"{mart}.{name}", column) for mart, node in marts.items() for name, column in node.columns.items()
    ]


def test_marts_all_of_the_issue_exist(marts: dict[str, Any]) -> None:
    assert sorted(marts) == [
        *("dim_codes", "dim_dates", "dim_patients", "dim_payers", "dim_providers", "dim_sites"),
        *("fct_appeals", "fct_benefit_checks", "fct_billed_claims", "fct_claim_lines", "fct_claims"),
        "fct_coding_findings",
        *("fct_denials", "fct_deposits", "fct_file_ledger", "fct_file_reconciliation", "fct_packages"),
        "fct_patient_balances",
        *("fct_prior_auth_usage", "fct_prior_auths", "fct_provider_balances", "fct_provider_ledger"),
        *("fct_remit_chains", "fct_remit_events", "fct_remittance_reconciliation", "fct_rule_performance"),
        "fct_superbills",
        "fct_unmatched_remits",
    ]


def test_marts_have_enforced_contracts_and_say_what_a_row_is(marts: dict[str, Any]) -> None:
    assert [name for name, node in marts.items() if not node.config.contract.enforced] == []
    assert [name for name, node in marts.items() if not node.description.startswith("One row per ")] == []


def test_marts_declare_the_privacy_of_every_column(marts: dict[str, Any]) -> None:
    allowed = {"plain", "pseudonymise", "withhold"}
    wrong = [name for name, column in _columns(marts) if column.config.meta.get("privacy") not in allowed]
    assert wrong == []


def test_marts_withhold_identifiers_and_pseudonymise_keys(marts: dict[str, Any]) -> None:
    privacy = {name: column.config.meta["privacy"] for name, column in _columns(marts)}
    shown = [n for n, p in privacy.items() if NAMED_FOR_A_PERSON.match(n.split(".")[1]) and p != "withhold"]
    bare = [n for n, p in privacy.items() if n.endswith("_key") and p == "plain"]
    assert (shown, bare) == ([], [])


def test_marts_hold_no_float_and_money_is_decimal(marts: dict[str, Any]) -> None:
    types = {name: column.data_type for name, column in _columns(marts)}
    assert [n for n, t in types.items() if t in {"double", "float", "real"}] == []
    assert [
        n for n, t in types.items() if n.endswith("_amount") and not re.fullmatch(r"decimal\(\d+,2\)", t)
    ] == []


def test_marts_read_no_staging_and_no_raw_tables(marts: dict[str, Any]) -> None:
    leaks = [
        (name, parent)
        for name, node in marts.items()
        for parent in node.depends_on.nodes
        if ".stg_" in parent or parent.startswith("source.")
    ]
    assert leaks == []


def test_marts_sql_names_no_code_price_or_date() -> None:
    literal = re.compile(r"'(\d{4}-\d{2}-\d{2}|[A-Z]\d{4}|\d{5}|\d{1,3})'")
    models = PROJECT / "models"
    files = [*(models / "marts").glob("*.sql"), *(models / "intermediate").glob("int_remit__*.sql")]
    without_jinja = {file.stem: re.sub(r"{{.*?}}", "", file.read_text(), flags=re.DOTALL) for file in files}
    assert {name: found for name, sql in without_jinja.items() if (found := literal.findall(sql))} == {}
