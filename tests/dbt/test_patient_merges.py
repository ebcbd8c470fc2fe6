"""Two ids that proved to be one person: everything stands under the surviving one, whatever arrived first."""

from collections.abc import Sequence
from datetime import date

import pytest
from around_rows import around, merge
from chart_rows import DAY, administration, claim, coverage, encounter, line, prior_auth, site
from conftest import MakeWarehouse
from tiny_raw import File
from warehouse import Warehouse

# the merges themselves, and what counts commits and their order
BOOKKEEPING = (
    "int_scope_changes",
    "int_scope_reference",
    "int_ehr__deliveries",
    "int_ehr__patient_identities",
    "int_ehr__patient_links",
)
MARTS = ("dim_patients", "fct_claims", "fct_claim_lines", "fct_prior_auths")
EVERYTHING = (
    "--select",
    "+path:models/audit",
    "+path:models/intermediate/by_patient",
    *(f"+{mart}" for mart in MARTS),
    "--exclude",
    "resource_type:seed",
)
IDENTITIES = ("--select", "+int_ehr__patient_identities")
JUNE = date(2026, 6, 1)


def chart(name: str, patient_id: str, number: int, day: int = 0) -> File:
    """One visit of a patient with its bill and a row of every table; all on one date, so that facts meet."""
    visit, bill = f"e{number}", f"k{number}"
    return File(
        name,
        {
            "coverage": [coverage(patient_id, coverage_id=f"cov-{bill}")],
            "encounter": [encounter(visit, patient_id)],
            "administration": [administration(visit)],
            "claim": [claim(bill, patient_id, coverage_id=f"cov-{bill}")],
            "claim_line": [
                line(bill, 1, encounter_id=visit),
                line(bill, 2, "99214", "1", encounter_id=visit),
            ],
            "prior_auth": [prior_auth(f"pa{number}", patient_id)],
            **around(patient_id, visit, bill),
        },
        day,
    )


BASE = File("base", {**chart("", "p0", 0).rows, "site": [site()], "patient_merge": [merge("px", "p0")]})
ONE = [chart("one", "p3", 1), chart("two", "p3", 2), chart("three", "p3", 3)]
THREE = [chart("one", "p1", 1), chart("two", "p2", 2), chart("three", "p3", 3)]
FIRST = File("first merge", {"patient_merge": [merge("p1", "p2")]}, 1)
SECOND = File("second merge", {"patient_merge": [merge("p2", "p3", JUNE)]}, 2)
TAKEN_BACK = File("taken back", {"patient_merge": [merge("p2", "p3", JUNE, is_deleted=True)]}, 3)


def built(warehouse: Warehouse, batches: Sequence[Sequence[File]]) -> Warehouse:
    for batch in batches:
        warehouse.raw.commit(*batch)
        warehouse.run("run", *EVERYTHING)
    return warehouse


def content(warehouse: Warehouse) -> dict[str, list[tuple[object, ...]]]:
    found = warehouse.content(("intermediate", "audit", "marts"), without=BOOKKEEPING)
    assert found["int_ehr__appeals"] and found["dim_patients"]
    return found


def assert_same(one: Warehouse, other: Warehouse) -> None:
    ours, theirs = content(one), content(other)
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if ours[name] != theirs[name]] == []


@pytest.fixture(scope="module")
def merged(make_warehouse: MakeWarehouse) -> Warehouse:
    """The merges arrive late, the second before the first, between the exports they are about."""
    batches = [[BASE, THREE[0]], [SECOND, THREE[2]], [FIRST], [THREE[1]]]
    return built(make_warehouse("merged"), batches)


def test_a_merged_practice_is_the_practice_delivered_under_one_id(
    make_warehouse: MakeWarehouse, merged: Warehouse
) -> None:
    assert_same(merged, built(make_warehouse("under one id"), [[BASE, *ONE]]))
    owned = "select distinct patient_id from intermediate.int_ehr__encounters order by 1"
    assert merged.rows(owned) == [("p0",), ("p3",)]
    # 3 visits of one person on one date: their lines are each other's neighbours now
    assert merged.rows("select count(*) from marts.dim_patients") == [(2,)]


@pytest.mark.slow
def test_a_merge_taken_back_gives_each_id_its_history_again(
    make_warehouse: MakeWarehouse, merged: Warehouse
) -> None:
    built(merged, [[TAKEN_BACK]])
    assert_same(merged, built(make_warehouse("first merge only"), [[BASE, *THREE, FIRST]]))
    owned = "select patient_id, count(*) from intermediate.int_ehr__encounters group by 1 order by 1"
    assert merged.rows(owned) == [("p0", 1), ("p2", 2), ("p3", 1)]


@pytest.mark.slow
def test_a_rejected_merge_leaves_no_trace(make_warehouse: MakeWarehouse, merged: Warehouse) -> None:
    merged.raw.act(FIRST, "reject")
    built(merged, [[]])
    assert_same(merged, built(make_warehouse("no merge"), [[BASE, *THREE]]))


CHAINS: dict[str, tuple[list[tuple[str, str]], dict[str, str]]] = {
    "chain": ([("a", "b"), ("b", "c"), ("c", "d")], {"a": "d", "b": "d", "c": "d"}),
    "two into one": ([("a", "c"), ("b", "c")], {"a": "c", "b": "c"}),
    "into itself": ([("a", "a")], {}),
    # the oldest merge of a circle was undone by the later ones: a survives
    "circle": ([("a", "b"), ("b", "c"), ("c", "a")], {"b": "a", "c": "a"}),
    "circle with a tail": ([("a", "b"), ("b", "a"), ("z", "a")], {"b": "a", "z": "a"}),
}


def test_chains_and_circles_end_at_one_id(make_warehouse: MakeWarehouse) -> None:
    """Each case is a clinic of its own; ids of one clinic say nothing of another's."""
    warehouse = make_warehouse("chains")
    rows = [
        merge(one, other, date(2026, 1, number), clinic_id=clinic)
        for clinic, (merges, _) in CHAINS.items()
        for number, (one, other) in enumerate(merges, start=1)
    ]
    warehouse.raw.commit(File("merges", {"patient_merge": rows}))
    warehouse.run("run", *IDENTITIES)
    found = warehouse.rows(
        "select patients.clinic_id, patients.patient_id, identities.surviving_patient_id"
        " from intermediate.int_ehr__patient_identities as identities"
        " join staging.stg_ehr__patient_merges as patients using (patient_key)"
    )
    assert sorted(found) == sorted(
        (clinic, one, survivor)
        for clinic, (_, survivors) in CHAINS.items()
        for one, survivor in survivors.items()
    )


def test_a_patient_without_own_record_keeps_what_was_known_under_the_other_id(
    make_warehouse: MakeWarehouse,
) -> None:
    warehouse = make_warehouse("record of the other id")
    rows = {"patient": [{"clinic_id": "c1", "patient_id": "p1", "birth_date": DAY}]}
    warehouse.raw.commit(File("one", {**rows, "patient_merge": [merge("p1", "p2")]}))
    warehouse.run("run", "--select", "+int_ehr__patients")
    known = "select patient_id, birth_date from intermediate.int_ehr__patients"
    assert warehouse.rows(known) == [("p2", DAY)]
