"""A clinic's own policy rows: versions side by side, the one in force on the date of service counts."""

from datetime import date
from typing import Any

from chart_rows import claim, coverage, line, site
from conftest import MakeWarehouse
from tiny_raw import File

MONOTHERAPY = date(2025, 1, 21)  # the label allows esketamine alone from this day on
BEFORE = date(2025, 1, 20)


def policy(
    parameter: str, value: str, first: date, last: date | None, recorded: date, **given: Any
) -> dict[str, Any]:
    return {
        "clinic_id": "c1",
        "payer_id": "bcbs_nd",
        "line_of_business": "commercial",
        "parameter": parameter,
        "value": value,
        "valid_from": first,
        "valid_to": last,
        "recorded_at": recorded,
        **given,
    }


START, READ, READ_AGAIN = date(2020, 1, 1), date(2025, 2, 1), date(2025, 3, 1)
POLICIES = [
    policy("trd_n", "3", START, BEFORE, READ),
    policy("trd_n", "2", MONOTHERAPY, None, READ),
    policy("needs_oral_ad", "true", START, None, READ),
    policy("needs_oral_ad", "false", MONOTHERAPY, None, READ_AGAIN),
    policy("trial_weeks", "8", START, None, READ),
    policy("trial_weeks", "6", START, None, READ_AGAIN),  # read once more, better
    policy("pa_required", "false", START, None, READ, clinic_id="c2"),  # of another clinic
]
DAYS = {"old": BEFORE, "new": MONOTHERAPY}
EHR = File(
    "ehr",
    {
        "site": [site()],
        "patient": [{"clinic_id": "c1", "patient_id": "p1"}],
        "coverage": [coverage("p1", payer_id="bcbs_nd")],
        "payer_policy": POLICIES,
        "claim": [claim(number) for number in DAYS],
        "claim_line": [
            line(number, dos_from=on, dos_to=on, encounter_id=None) for number, on in DAYS.items()
        ],
    },
    1,
)
FOUND = """
    select lines.claim_id, policies.trd_n_policy, policies.needs_oral_ad_policy, policies.trial_weeks_policy,
        policies.is_prior_auth_required
    from intermediate.int_ehr__line_policies as policies
    inner join intermediate.int_ehr__claim_lines as lines using (claim_line_key)
"""


def test_the_version_in_force_on_the_date_of_service_counts(make_warehouse: MakeWarehouse) -> None:
    made = make_warehouse("policies")
    made.raw.commit(EHR)
    made.run("run", "--select", "+int_ehr__line_policies", "--exclude", "resource_type:seed")
    assert {row[0]: row[1:] for row in made.rows(FOUND)} == {
        "old": ("3", "true", "6", True),
        "new": ("2", "false", "6", True),
    }
    # the clinic settles what public sources leave open
    assert made.rows(
        "select policy_value, precedence, is_contested from intermediate.int_ehr__payer_policies"
        " where payer_id = 'bcbs_nd' and parameter = 'trd_n' order by precedence, valid_from_date"
    ) == [("3", 1, False), ("2", 1, False), ("2", 4, True)]
