"""History as known on any day: late, amended and deleted records, whatever arrived first."""

from datetime import date, datetime
from itertools import permutations
from pathlib import Path

import pytest
import yaml
from around_rows import patient_payment
from chart_rows import claim, prior_auth
from conftest import MakeWarehouse
from tiny_raw import File
from warehouse import Warehouse

from ketaclaims.ehr.schema import canonical_tables

MODELS = Path(__file__).parents[2] / "dbt_project" / "models" / "staging" / "ehr"
STAGED = ("--select", "stg_ehr__patient_payments", "stg_ehr__claims", "stg_ehr__prior_auths")


def paid(number: str, amount: str, known: int | None = None, **given: object) -> dict[str, object]:
    """A payment known from 1 January 2026 plus so many days, where the export says so."""
    known_from = None if known is None else datetime(2026, 1, 1 + known)
    return patient_payment(
        number, "p1", amount, known_from=known_from, known_from_utc_offset_minutes=0, **given
    )


# exports of the 1st, 4th and 7th of January
FIRST = File("first", {"patient_payment": [paid("a", "10"), paid("b", "20")], "claim": [claim("k1")]}, 0)
AMENDED = File(
    "amended",
    {
        "patient_payment": [paid("a", "11"), paid("b", "20", is_deleted=True)],
        "claim": [claim("k1", version=2)],
        "prior_auth": [prior_auth(status="approved"), prior_auth(version=2, status="expired")],
    },
    3,
)
# written on the 7th, but says since when it was known: c and the older state of a since the 2nd
LATE = File("late", {"patient_payment": [paid("c", "30", 1), paid("a", "9", 1), paid("b", "25", 6)]}, 6)
EXPORTS = (FIRST, AMENDED, LATE)
EXPECTED = {
    date(2025, 12, 31): {},
    date(2026, 1, 1): {"a": 10, "b": 20},
    date(2026, 1, 2): {"a": 9, "b": 20, "c": 30},
    date(2026, 1, 4): {"a": 11, "c": 30},
    date(2026, 1, 7): {"a": 11, "b": 25, "c": 30},
}


def known(warehouse: Warehouse, day: date) -> dict[str, int]:
    rows = warehouse.rows(
        "select payment_id, cast(payment_amount as integer) from history.patient_payments(?)", [day]
    )
    return dict(rows)


def built(make_warehouse: MakeWarehouse, name: str, exports: tuple[File, ...]) -> Warehouse:
    warehouse = make_warehouse(name)
    for export in exports:
        warehouse.raw.commit(export)
        warehouse.run("run", *STAGED)
    return warehouse


def test_every_day_shows_what_was_known_by_its_end(make_warehouse: MakeWarehouse) -> None:
    warehouse = built(make_warehouse, "history", (LATE, FIRST, AMENDED))
    assert {day: known(warehouse, day) for day in EXPECTED} == EXPECTED
    versions = "select claim_version from history.claims(?)"
    assert [warehouse.rows(versions, [day]) for day in (date(2026, 1, 3), date(2026, 1, 4))] == [
        [(1,)],
        [(2,)],
    ]
    assert warehouse.rows("select prior_auth_status from history.prior_auths('2026-01-05')") == [("expired",)]


@pytest.mark.slow
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_of_arrival_does_not_matter(make_warehouse: MakeWarehouse, order: tuple[int, ...]) -> None:
    warehouse = built(make_warehouse, f"history {order}", tuple(EXPORTS[at] for at in order))
    assert {day: known(warehouse, day) for day in EXPECTED} == EXPECTED


def test_every_canonical_table_has_a_history(make_warehouse: MakeWarehouse) -> None:
    staged = {
        model["name"]
        for path in MODELS.glob("stg_ehr__*.yml")
        for model in yaml.safe_load(path.read_text())["models"]
        if any(column["name"] == "known_from_utc" for column in model["columns"])
    } - {"stg_ehr__fhir_directory"}  # what pointers of FHIR stand for: no canonical table
    warehouse = make_warehouse("all histories")
    warehouse.run("run", "--select", "path:models/staging/ehr")
    functions = {
        row[0]
        for row in warehouse.rows(
            "select function_name from duckdb_functions() where schema_name = 'history'"
        )
    }
    assert {f"stg_ehr__{name}" for name in functions} == staged
    assert len(functions) == len(canonical_tables())
    for name in functions:
        assert warehouse.rows(f"select count(*) from history.{name}('2026-01-01')") == [(0,)]
