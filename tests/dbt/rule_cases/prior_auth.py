"""Prior authorization of a line."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from chart_rows import DAY, Row
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


def under(
    chart: Chart,
    code: str = "J0013",
    *,
    payer: str | None = None,
    number: str | None = "A-1",
    line: Row | None = None,
    **given: Any,
) -> None:
    """A session billed under one authorization of number 00a1."""
    chart.coverage(payer or "aetna")
    chart.session("56")
    listed = {"pa_number": "00a1", "codes": "J0013;G2082", **given}
    chart.prior_auth(payer or "aetna", **listed)
    chart.bill(billed(code, "1", **(line or {})), pa_number=number)


def no_site(chart: Chart) -> None:
    chart.session("56")
    chart.prior_auth(site_id="s1")
    chart.bill(billed("J0013", "56"), site_id=None)


def crossed(chart: Chart) -> None:
    chart.policies(pa_crosswalk="true", pa_required="true")
    chart.session("56")
    chart.prior_auth(chart.case_id, codes="G2082")
    chart.bill(billed("J0013", "56"))


def overlapping(chart: Chart, number: str | None, second: str = "B2") -> None:
    chart.session("56")
    chart.prior_auth(pa_number="A1")
    chart.prior_auth(pa_number=second)
    chart.bill(billed("J0013", "56"), pa_number=number)


def tried(chart: Chart, *trials: Row, indication: str | None = "trd", **policies: str) -> None:
    """An esketamine session after these trials, each sertraline 50 mg for six weeks but for what it says."""
    if policies:
        chart.policies(**policies)
    else:
        chart.coverage()
    payer = chart.case_id if policies else "aetna"
    chart.prior_auth(payer, indication=indication)
    chart.session("56")
    usual = {"drug": "sertraline", "max_dose_mg": Decimal(50), "weeks": Decimal(6), "outcome": "inadequate"}
    for number, trial in enumerate(trials):
        row = {"trial_id": f"{chart.case_id}.{number}", "start_on": DAY - timedelta(days=300), **usual}
        chart.add("medication_trial", {**row, "stop_on": DAY - timedelta(days=200), "class": "ssri", **trial})
    dx = "F33.2" if indication else "F43.10"
    chart.bill(billed("J0013", "56"), dx1=dx)


BUPROPION = {"drug": "bupropion", "max_dose_mg": Decimal(150), "class": "ndri"}
CITALOPRAM = {"drug": "citalopram", "max_dose_mg": Decimal(20)}


def untold_trials(chart: Chart) -> None:
    chart.own_clinic()
    tried(chart)


def untold_medication(chart: Chart) -> None:
    chart.own_clinic()
    tried(chart, indication="mdd_si")


CASES: list[Case] = [
    hit("pa-code-covered", "G2083 under one for G2082", lambda c: under(c, "G2083")),
    near("pa-code-covered", "listed in small letters", lambda c: under(c, codes="g2082; j0013")),
    near("pa-code-covered", "another code under a crosswalk", crossed),
    unknown("pa-code-covered", "it lists no codes", lambda c: under(c, codes=None)),
    hit("pa-number-on-claim", "empty", lambda c: under(c, number=None)),
    hit("pa-number-on-claim", "blank", lambda c: under(c, number=" - ")),
    near("pa-number-on-claim", "a number", under),
    near("pa-number-on-claim", "empty where none is wanted", not_wanted),
    unknown(
        "pa-number-on-claim", "no policy of the payer", lambda c: under(c, payer="nobody knows", number=None)
    ),
    hit("pa-number-matches", "two digits swapped", lambda c: under(c, number="1A")),
    near("pa-number-matches", "other case, hyphen and zeros", lambda c: under(c, number=" 0A-1 ")),
    unknown("pa-number-matches", "the authorization has none", lambda c: under(c, pa_number=None)),
    hit("pa-tie", "no number", lambda c: overlapping(c, None)),
    hit("pa-tie", "both have it", lambda c: overlapping(c, "A1", "0a1")),
    near("pa-tie", "the number picks one", lambda c: overlapping(c, "a-1")),
    unknown("pa-tie", "never delivered", not_delivered),
    hit("pa-provider-site-match", "another clinician", lambda c: under(c, npi="3333333333")),
    hit("pa-provider-site-match", "another site", lambda c: under(c, site_id="s9")),
    near(
        "pa-provider-site-match",
        "the rendering clinician of the line",
        lambda c: under(c, npi="3333333333", line={"rendering_npi": "3333333333"}),
    ),
    near(
        "pa-provider-site-match",
        "the billing one and the site",
        lambda c: under(c, npi="1111111111", site_id="s1"),
    ),
    near("pa-provider-site-match", "names neither", under),
    unknown("pa-provider-site-match", "the claim names no site", lambda c: no_site(c)),
    hit("trd-two-trials", "one", lambda c: tried(c, {})),
    hit("trd-two-trials", "the same drug twice", lambda c: tried(c, {}, {})),
    hit(
        "trd-two-trials",
        "one below its dose",
        lambda c: tried(c, {}, {**BUPROPION, "max_dose_mg": Decimal("149.9")}),
    ),
    hit("trd-two-trials", "one a day short", lambda c: tried(c, {}, {**BUPROPION, "weeks": Decimal("5.9")})),
    hit("trd-two-trials", "one that helped", lambda c: tried(c, {}, {**BUPROPION, "outcome": "response"})),
    hit(
        "trd-two-trials",
        "one class where two are asked",
        lambda c: tried(c, {}, CITALOPRAM, distinct_classes="true"),
    ),
    hit(
        "trd-two-trials",
        "one of an earlier episode",
        lambda c: tried(c, {"episode_no": 1}, {**BUPROPION, "episode_no": 2}, trials_in_episode="true"),
    ),
    hit("trd-two-trials", "two where three are asked", lambda c: tried(c, {}, BUPROPION, trd_n="3")),
    near("trd-two-trials", "two", lambda c: tried(c, {}, BUPROPION)),
    near("trd-two-trials", "two of a class", lambda c: tried(c, {}, CITALOPRAM)),
    near("trd-two-trials", "one where one is asked", lambda c: tried(c, {}, trd_n="1")),
    near(
        "trd-two-trials",
        "four weeks where four are asked",
        lambda c: tried(c, {"weeks": Decimal(4)}, BUPROPION, trial_weeks="4"),
    ),
    near("trd-two-trials", "another indication", lambda c: tried(c, {}, indication="mdd_si")),
    unknown(
        "trd-two-trials", "one of unknown dose", lambda c: tried(c, {}, {**BUPROPION, "max_dose_mg": None})
    ),
    unknown("trd-two-trials", "never delivered", untold_trials),
    unknown("trd-two-trials", "the indication is not known", lambda c: tried(c, {}, indication=None)),
    hit(
        "concurrent-oral-antidepressant",
        "stopped the day before",
        lambda c: tried(c, {"stop_on": DAY - timedelta(days=1)}, needs_oral_ad="true"),
    ),
    hit(
        "concurrent-oral-antidepressant",
        "another drug",
        lambda c: tried(c, {"drug": "lithium", "stop_on": None}, needs_oral_ad="true"),
    ),
    hit("concurrent-oral-antidepressant", "for ideation", lambda c: tried(c, {}, indication="mdd_si")),
    near(
        "concurrent-oral-antidepressant",
        "still taken",
        lambda c: tried(c, {"stop_on": None}, needs_oral_ad="true"),
    ),
    near(
        "concurrent-oral-antidepressant",
        "its last day",
        lambda c: tried(c, {"stop_on": DAY}, needs_oral_ad="true"),
    ),
    near("concurrent-oral-antidepressant", "not asked", lambda c: tried(c, {}, needs_oral_ad="false")),
    unknown("concurrent-oral-antidepressant", "never delivered", untold_medication),
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
