from datetime import date
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from ketaclaims.simulate.model import Clinic
from ketaclaims.simulate.oracle import PaUse, units_left
from ketaclaims.simulate.reference import load_reference
from ketaclaims.simulate.values import make_npi


def use(day: int, claim_id: str, units: str, *, line_no: int = 1, left_out: bool = False) -> PaUse:
    return PaUse(date(2025, 12, day), claim_id, line_no, Decimal(units), left_out)


def left(approved: str, *uses: PaUse) -> dict[str, str]:
    return {f"{c}/{n}": str(value) for (c, n), value in units_left(Decimal(approved), uses).items()}


def test_units_run_down_in_order_of_service_not_of_arrival() -> None:
    assert left("6", use(20, "C3", "3"), use(1, "C1", "2"), use(9, "C2", "3")) == {
        "C1/1": "4",
        "C2/1": "1",
        "C3/1": "-2",
    }


def test_used_up_to_the_last_unit_is_not_beyond() -> None:
    assert left("5", use(1, "C1", "2"), use(2, "C2", "3")) == {"C1/1": "3", "C2/1": "0"}


def test_same_day_is_ordered_by_claim_then_line() -> None:
    uses = (use(1, "C2", "1"), use(1, "C1", "1", line_no=2), use(1, "C1", "1"))
    assert left("2", *uses) == {"C1/1": "1", "C1/2": "0", "C2/1": "-1"}


def test_a_denied_line_takes_nothing_from_later_ones_but_counts_for_itself() -> None:
    uses = (use(1, "C1", "84"), use(2, "C2", "84", left_out=True), use(3, "C3", "56"))
    assert left("140", *uses) == {"C1/1": "56", "C2/1": "-28", "C3/1": "0"}


@given(st.lists(st.integers(1, 9), min_size=1, max_size=12), st.integers(0, 60), st.randoms())
def test_last_line_leaves_approved_less_everything_counted(
    units: list[int], approved: int, order: Random
) -> None:
    uses = [use(1 + i, f"C{i:02d}", str(n)) for i, n in enumerate(units)]
    last = (uses[-1].claim_id, 1)
    order.shuffle(uses)
    assert units_left(Decimal(approved), uses)[last] == approved - sum(units)


def test_esketamine_code_follows_payer_dose_and_date() -> None:
    reference = load_reference()
    per_mg, bundle = reference.payers["aetna"], reference.payers["medicare_b"]
    assert reference.esketamine_code(per_mg, Decimal(84), date(2025, 12, 31)) == "S0013"
    assert reference.esketamine_code(per_mg, Decimal(84), date(2026, 1, 1)) == "J0013"
    assert reference.esketamine_code(bundle, Decimal(56), date(2026, 1, 1)) == "G2082"
    assert reference.esketamine_code(bundle, Decimal(84), date(2026, 1, 1)) == "G2083"


def test_minutes_are_added_in_real_time_over_the_clock_change() -> None:
    clinic = Clinic("c", "", "", "", "", "", ZoneInfo("America/New_York"), Random(1))
    begin = clinic.at(date(2025, 11, 2), 0, 30)
    assert clinic.later(begin, 120).isoformat() == "2025-11-02T01:30:00-05:00"


def test_a_known_npi_has_its_check_digit() -> None:
    assert make_npi(23_456_789) == "1234567893"  # the example of the CMS check digit paper
