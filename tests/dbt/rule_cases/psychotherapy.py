"""Psychotherapy: its minutes, the visit beside it, the observation after a dose, the other patients."""

from datetime import datetime, timedelta
from typing import Any

from chart_rows import Row, encounter
from rule_case_kit import Case, Chart, at, billed, hit, near, unknown

OTHER = "3333333333"


def log(chart: Chart, number: str, start: datetime | None, minutes: int | None, **given: Any) -> None:
    """An entry of psychotherapy."""
    end = None if start is None or minutes is None else start + timedelta(minutes=minutes)
    row = {"time_id": f"{number}.t{start}", "encounter_id": number, "npi": "2222222222"}
    times = {"activity": "psychotherapy", "start_at": start, "end_at": end, "minutes": minutes}
    chart.add("time_log", {**row, **times, **given})


def therapy(chart: Chart, code: str, minutes: int | None) -> None:
    log(chart, chart.visit(), at(9), minutes)
    chart.bill(billed(code))


def pair(chart: Chart, *lines: Row, **claim: Any) -> None:
    chart.visit()
    chart.bill(*lines, **claim)


def observed(
    chart: Chart,
    start: datetime | None,
    *lines: Row,
    code: str = "90837",
    charted: bool = True,
    **claim: Any,
) -> None:
    """A dose at ten past nine, an hour of therapy from a time on, the observation billed or not."""
    number = chart.session("56") if charted else chart.visit()
    log(chart, number, start, 60)
    chart.bill(billed(code), *lines, **claim)


def two_patients(
    chart: Chart,
    start: datetime | None,
    *,
    npi: str = "own",
    activity: str = "psychotherapy",
    status: str | None = None,
) -> None:
    """An hour of therapy from nine on, and another patient's entry of half an hour from a time on."""
    mine = f"{chart.case_id}.npi"
    log(chart, chart.visit(), at(9), 60, npi=mine)
    chart.bill(billed("90837"))
    other = f"{chart.case_id}x.e1"  # of a subject that is no case
    chart.add("encounter", encounter(other, f"{chart.case_id}x", status=status))
    log(chart, other, start, 30, npi=mine if npi == "own" else npi, activity=activity)


def lone_log(chart: Chart, npi: str | None) -> None:
    log(chart, chart.visit(), at(9), 60, npi=npi)
    chart.bill(billed("90837"))


SESSION = billed("G2083")
THEIRS = billed("G2083", rendering_npi=OTHER)
VISIT = billed("99214")

CASES: list[Case] = [
    hit("psychotherapy-time-band", "15 minutes are none", lambda c: therapy(c, "90832", 15)),
    hit("psychotherapy-time-band", "38 minutes billed short", lambda c: therapy(c, "90832", 38)),
    hit("psychotherapy-time-band", "37 minutes billed middle", lambda c: therapy(c, "90834", 37)),
    hit("psychotherapy-time-band", "52 minutes billed long", lambda c: therapy(c, "90837", 52)),
    hit("psychotherapy-time-band", "53 minutes added as middle", lambda c: therapy(c, "90836", 53)),
    near("psychotherapy-time-band", "16 minutes", lambda c: therapy(c, "90833", 16)),
    near("psychotherapy-time-band", "37 minutes", lambda c: therapy(c, "90832", 37)),
    near("psychotherapy-time-band", "38 minutes", lambda c: therapy(c, "90836", 38)),
    near("psychotherapy-time-band", "52 minutes", lambda c: therapy(c, "90834", 52)),
    near("psychotherapy-time-band", "53 minutes", lambda c: therapy(c, "90838", 53)),
    unknown("psychotherapy-time-band", "no minutes", lambda c: therapy(c, "90837", None)),
    hit("psychotherapy-addon-pairing", "the add-on alone", lambda c: pair(c, billed("90833"))),
    hit(
        "psychotherapy-addon-pairing", "stand-alone beside a visit", lambda c: pair(c, billed("90837"), VISIT)
    ),
    hit(
        "psychotherapy-addon-pairing",
        "the add-on on a session code",
        lambda c: pair(c, billed("90836"), SESSION),
    ),
    hit(
        "psychotherapy-addon-pairing",
        "the add-on on another's visit",
        lambda c: pair(c, billed("90833"), billed("99214", rendering_npi=OTHER)),
    ),
    near(
        "psychotherapy-addon-pairing", "the add-on beside a visit", lambda c: pair(c, billed("90833"), VISIT)
    ),
    near(
        "psychotherapy-addon-pairing",
        "stand-alone beside another's visit",
        lambda c: pair(c, billed("90837"), billed("99214", rendering_npi=OTHER)),
    ),
    unknown(
        "psychotherapy-addon-pairing",
        "no clinician",
        lambda c: pair(c, billed("90837"), VISIT, rendering_npi=None),
    ),
    hit("psychotherapy-not-monitoring", "from 11:09 on", lambda c: observed(c, at(11, 9), SESSION)),
    hit("psychotherapy-not-monitoring", "beside staff time", lambda c: observed(c, at(10), billed("99415"))),
    near(
        "psychotherapy-not-monitoring", "two hours after the dose", lambda c: observed(c, at(11, 10), SESSION)
    ),
    near("psychotherapy-not-monitoring", "up to the dose", lambda c: observed(c, at(8, 10), SESSION)),
    near("psychotherapy-not-monitoring", "no observation billed", lambda c: observed(c, at(10), VISIT)),
    near("psychotherapy-not-monitoring", "another clinician's", lambda c: observed(c, at(10), THEIRS)),
    unknown("psychotherapy-not-monitoring", "no times", lambda c: observed(c, None, SESSION)),
    unknown(
        "psychotherapy-not-monitoring",
        "no dose charted",
        lambda c: observed(c, at(10), SESSION, charted=False),
    ),
    unknown(
        "psychotherapy-not-monitoring",
        "no clinician",
        lambda c: observed(c, at(10), SESSION, rendering_npi=None),
    ),
    hit("psychotherapy-in-others-monitoring", "in the middle of it", lambda c: observed(c, at(10), THEIRS)),
    near("psychotherapy-in-others-monitoring", "after it", lambda c: observed(c, at(11, 10), THEIRS)),
    near("psychotherapy-in-others-monitoring", "one's own", lambda c: observed(c, at(10), SESSION)),
    unknown("psychotherapy-in-others-monitoring", "no times", lambda c: observed(c, None, THEIRS)),
    hit("same-clinician-time-overlap", "a minute", lambda c: two_patients(c, at(9, 59))),
    hit(
        "same-clinician-time-overlap",
        "a visit within it",
        lambda c: two_patients(c, at(9, 20), activity="em"),
    ),
    near("same-clinician-time-overlap", "one after the other", lambda c: two_patients(c, at(10))),
    near("same-clinician-time-overlap", "two clinicians", lambda c: two_patients(c, at(9, 20), npi=OTHER)),
    near(
        "same-clinician-time-overlap",
        "the other is watched only",
        lambda c: two_patients(c, at(9, 20), activity="monitoring"),
    ),
    near(
        "same-clinician-time-overlap",
        "the other did not come",
        lambda c: two_patients(c, at(9, 20), status="no_show"),
    ),
    unknown("same-clinician-time-overlap", "no clinician", lambda c: lone_log(c, None)),
]
