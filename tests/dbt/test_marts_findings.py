"""Findings fold to one present state; waivers hold until they expire; files are told once."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from tiny_raw import File
from warehouse import Warehouse

MakeWarehouse = Callable[[str], Warehouse]
SELECT = (
    "select finding_id, finding_status, at_stake_amount, resolved_at is not null, claim_key is not null"
    " from marts.fct_coding_findings order by 1"
)


def _event(
    finding_id: str, sequence: int, status: str, amount: str = "10", subject_key: str = "C1/1"
) -> dict[str, Any]:
    return {
        "finding_id": finding_id,
        "rule_id": "gcode-one-unit",
        "clinic_id": "CLINIC-A",
        "subject": "claim_line",
        "subject_key": subject_key,
        "status": status,
        "dollars_at_stake": Decimal(amount),
        "sequence": sequence,
        "judged_at": datetime(2026, 5, sequence),
        "judged_as_of": date(2026, 5, sequence),
    }


def _waiver(finding_id: str, expires_on: date | None) -> dict[str, Any]:
    return {
        "finding_id": finding_id,
        "waived_at": datetime(2026, 5, 20),
        "expires_on": expires_on,
        "waived_by": "x",
    }


CHART = File(
    "ehr",
    {
        "claim": [
            {
                "clinic_id": "CLINIC-A",
                "claim_id": "C1",
                "version": 1,
                "patient_id": "P1",
                "status": "submitted",
            }
        ],
        "claim_line": [
            {"clinic_id": "CLINIC-A", "claim_id": "C1", "version": 1, "line_no": 1, "charge": Decimal(10)}
        ],
    },
)
JUDGED = File(
    "judged-1",
    {
        "finding_event": [
            _event("f1", 1, "fail"),
            _event("f2", 1, "fail"),
            _event("f3", 1, "fail", subject_key="GONE/1"),
            _event("f4", 1, "fail"),
            _event("f5", 1, "not_evaluable"),
        ]
    },
)
JUDGED_AGAIN = File(
    "judged-2", {"finding_event": [_event("f1", 2, "resolved"), _event("f2", 2, "fail", "12.50")]}
)
WAIVED = File(
    "waived",
    {"waiver": [_waiver("f3", date(2026, 6, 1)), _waiver("f4", date(2026, 5, 31)), _waiver("f5", None)]},
)


@pytest.fixture(scope="module")
def warehouse(make_warehouse: MakeWarehouse) -> Warehouse:
    built = make_warehouse("findings")
    for commit in (CHART, JUDGED, JUDGED_AGAIN, WAIVED):
        built.raw.commit(commit)
    built.run(
        "build",
        "--select",
        "+fct_coding_findings",
        "--exclude",
        "resource_type:test",
        "resource_type:unit_test",
    )
    return built


def test_marts_findings_show_their_present_state(warehouse: Warehouse) -> None:
    assert warehouse.rows(SELECT) == [
        ("f1", "resolved", Decimal("10.00"), True, True),
        ("f2", "fail", Decimal("12.50"), False, True),
        ("f3", "waived", Decimal("10.00"), False, False),
        ("f4", "fail", Decimal("10.00"), False, True),
        ("f5", "waived", Decimal("10.00"), False, True),
    ]


def test_marts_findings_keep_when_they_were_first_seen(warehouse: Warehouse) -> None:
    assert warehouse.rows(
        "select first_seen_at, last_changed_at from marts.fct_coding_findings where finding_id = 'f2'"
    ) == [(datetime(2026, 5, 1), datetime(2026, 5, 2))]
