"""REMS, observation and the label's schedule of esketamine sessions."""

from datetime import date, datetime, timedelta
from typing import Any

from chart_rows import DAY, site
from rule_case_kit import Case, Chart, at, billed, hit, near, unknown

CERTIFIED = {"rems_site_id": "R1", "rems_from": date(2024, 1, 1)}


def observed(chart: Chart, discharged_at: datetime | None) -> None:
    """The last device at ten past nine."""
    chart.session("56", discharged_at=discharged_at)


def at_site(chart: Chart, **given: Any) -> None:
    """A session at a site of its own."""
    chart.add("site", site(site_id=chart.case_id, **given))
    chart.session("56", visit={"site_id": chart.case_id})


def enrolled(chart: Chart, on: date | None) -> None:
    chart.add("patient", {"birth_date": date(1980, 1, 1), "rems_enrolled_on": on})
    chart.session("56")


def form(chart: Chart, days: int | None, session_on: date = DAY) -> None:
    """A form submitted some days after the session; None: there is none."""
    number = chart.session("56", session_on)
    chart.add("rems_form", {"encounter_id": "somebody else", "form_type": "monitoring"})
    if days is not None:
        submitted = at(8, on=session_on + timedelta(days=days))
        chart.add("rems_form", {"encounter_id": number, "form_type": "monitoring", "submitted_at": submitted})


def undelivered_forms(chart: Chart) -> None:
    chart.own_clinic()
    chart.session("56")


def pressures(
    chart: Chart, *readings: tuple[datetime | None, int | None, int | None], note: bool | None = None
) -> None:
    """A session from 9:10 to 11:40 with these readings."""
    number = chart.session("56")
    for position, (taken_at, sbp, dbp) in enumerate(readings):
        row = {"observation_id": f"{chart.case_id}.o{position}", "encounter_id": number, "kind": "bp"}
        chart.add("observation", {**row, "taken_at": taken_at, "sbp": sbp, "dbp": dbp})
    if note is not None:
        chart.add("session_documentation", {"encounter_id": number, "has_high_bp_note": note})


BEFORE, MIDDLE, LAST = (at(8, 10), 120, 80), (at(9, 50), 120, 80), (at(10, 50), 120, 80)


def first_dose(
    chart: Chart, dose: str | None, *, indication: str | None = "trd", before: str | None = None
) -> None:
    """The first session under an authorization for an indication, or the second after one."""
    chart.prior_auth(indication=indication)
    if before:
        chart.session(before, DAY - timedelta(days=3))
    chart.session(dose)


def first_of_a_short_history(chart: Chart) -> None:
    chart.own_clinic()
    first_dose(chart, "84")


def sessions_on(chart: Chart, *days: int, indication: str = "trd") -> None:
    """Sessions some days after 1 March 2026, under one authorization for the half-year."""
    chart.prior_auth(indication=indication)
    for day in days:
        chart.session("56", date(2026, 3, 1) + timedelta(days=day))


def undated(chart: Chart) -> None:
    """A session without any date."""
    chart.session("56", visit={"start_at": None}, start_at=None)


def extended(chart: Chart, **given: Any) -> None:
    """A session in week 5 for suicidal ideation, and a second authorization."""
    chart.prior_auth(indication="mdd_si", valid_to=date(2026, 3, 28))
    chart.prior_auth(indication="mdd_si", **given)
    chart.session("56", date(2026, 3, 1))
    chart.session("56", date(2026, 3, 29))


def unknown_authorizations(chart: Chart) -> None:
    """A session in week 5 for suicidal ideation by its billed diagnoses; no authorizations delivered."""
    chart.own_clinic()
    chart.session("56", date(2026, 3, 1))
    chart.session("56", date(2026, 3, 29))
    chart.bill(billed("J0013", "56", dos_from=date(2026, 3, 29)), dx1="F32.2", dx2="R45.851")


def born(chart: Chart, on: date | None) -> None:
    chart.add("patient", {"birth_date": on})
    chart.session("56")


CASES: list[Case] = [
    hit("monitoring-two-hours", "119 minutes", lambda c: observed(c, at(11, 9))),
    near("monitoring-two-hours", "120 minutes", lambda c: observed(c, at(11, 10))),
    unknown("monitoring-two-hours", "no discharge", lambda c: observed(c, None)),
    hit(
        "rems-site-certified",
        "from the next day on",
        lambda c: at_site(c, rems_site_id="R", rems_from=DAY + timedelta(days=1)),
    ),
    hit(
        "rems-site-certified",
        "until the day before",
        lambda c: at_site(c, **CERTIFIED, rems_to=DAY - timedelta(days=1)),
    ),
    hit("rems-site-certified", "never certified", at_site),
    near("rems-site-certified", "on its last day", lambda c: at_site(c, **CERTIFIED, rems_to=DAY)),
    near("rems-site-certified", "on its first day", lambda c: at_site(c, rems_site_id="R", rems_from=DAY)),
    unknown("rems-site-certified", "no first day", lambda c: at_site(c, rems_site_id="R")),
    unknown(
        "rems-site-certified", "an unknown site", lambda c: c.session("56", visit={"site_id": "nowhere"})
    ),
    hit("rems-patient-enrolled", "a day late", lambda c: enrolled(c, DAY + timedelta(days=1))),
    hit("rems-patient-enrolled", "never", lambda c: enrolled(c, None)),
    near("rems-patient-enrolled", "on the day", lambda c: enrolled(c, DAY)),
    unknown("rems-patient-enrolled", "no record of the patient", lambda c: c.session("56")),
    hit("rems-monitoring-form", "none after 8 days", lambda c: form(c, None, date(2026, 5, 24))),
    near("rems-monitoring-form", "none, on the seventh day", lambda c: form(c, None, date(2026, 5, 25))),
    near("rems-monitoring-form", "late is not missing", lambda c: form(c, 8)),
    unknown("rems-monitoring-form", "never delivered", undelivered_forms),
    hit("rems-monitoring-form-late", "on the eighth day", lambda c: form(c, 8)),
    near("rems-monitoring-form-late", "on the seventh day", lambda c: form(c, 7)),
    unknown("rems-monitoring-form-late", "never delivered", undelivered_forms),
    hit(
        "bp-schedule",
        "none at 40 minutes",
        lambda c: pressures(c, BEFORE, (at(9, 39), 120, 80), (at(10, 1), 120, 80), LAST),
    ),
    hit(
        "bp-schedule",
        "the last one after discharge",
        lambda c: pressures(c, BEFORE, MIDDLE, (at(11, 41), 120, 80)),
    ),
    hit("bp-schedule", "61 minutes before", lambda c: pressures(c, (at(8, 9), 120, 80), MIDDLE, LAST)),
    near(
        "bp-schedule",
        "at the edges",
        lambda c: pressures(c, BEFORE, (at(9, 40), 120, 80), (at(11, 40), 120, 80)),
    ),
    unknown("bp-schedule", "one without time", lambda c: pressures(c, BEFORE, (None, 120, 80), LAST)),
    unknown(
        "bp-schedule", "one without diastolic", lambda c: pressures(c, BEFORE, (at(9, 50), 120, None), LAST)
    ),
    hit("bp-high-needs-note", "141 and no note", lambda c: pressures(c, (at(9), 141, 80), note=False)),
    hit("bp-high-needs-note", "91 and no note", lambda c: pressures(c, (at(9), 120, 91), note=False)),
    near("bp-high-needs-note", "140/90", lambda c: pressures(c, (at(9), 140, 90), note=False)),
    near("bp-high-needs-note", "a note", lambda c: pressures(c, (at(9), 150, 95), note=True)),
    unknown(
        "bp-high-needs-note", "not known whether there is a note", lambda c: pressures(c, (at(9), 150, 95))
    ),
    hit("dose-first-day", "84 mg", lambda c: first_dose(c, "84")),
    near("dose-first-day", "56 mg", lambda c: first_dose(c, "56")),
    near("dose-first-day", "84 mg at the second session", lambda c: first_dose(c, "84", before="56")),
    near("dose-first-day", "84 mg for suicidal ideation", lambda c: first_dose(c, "84", indication="mdd_si")),
    unknown("dose-first-day", "no dose", lambda c: first_dose(c, None)),
    unknown("dose-first-day", "the clinic's history begins with it", first_of_a_short_history),
    hit("phase-frequency", "a third session in week 1", lambda c: sessions_on(c, 0, 3, 6)),
    hit("phase-frequency", "two sessions in week 5", lambda c: sessions_on(c, 0, 28, 34)),
    near("phase-frequency", "two sessions in week 4", lambda c: sessions_on(c, 0, 21, 27)),
    near("phase-frequency", "six days apart in two treatment weeks", lambda c: sessions_on(c, 0, 34, 40)),
    unknown("phase-frequency", "no date", undated),
    hit(
        "mdd-si-four-weeks",
        "week 5 under the first one",
        lambda c: sessions_on(c, 0, 28, indication="mdd_si"),
    ),
    near("mdd-si-four-weeks", "the last day of week 4", lambda c: sessions_on(c, 0, 27, indication="mdd_si")),
    near(
        "mdd-si-four-weeks", "a new one from week 5 on", lambda c: extended(c, valid_from=date(2026, 3, 29))
    ),
    near("mdd-si-four-weeks", "another indication", lambda c: sessions_on(c, 0, 28)),
    unknown("mdd-si-four-weeks", "authorizations never delivered", unknown_authorizations),
    hit("age-18", "the day before the birthday", lambda c: born(c, date(2008, 3, 11))),
    near("age-18", "the birthday", lambda c: born(c, date(2008, 3, 10))),
    unknown("age-18", "no birth date", lambda c: born(c, None)),
]
