"""What was valid when: answers written by hand from the fact base, asked of the reference models.

`as_of_questions.csv`: kind (a code system, CARC, RARC, ptp, mue, policy), subject, what it stands beside
(second code, policy parameter), day, answer, and the place in the fact base the answer was read.
"""

import csv
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from conftest import MakeWarehouse
from warehouse import Warehouse

with (Path(__file__).parent / "as_of_questions.csv").open(newline="") as table:
    QUESTIONS = list(csv.DictReader(table))

RELEASE = """
    inner join intermediate.int_reference__releases as releases
        on found.release_date = releases.release_date and releases.reference_table = $table
        and coalesce(releases.answers_from_date <= $on, true)
        and coalesce(releases.answers_to_date >= $on, true)
"""
STATE = (
    "case when $on between releases.release_date and releases.covers_to_date then 'current' else 'stale' end"
)
CODE = """
    select case when is_billable and coalesce(valid_from <= $on, true) and coalesce(valid_to >= $on, true)
        then 'yes' else 'no' end
    from intermediate.int_reference__codes where code_system = $kind and code = $subject
"""
REASON = """
    select case when coalesce(start_date <= $on, true) and coalesce(stop_date >= $on, true)
        then 'yes' else 'no' end
    from intermediate.int_reference__reason_codes where code_type = $kind and code = $subject
"""
PAIR = f"""
    select found.modifier_indicator || ' ' || {STATE}
    from intermediate.int_reference__ptp_pairs as found {RELEASE}
    where found.column_1_code = $subject and found.column_2_code = $beside
        and coalesce(found.effective_date <= $on, true) and coalesce(found.deletion_date >= $on, true)
"""
LIMIT = f"""
    select found.mue_units || ' MAI ' || found.adjudication_indicator || ' ' || {STATE}
    from intermediate.int_reference__mues as found {RELEASE} where found.code = $subject
"""
POLICY = """
    select coalesce(policy_value, 'not decided') || case when is_contested then ' contested' else '' end
    from intermediate.int_ehr__payer_policies
    where payer_id || '/' || line_of_business = $subject and parameter = $beside
        and valid_from_date <= $on and coalesce(valid_to_date >= $on, true)
    order by precedence, valid_from_date desc, recorded_date desc limit 1
"""
KEY = ("kind", "subject", "beside", "on_date")
QUERIES = {"ptp": PAIR, "mue": LIMIT, "policy": POLICY, "CARC": REASON, "RARC": REASON}
TABLES = {"ptp": "ptp_practitioner", "mue": "mue_practitioner"}
NOTHING = {"ptp": "none", "mue": "none", "policy": "none"}
MODELS = (
    "int_reference__codes",
    "int_reference__reason_codes",
    "int_reference__ptp_pairs",
    "int_reference__mues",
    "int_ehr__payer_policies",
)


@pytest.fixture(scope="module")
def warehouse(make_warehouse: MakeWarehouse) -> Warehouse:
    made = make_warehouse("as_of")
    made.run("run", "--select", *(f"+{model}" for model in MODELS))
    return made


def answer(warehouse: Warehouse, question: dict[str, str]) -> str:
    kind = question["kind"]
    query = QUERIES.get(kind, CODE)
    given = {
        "kind": kind,
        "subject": question["subject"],
        "beside": question["beside"],
        "on": question["on_date"],
        "table": TABLES.get(kind),
    }
    rows = _rows(warehouse, query.replace("$on", "cast($on as date)"), given)
    assert len(rows) <= 1
    return str(rows[0][0]) if rows else NOTHING.get(kind, "unknown")


def _rows(warehouse: Warehouse, query: str, given: dict[str, Any]) -> list[tuple[Any, ...]]:
    used = {name: value for name, value in given.items() if f"${name}" in query}
    return warehouse.rows(query, used)  # type: ignore[arg-type]


def test_every_question_is_answered_as_the_fact_base_says(warehouse: Warehouse) -> None:
    wrong = [
        f"{' '.join(each[name] for name in KEY)}: {found}, not {each['answer']}"
        for each in QUESTIONS
        if (found := answer(warehouse, each)) != each["answer"]
    ]
    assert wrong == []


def test_the_questions_are_many_distinct_and_have_sources() -> None:
    asked = Counter(tuple(each[name] for name in KEY) for each in QUESTIONS)
    assert [question for question, count in asked.items() if count > 1] == []
    assert len(QUESTIONS) >= 100
    assert all(each["source"] for each in QUESTIONS)
    assert {"HCPCS", "CPT", "ICD-10-CM", "modifier", "POS", "CARC", "RARC", "ptp", "mue", "policy"} == {
        each["kind"] for each in QUESTIONS
    }
