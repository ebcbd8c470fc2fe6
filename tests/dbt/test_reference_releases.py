"""Releases beside seeds: a day is judged by the table of its quarter, a new release judged again."""

from datetime import date
from typing import Any

import pytest
from chart_rows import administration, claim, coverage, encounter, line, site
from conftest import MakeWarehouse
from tiny_raw import File
from warehouse import Warehouse

BUILT = (
    "--indirect-selection",
    "buildable",
    "--select",
    "+int_ehr__line_modifier_facts",
    "+int_ehr__claim_diagnoses",
    "int_reference__reason_codes",
    "stg_reference__reason_codes",
    "--exclude",
    "resource_type:seed",
)
IN_SEED, IN_2026, AFTER = date(2024, 8, 20), date(2026, 8, 20), date(2026, 10, 1)


def release(table: str, on: date, to: date | None, rows: int = 1) -> dict[str, Any]:
    return {
        "reference_table": table,
        "release_date": on,
        "covers_to_date": to,
        "row_count": rows,
        "release_stated_by": "name",
    }


def pair(one: str, two: str, indicator: str, **dates: date) -> dict[str, Any]:
    return {
        "release_date": date(2026, 7, 1),
        "column_1_code": one,
        "column_2_code": two,
        "modifier_indicator": indicator,
        "effective_date": date(2009, 1, 1),
        **dates,
    }


def visit(claim_id: str, on: date) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    days = {"dos_from": on, "dos_to": on}
    return claim(claim_id, dx1="F32.A"), [
        line(claim_id, 1, "96365", "1", **days),
        line(claim_id, 2, "96372", "1", **days),
        line(claim_id, 3, "96127", "5", **days),
    ]


VISITS = [visit("seeded", IN_SEED), visit("loaded", IN_2026), visit("after", AFTER)]
EHR = File(
    "ehr",
    {
        "site": [site()],
        "patient": [{"clinic_id": "c1", "patient_id": "p1"}],
        "coverage": [coverage("p1")],
        "encounter": [encounter("e1", "p1")],
        "administration": [administration("e1")],
        "claim": [each for each, _ in VISITS],
        "claim_line": [each for _, lines in VISITS for each in lines],
    },
    1,
)
QUARTER = (date(2026, 7, 1), date(2026, 9, 30))
RELEASES = File(
    "releases",
    {
        "reference_release": [
            release("ptp_practitioner", *QUARTER),
            release("mue_practitioner", *QUARTER),
            release("reason_code", date(2026, 7, 1), None),
        ],
        "reference_ptp_pair": [
            pair("96365", "96372", "0"),
            pair("99999", "96372", "0"),  # codes nobody here knows or bills
            pair("96365", "96127", "1", deletion_date=date(2009, 1, 1)),  # never held
        ],
        "reference_mue": [
            {"release_date": QUARTER[0], "code": "96127", "mue_units": 4, "adjudication_indicator": "3"}
        ],
        "reference_reason_code": [
            {
                "release_date": QUARTER[0],
                "code_type": "CARC",
                "code": "15",
                "start_date": date(1995, 1, 1),
                "stop_date": date(2017, 1, 1),
            },
            {"release_date": QUARTER[0], "code_type": "RARC", "code": "N999", "start_date": date(2026, 7, 1)},
        ],
    },
    2,
)
# the same pairs once more, corrected within the quarter: the later file of a release wins
CORRECTED = File(
    "corrected",
    {
        "reference_release": [release("ptp_practitioner", *QUARTER)],
        "reference_ptp_pair": [pair("96365", "96372", "1")],
    },
    3,
)
LINES = """
    select lines.claim_id, facts.ptp_first_code, facts.ptp_indicator, facts.ptp_table_state, facts.mue_limit,
        facts.mue_table_state, lines.procedure_code
    from intermediate.int_ehr__line_modifier_facts as facts
    inner join intermediate.int_ehr__claim_lines as lines using (claim_line_key)
"""


@pytest.fixture(scope="module")
def warehouse(make_warehouse: MakeWarehouse) -> Warehouse:
    made = make_warehouse("releases")
    made.raw.commit(EHR)
    made.run("build", *BUILT)
    return made


def states(warehouse: Warehouse) -> dict[str, tuple[Any, ...]]:
    """By claim: the pair's indicator and table state, the limit and its table state."""
    pairs = {row[0]: row[2:4] for row in warehouse.rows(LINES) if row[6] == "96372"}
    limits = {row[0]: row[4:6] for row in warehouse.rows(LINES) if row[6] == "96127"}
    return {claim_id: (*pairs[claim_id], *limits[claim_id]) for claim_id in pairs}


def test_releases_are_judged_by_their_quarter_and_the_newest_file_wins(warehouse: Warehouse) -> None:
    seeded = ("1", "current", 3, "current")
    assert states(warehouse) == {
        "seeded": seeded,
        "loaded": ("1", "stale", 3, "stale"),
        "after": ("1", "stale", 3, "stale"),
    }
    warehouse.raw.commit(RELEASES)
    warehouse.run("build", *BUILT)
    assert states(warehouse) == {
        "seeded": seeded,
        "loaded": ("0", "current", 4, "current"),
        "after": ("0", "stale", 4, "stale"),
    }
    warehouse.raw.commit(CORRECTED)
    warehouse.run("build", *BUILT)
    assert states(warehouse)["loaded"] == ("1", "current", 4, "current")
    assert states(warehouse)["seeded"] == seeded
    incremental = warehouse.content(("intermediate",), without=("int_scope_changes",))
    warehouse.run("build", *BUILT, "--full-refresh")
    assert warehouse.content(("intermediate",), without=("int_scope_changes",)) == incremental


def test_every_day_is_answered_by_one_release_of_a_table(warehouse: Warehouse) -> None:
    assert (
        warehouse.rows("""
        select days.day, releases.reference_table, count(*)
        from (
            select unnest(generate_series(date '2023-01-01', date '2028-01-01', interval 1 day))::date as day
        ) as days
        inner join intermediate.int_reference__releases as releases
            on coalesce(releases.answers_from_date <= days.day, true)
            and coalesce(releases.answers_to_date >= days.day, true)
        group by all having count(*) <> 1
    """)
        == []
    )
    assert warehouse.rows(
        "select release_date, release_source, answers_from_date, answers_to_date"
        " from intermediate.int_reference__releases where reference_table = 'ptp_practitioner' order by 1"
    ) == [
        (date(2024, 7, 1), "seed", None, date(2024, 9, 30)),
        (date(2026, 7, 1), "loaded", date(2024, 10, 1), None),
    ]


def test_pairs_that_never_held_or_cannot_meet_are_left_out(warehouse: Warehouse) -> None:
    assert warehouse.rows(
        "select column_1_code, column_2_code from intermediate.int_reference__ptp_pairs"
        " where release_source = 'loaded'"
    ) == [("96365", "96372")]


def test_a_reason_code_list_adds_and_corrects_but_deletes_nothing(warehouse: Warehouse) -> None:
    found = dict(
        warehouse.rows("select code_type || code, stop_date from intermediate.int_reference__reason_codes")
    )
    assert (found["CARC15"], found["RARCN999"]) == (date(2017, 1, 1), None)
    assert found["CARC17"] == date(2009, 7, 1)  # of the seed, not on the list
    assert "CARC45" in found


CODES = File(
    "codes",
    {
        "reference_release": [
            release("icd10cm", date(2024, 10, 1), date(2025, 9, 30)),
            release("icd10cm", date(2025, 10, 1), date(2026, 9, 30)),
            release("hcpcs", date(2025, 10, 1), date(2025, 12, 31)),
        ],
        "reference_code": [
            *(
                {"release_date": on, "code_system": "ICD-10-CM", "code": code, "is_billable": billable}
                for on, code, billable in (
                    (date(2024, 10, 1), "F32.A", True),
                    (date(2025, 10, 1), "F32.A", True),
                    (date(2024, 10, 1), "F99.8", True),  # gone the year after
                    (date(2025, 10, 1), "F99.9", True),  # new
                    (date(2024, 10, 1), "F98.8", True),
                    (date(2025, 10, 1), "F98.8", False),  # a header since
                )
            ),
            {
                "release_date": date(2025, 10, 1),
                "code_system": "HCPCS",
                "code": "S0013",
                "is_billable": True,
                "add_date": date(2021, 1, 1),
            },
            {
                "release_date": date(2025, 10, 1),
                "code_system": "HCPCS",
                "code": "G2082",
                "is_billable": True,
                "add_date": date(2020, 1, 1),
                "termination_date": date(2025, 11, 30),
            },
        ],
    },
    2,
)


def test_codes_appear_end_and_keep_what_the_seed_knows_of_later_days(make_warehouse: MakeWarehouse) -> None:
    made = make_warehouse("codes")
    made.raw.commit(CODES)
    made.run(
        "build",
        "--indirect-selection",
        "buildable",
        "--select",
        "+int_reference__codes",
        "--exclude",
        "resource_type:seed",
    )
    found = {
        code: (valid_from, valid_to, billable)
        for code, valid_from, valid_to, billable in made.rows(
            "select code, valid_from, valid_to, is_billable from intermediate.int_reference__codes"
        )
    }
    assert found["F32.A"] == (date(2021, 10, 1), None, True)
    assert found["F99.8"] == (None, date(2025, 9, 30), True)
    assert found["F99.9"] == (date(2025, 10, 1), None, True)
    assert found["F98.8"] == (None, date(2025, 9, 30), True)
    assert found["S0013"] == (date(2021, 1, 1), date(2025, 12, 31), True)
    assert found["G2082"] == (date(2020, 1, 1), date(2025, 11, 30), True)
    assert found["J0013"][0] == date(2026, 1, 1)
