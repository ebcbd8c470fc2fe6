"""An incremental build after every commit, whatever their order, gives the rows of a build from scratch."""

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from around_rows import (
    appeal,
    around,
    diagnosis,
    documentation,
    merge,
    notice,
    observation,
    patient,
    patient_payment,
    rems_form,
    time_log,
)
from chart_rows import DAY, Row, administration, claim, coverage, encounter, line, prior_auth, site
from conftest import MakeWarehouse
from tiny_raw import File
from warehouse import Warehouse

BUILT = ("intermediate", "audit")
BOOKKEEPING = ("int_scope_changes",)  # says what each commit touched, so it follows the order of commits
EVERYTHING = (
    "--select",
    "+path:models/audit",
    "+path:models/intermediate/by_patient",
    "--exclude",
    "resource_type:seed",
)
# no step brings remittances: their tables, empty from the first build on, need not be built again
EHR_ONLY = (*EVERYTHING, "stg_remit__*", "int_remit__*", "audit_remittance")
LATER_LAYERS = ("path:models/intermediate/by_patient", "int_scope_changes", "int_scope_reference")
Batch = Sequence[File]
Content = dict[str, list[tuple[object, ...]]]


def content(warehouse: Warehouse) -> Content:
    return warehouse.content(BUILT, without=BOOKKEEPING)


def built_in_steps(warehouse: Warehouse, batches: Sequence[Batch]) -> Content:
    for number, batch in enumerate(batches):
        warehouse.raw.commit(*batch)
        warehouse.run("run", *(EHR_ONLY if number else EVERYTHING))
    return content(warehouse)


def built_at_once(warehouse: Warehouse, batches: Sequence[Batch]) -> Content:
    for batch in batches:
        warehouse.raw.commit(*batch)
    warehouse.run("run", *EVERYTHING)
    return content(warehouse)


def assert_same(one: Content, other: Content) -> None:
    assert one.keys() == other.keys()
    assert [name for name in one if one[name] != other[name]] == []


# Exports whose effects cross: parents later than children, a visit that moves to another patient, a dose
# entered in error after it was billed, a claim version that drops a line, a dose corrected without its visit,
# a patient (p3) of whom one export alone speaks. The first export holds a row of every feed: the first row of
# a feed builds everything anew.
NEXT_WEEK = DAY + timedelta(days=7)
BILLS = File(
    "bills",
    {
        "claim": [claim(), claim("k2", "p2"), claim("k3", "p3")],
        "claim_line": [
            line(),
            line(number=2, code="99214", units="1"),
            line("k2", code="G2083", units="1", encounter_id="e2"),
            line("k3", code="90837", units="1", encounter_id=None),
        ],
    },
    1,
)
BASE = File(
    "base",
    {
        "site": [site()],
        "coverage": [coverage("p0")],
        "encounter": [encounter("e0", "p0")],
        "administration": [administration("e0")],
        "claim": [claim("k0", "p0")],
        "claim_line": [line("k0", encounter_id="e0")],
        "prior_auth": [prior_auth("pa0", "p0")],
        "patient_merge": [merge("px", "p0")],
        **around("p0", "e0", "k0"),
    },
)
COVERAGES = File("coverages", {"coverage": [coverage(), coverage("p2", "medicare_b", "medicare_b")]}, 2)
CLINICIAN = "2222222222"
GIVEN = File(
    "given",
    {
        "administration": [administration(), administration("e2", "84")],
        "time_log": [time_log("t1", None, "e1", npi=CLINICIAN)],
    },
    2,
)
VISITS = File(
    "visits", {"encounter": [encounter(), encounter("e2", "p2"), encounter("e3", "p1", NEXT_WEEK)]}, 3
)
MOVED_VISITS = File(
    "moved visits",
    {
        "encounter": [encounter("e2", "p1"), encounter("e3", "p2", NEXT_WEEK)],
        "administration": [administration("e2", "84", status="entered_in_error")],
    },
    4,
)
AUTHORISATIONS = File(
    "authorisations",
    {"prior_auth": [prior_auth(), prior_auth("pa2", "p2", "medicare_b", status="pended")]},
    4,
)
CORRECTIONS = File(
    "corrections",
    {
        "claim": [claim(version=2, status="draft")],
        "claim_line": [line(version=2, units="84")],
        "prior_auth": [
            prior_auth(version=2, units_approved=Decimal("1")),
            prior_auth("pa2", "p1", version=2),
        ],
    },
    5,
)
# the same clinician's time with another patient: rows of patients of whom nothing is said change
LATE_DOSE = File(
    "late dose",
    {
        "administration": [administration(dose="28")],
        "time_log": [time_log("t2", None, "e3", npi=CLINICIAN)],
    },
    6,
)
MOVED_LAST = File("moved last", {"encounter": [encounter("e1", "p2")]}, 7)
EXPORTS: Sequence[Batch] = (
    [BASE],
    [BILLS],
    [COVERAGES, GIVEN],
    [VISITS],
    [MOVED_VISITS, AUTHORISATIONS],
    [CORRECTIONS],
    [LATE_DOSE],
    [MOVED_LAST],
)


@pytest.fixture(scope="module")
def from_scratch(make_warehouse: MakeWarehouse) -> Content:
    return built_at_once(make_warehouse("scratch"), EXPORTS)


@pytest.fixture(scope="module")
def in_steps(make_warehouse: MakeWarehouse) -> Warehouse:
    """Late exports before early ones; two arrive between the layers of one build."""
    warehouse = make_warehouse("steps")
    built_in_steps(warehouse, [[BASE], [CORRECTIONS, MOVED_VISITS, AUTHORISATIONS]])
    warehouse.raw.commit(COVERAGES, GIVEN)
    warehouse.run("run", "--select", "path:models/staging/ehr")
    warehouse.raw.commit(BILLS)
    warehouse.raw.commit(VISITS)
    warehouse.run("run", "--select", *LATER_LAYERS)
    assert warehouse.rows("select count(*) from intermediate.int_ehr__claims where claim_id = 'k2'") == [(0,)]
    for batch in ([LATE_DOSE], [MOVED_LAST]):
        warehouse.raw.commit(*batch)
        warehouse.run("run", *EHR_ONLY)
    return warehouse


def test_steps_in_another_order_give_the_rows_of_a_build_from_scratch(
    in_steps: Warehouse, from_scratch: Content
) -> None:
    assert_same(content(in_steps), from_scratch)


def test_nothing_new_changes_nothing(in_steps: Warehouse, from_scratch: Content) -> None:
    in_steps.run("run", *EHR_ONLY)
    assert_same(content(in_steps), from_scratch)


def test_only_patients_that_a_commit_touches_are_built_anew(in_steps: Warehouse) -> None:
    """Rows of other patients keep the very place they were written to (DuckDB's rowid)."""
    places = (
        "select patient_key, list(rowid order by rowid) from intermediate.int_ehr__claim_lines group by all"
    )
    before = dict(in_steps.rows(places))
    in_steps.raw.commit(File("one more", {"claim_line": [line("k2", code="G2082", units="1")]}, 9))
    in_steps.run("run", *EHR_ONLY)
    after = dict(in_steps.rows(places))
    touched = in_steps.rows("select patient_key from intermediate.int_ehr__claims where claim_id = 'k2'")
    assert {(key,) for key in before if before[key] != after[key]} == set(touched)
    assert len(before) == 4


def test_a_reference_change_reaches_patients_no_record_of_whom_changed(in_steps: Warehouse) -> None:
    started = "select start_at_utc from intermediate.int_ehr__encounters where encounter_id = 'e1'"
    assert in_steps.rows(started) == [(datetime(2026, 3, 10, 13),)]
    in_steps.raw.commit(File("zone", {"site": [site(timezone="America/Denver")]}, 9))
    in_steps.run("run", *EHR_ONLY)
    assert in_steps.rows(started) == [(datetime(2026, 3, 10, 15),)]


def test_a_rejected_input_takes_its_rows_with_it(in_steps: Warehouse) -> None:
    in_steps.raw.act(CORRECTIONS, "reject")
    in_steps.run("run", *EHR_ONLY)
    standing = (
        "select claim_version, billed_units from intermediate.int_ehr__claim_lines where claim_id = 'k1'"
    )
    assert in_steps.rows(standing + " and line_number = 1") == [(1, 56)]


@pytest.mark.slow
@pytest.mark.parametrize(
    "order", [(0, 1, 2, 3, 4, 5, 6, 7), (0, 7, 6, 5, 4, 3, 2, 1), (5, 2, 7, 0, 3, 6, 1, 4)]
)
def test_every_order_of_arrival(
    make_warehouse: MakeWarehouse, from_scratch: Content, order: tuple[int, ...]
) -> None:
    assert_same(built_in_steps(make_warehouse(f"order {order}"), [EXPORTS[i] for i in order]), from_scratch)


RANDOM_TABLES = {
    *(
        "encounter",
        "administration",
        "claim",
        "claim_line",
        "coverage",
        "prior_auth",
        "patient",
        "observation",
    ),
    *("diagnosis", "time_log", "rems_form", "session_documentation", "notice", "patient_payment", "appeal"),
    "patient_merge",
}


class RandomRows:
    """Rows of a few colliding records, so that most rows amend, move or delete earlier ones."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def patient(self) -> str:
        return self.rng.choice(["p1", "p2", "p3"])

    def number(self, letter: str) -> str:
        return f"{letter}{self.rng.randint(1, 3)}"

    def day(self) -> date:
        return DAY + timedelta(days=self.rng.randint(0, 2))

    def version(self) -> int:
        return self.rng.randint(1, 2)

    def encounter(self) -> Row:
        return encounter(self.number("e"), self.patient(), self.day())

    def administration(self) -> Row:
        dose, status = self.rng.choice(["28", "56", None]), self.rng.choice(["completed", "entered_in_error"])
        row = administration(self.number("e"), dose, self.day(), status=status)
        return {**row, "administration_id": self.number("a")}

    def claim(self) -> Row:
        status = self.rng.choice(["draft", "submitted", "denied", "replaced"])
        return claim(self.number("k"), self.patient(), version=self.version(), status=status)

    def claim_line(self) -> Row:
        code = self.rng.choice(["J0013", "S0013", "G2082", "99214", "J0222", "96365"])
        row = line(self.number("k"), self.rng.randint(1, 2), code, self.rng.choice(["1", "56"]))
        visit = self.rng.choice([None, self.number("e")])
        return {**row, "version": self.version(), "dos_from": self.day(), "encounter_id": visit}

    def coverage(self) -> Row:
        payers = [("aetna", "commercial"), ("medicare_b", "medicare_b"), ("tricare", "tricare")]
        return coverage(self.patient(), *self.rng.choice(payers))

    def prior_auth(self) -> Row:
        row = prior_auth(self.number("pa"), self.patient(), self.rng.choice(["aetna", "tricare"]))
        status = self.rng.choice(["approved", "approved", "denied", "withdrawn"])
        basis = self.rng.choice(["visit", "mg", "device", "unit"])
        return {**row, "version": self.version(), "status": status, "unit_basis": basis}

    def patient_row(self) -> Row:
        return patient(self.patient(), sex=self.rng.choice(["F", "M"]))

    def observation(self) -> Row:
        return observation(self.number("o"), self.patient(), self.number("e"))

    def diagnosis(self) -> Row:
        return diagnosis(self.number("d"), self.patient(), self.rng.choice(["F332", "F329"]))

    def time_log(self) -> Row:
        owner = self.rng.choice([None, self.patient()])
        return time_log(self.number("t"), owner, self.number("e"))

    def rems_form(self) -> Row:
        return rems_form(self.number("e"), submitted_at=self.rng.choice([None, datetime(2026, 3, 12)]))

    def session_documentation(self) -> Row:
        return documentation(self.number("e"), has_plan=self.rng.choice([True, False, None]))

    def notice(self) -> Row:
        return notice(self.patient(), self.rng.choice([None, self.day()]))

    def patient_payment(self) -> Row:
        return patient_payment(self.number("pp"), self.patient(), self.rng.choice(["10", "20"]))

    def appeal(self) -> Row:
        return appeal(self.number("ap"), self.number("k"))

    def patient_merge(self) -> Row:
        return merge(self.patient(), self.patient(), self.rng.choice([None, self.day()]))

    def table_row(self, table: str) -> Row:
        row: Row = self.patient_row() if table == "patient" else getattr(self, table)()
        return row

    def file(self, name: str, day: int) -> File:
        rows: dict[str, list[Row]] = {}
        for table in BASE.rows:
            if table in RANDOM_TABLES and self.rng.random() < 0.6:
                made = [self.table_row(table) for _ in range(self.rng.randint(1, 3))]
                rows[table] = [{**row, "is_deleted": self.rng.random() < 0.1} for row in made]
        if self.rng.random() < 0.15:
            rows["site"] = [site(timezone=self.rng.choice(["America/Denver", "America/New_York"]))]
        return File(name, rows, day)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_random_exports_and_rereads(make_warehouse: MakeWarehouse, seed: int) -> None:
    """Half of the batches read an earlier file again with other content, which supersedes what it held."""
    rng = random.Random(seed)
    batches: list[list[File]] = [[BASE]]
    for number in range(6):
        reread = rng.random() < 0.5 and number > 0
        name = f"f{rng.randint(0, number - 1)}" if reread else f"f{number}"
        batches.append([RandomRows(rng).file(name, rng.randint(0, 3))])
    scratch = built_at_once(make_warehouse(f"random {seed} at once"), batches)
    assert_same(built_in_steps(make_warehouse(f"random {seed} in steps"), batches), scratch)
