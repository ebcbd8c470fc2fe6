"""Prior authorization of a line."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from chart_rows import DAY
from rule_case_kit import Case, Chart, billed, hit, near, unknown


def authorised(chart: Chart, **given: Any) -> None:
    """A session of a plan that wants an authorization, and one authorization."""
    chart.session("56")
    chart.prior_auth(**given)
    chart.bill(billed("J0013", "56"))


def unauthorised(chart: Chart) -> None:
    chart.session("56")
    chart.bill(billed("J0013", "56"))


def not_delivered(chart: Chart) -> None:
    chart.own_clinic()
    unauthorised(chart)


def not_wanted(chart: Chart) -> None:
    chart.policies(pa_required="false")
    unauthorised(chart)


CASES: list[Case] = [
    hit("pa-present", "none was ever decided", unauthorised),
    near("pa-present", "an expired one", lambda c: authorised(c, valid_to=DAY - timedelta(days=1))),
    near("pa-present", "the payer wants none", not_wanted),
    unknown("pa-present", "the clinic never delivered authorizations", not_delivered),
    hit(
        "pa-date-covered",
        "it ran out the day before",
        lambda c: authorised(c, valid_to=DAY - timedelta(days=1)),
    ),
    near("pa-date-covered", "its last day", lambda c: authorised(c, valid_to=DAY)),
    unknown("pa-date-covered", "the clinic never delivered authorizations", not_delivered),
    hit(
        "pa-units-left",
        "one mg too few",
        lambda c: authorised(c, units_approved=Decimal(55), unit_basis="mg"),
    ),
    near(
        "pa-units-left", "just enough", lambda c: authorised(c, units_approved=Decimal(56), unit_basis="mg")
    ),
    unknown("pa-units-left", "the clinic never delivered authorizations", not_delivered),
]
