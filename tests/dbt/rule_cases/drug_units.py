"""Units and codes of esketamine by weight."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from chart_rows import DAY
from rule_case_kit import Case, Chart, billed, hit, near, unknown

NEW_YEAR = date(2026, 1, 1)


def drug(
    chart: Chart, code: str = "J0013", units: str | None = "56", dose: str | None = "56", **given: Any
) -> None:
    """A session billed by weight."""
    on = given.get("dos_from", DAY) or DAY
    chart.session(dose, on)
    chart.bill(billed(code, units, **given))


def overbilled(chart: Chart) -> None:
    """No other rule puts the whole line at stake: the payer wants neither authorization nor trials."""
    chart.policies(pa_required="false", trd_n="0")
    drug(chart, units="84")


def patisiran(chart: Chart, dx: str | None) -> None:
    chart.session("56")
    chart.bill(billed("J0222", "56"), dx1=dx)


def two_lines(chart: Chart, first: str, second: str | None) -> None:
    chart.session("84")
    chart.bill(billed("J0013", first), billed("J0013", second))


def grace(chart: Chart, last_day: str) -> None:
    chart.policies(esketamine_code_grace_to=last_day)
    drug(chart, "S0013", dos_from=date(2026, 1, 15))


def authorised(chart: Chart, *lists: str | None, crosswalk: str | None = None) -> None:
    """J0013 and an authorization for each list of codes."""
    chart.policies(**{"pa_crosswalk": crosswalk} if crosswalk else {})
    for codes in lists:
        chart.prior_auth(payer=chart.case_id, codes=codes)
    drug(chart)


def vials(chart: Chart, wasted: str | None, *, count: int = 1, kind: str = "single") -> None:
    """40 mg from vials of 200 mg."""
    session = {"drug": "ketamine", "route": "iv", "container_type": kind, "container_count": count}
    wasted_mg = None if wasted is None else Decimal(wasted)
    chart.session("40", **session, ndc11="55150043810", wasted_mg=wasted_mg)


CASES: list[Case] = [
    hit("drug-units-match-dose", "one unit for 56 mg", lambda c: drug(c, units="1")),
    hit("drug-units-match-dose", "84 units for 56 mg: a third of the charge", overbilled, "333.33"),
    near("drug-units-match-dose", "56 units for 56 mg", drug),
    unknown("drug-units-match-dose", "the dose is not charted", lambda c: drug(c, dose=None)),
    hit("patisiran-trap", "J0222 with a depression", lambda c: patisiran(c, "F33.2")),
    near("patisiran-trap", "J0222 with amyloidosis", lambda c: patisiran(c, "E85.1")),
    unknown("patisiran-trap", "J0222 without a diagnosis", lambda c: patisiran(c, None)),
    hit(
        "esketamine-code-by-date",
        "S0013 on the first day of 2026",
        lambda c: drug(c, "S0013", dos_from=NEW_YEAR),
    ),
    hit(
        "esketamine-code-by-date",
        "J0013 on the last day of 2025",
        lambda c: drug(c, dos_from=NEW_YEAR - timedelta(days=1)),
        "1000.00",
    ),
    near(
        "esketamine-code-by-date",
        "S0013 on the last day of 2025",
        lambda c: drug(c, "S0013", dos_from=NEW_YEAR - timedelta(days=1)),
    ),
    near("esketamine-code-by-date", "S0013 within the payer's grace", lambda c: grace(c, "2026-01-15")),
    hit("esketamine-code-by-date", "S0013 a day after the payer's grace", lambda c: grace(c, "2026-01-14")),
    unknown("esketamine-code-by-date", "no date of service", lambda c: drug(c, dos_from=None)),
    hit("drug-units-label-max", "56 and 29 units on one day", lambda c: two_lines(c, "56", "29")),
    near("drug-units-label-max", "56 and 28 units on one day", lambda c: two_lines(c, "56", "28")),
    unknown("drug-units-label-max", "a second line without units", lambda c: two_lines(c, "56", None)),
    hit("drug-units-label-dose", "65 units", lambda c: drug(c, units="65")),
    near("drug-units-label-dose", "28 and 28 units make a dose", lambda c: two_lines(c, "28", "28")),
    unknown("drug-units-label-dose", "no units", lambda c: drug(c, units=None)),
    hit(
        "esketamine-pa-code-crosswalk",
        "the authorization lists S0013",
        lambda c: authorised(c, "99214;S0013"),
    ),
    near(
        "esketamine-pa-code-crosswalk",
        "another one lists J0013",
        lambda c: authorised(c, "S0013", "j0013; 99214"),
    ),
    near(
        "esketamine-pa-code-crosswalk",
        "the payer carries it over",
        lambda c: authorised(c, "S0013", crosswalk="true"),
    ),
    near("esketamine-pa-code-crosswalk", "neither code is listed", lambda c: authorised(c, "99214")),
    unknown("esketamine-pa-code-crosswalk", "an authorization without codes", lambda c: authorised(c, None)),
    hit("waste-sum", "10 mg are gone", lambda c: vials(c, "150")),
    hit("waste-sum", "a second vial", lambda c: vials(c, "160", count=2)),
    near("waste-sum", "40 given, 160 discarded", lambda c: vials(c, "160")),
    near("waste-sum", "a multi-dose vial", lambda c: vials(c, "0", kind="multi")),
    unknown("waste-sum", "waste not charted", lambda c: vials(c, None)),
    hit("dose-whole-devices", "60 mg", lambda c: c.session("60")),
    near("dose-whole-devices", "84 mg", lambda c: c.session("84")),
    unknown("dose-whole-devices", "the dose is not charted", lambda c: c.session(None)),
]
