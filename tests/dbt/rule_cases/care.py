"""Measurement and collaborative care."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from chart_rows import DAY, Row
from rule_case_kit import Case, Chart, at, billed, hit, near, unknown

OTHER = "3333333333"
MAY = date(2026, 5, 20)
EIGHT = at(8)


def manage(
    chart: Chart, minutes: int | None, *, start: datetime = EIGHT, month: str | None = "2026-03"
) -> None:
    """Care management of the patient, of no encounter."""
    end = None if minutes is None else start + timedelta(minutes=minutes)
    number = f"{chart.case_id}.{start:%d%H%M}"
    row = {"time_id": number, "patient_id": chart.case_id, "activity": "cocm", "service_month": month}
    chart.add("time_log", {**row, "npi": "4444444444", "start_at": start, "end_at": end, "minutes": minutes})


def month(chart: Chart, minutes: int | None, *lines: Row, **claim: Any) -> None:
    """The minutes of a month and what was billed for it."""
    manage(chart, minutes)
    chart.bill(*lines, **claim)


def month_in_parts(chart: Chart, *parts: tuple[int, str]) -> None:
    """Entries of so many minutes of some months, each on a day of its own, and the first month's code."""
    for day, (minutes, service_month) in enumerate(parts, start=1):
        manage(chart, minutes, start=datetime(2026, 3, day, 8), month=service_month)
    chart.bill(billed("99492"))


def two_claims(chart: Chart, on: date) -> None:
    """The later month's code in two claims."""
    month(chart, 31, billed("99493"))
    manage(chart, 31, start=datetime(2026, 5, 4, 8), month="2026-05")
    chart.bill(billed("99493", dos_from=on))


def in_session(chart: Chart, start: datetime) -> None:
    """36 minutes on the day of a session from 9:10 to 11:40 UTC-4, told with their offset."""
    chart.session("56")
    number = {
        "time_id": f"{chart.case_id}.t",
        "patient_id": chart.case_id,
        "encounter_id": f"{chart.case_id}.e1",
    }
    times = {"activity": "cocm", "start_at": start, "end_at": start + timedelta(minutes=36), "minutes": 36}
    chart.add("time_log", {**number, **times, "service_month": "2026-03"})
    chart.bill(billed("99492"))


def models(chart: Chart, *lines: Row, lob: str | None = "medicare_b", **claim: Any) -> None:
    chart.coverage("medicare_b", lob)
    chart.bill(*lines, **claim)


def measure(
    chart: Chart,
    units: str | None,
    *instruments: str | None,
    lines: tuple[Row, ...] = (),
    lob: str | None = "ma",
    score: Decimal | None = Decimal(9),
    **claim: Any,
) -> None:
    """Questionnaires scored on the day, and 96127 billed."""
    chart.coverage("ma_any", lob)
    chart.visit()
    for number, instrument in enumerate(instruments):
        row = {"observation_id": f"{chart.case_id}.o{number}", "kind": "instrument", "instrument": instrument}
        chart.add("observation", {**row, "value_num": score, "taken_at": at(9)})
    chart.bill(billed("96127", units), *lines, **claim)


def unmeasured(chart: Chart, units: str) -> None:
    chart.own_clinic()
    measure(chart, units)


def scored_elsewhere(chart: Chart) -> None:
    """A score, but of the day before."""
    measure(chart, "1")
    row = {"observation_id": f"{chart.case_id}.o", "kind": "instrument", "instrument": "PHQ-9"}
    chart.add("observation", {**row, "value_num": Decimal(9), "taken_at": at(9, 0, DAY - timedelta(days=1))})


FIRST, LATER, SHORT = billed("99492"), billed("99493"), billed("G2214")
THERAPY = billed("90837")
FOUR = ("PHQ-9", "GAD-7", "MADRS", "QIDS")

CASES: list[Case] = [
    hit("cocm-minutes", "35 minutes of a first month", lambda c: month(c, 35, FIRST)),
    hit("cocm-minutes", "30 of a later one", lambda c: month(c, 30, LATER)),
    hit("cocm-minutes", "15 of the short service", lambda c: month(c, 15, SHORT)),
    hit("cocm-minutes", "the short beside the full service", lambda c: month(c, 90, LATER, SHORT)),
    hit(
        "cocm-minutes", "85 minutes make no further half hour", lambda c: month(c, 85, FIRST, billed("99494"))
    ),
    hit("cocm-minutes", "116 make two", lambda c: month(c, 116, FIRST, billed("99494"))),
    hit("cocm-minutes", "75 of a later month make none", lambda c: month(c, 75, LATER, billed("99494"))),
    hit("cocm-minutes", "a further half hour of nothing", lambda c: month(c, 90, billed("99494"))),
    hit("cocm-minutes", "two claims in the month", lambda c: two_claims(c, DAY)),
    hit(
        "cocm-minutes",
        "36 minutes, six of another month",
        lambda c: month_in_parts(c, (30, "2026-03"), (6, "2026-02")),
    ),
    hit("cocm-minutes", "a minute of them within a session", lambda c: in_session(c, at(8, 35))),
    near("cocm-minutes", "36 minutes of a first month", lambda c: month(c, 36, FIRST)),
    near("cocm-minutes", "36 minutes in parts", lambda c: month_in_parts(c, (30, "2026-03"), (6, "2026-03"))),
    near("cocm-minutes", "36 minutes up to the session", lambda c: in_session(c, at(8, 34))),
    near("cocm-minutes", "31 of a later month", lambda c: month(c, 31, LATER)),
    near("cocm-minutes", "16 of the short service", lambda c: month(c, 16, SHORT)),
    near("cocm-minutes", "86 make one further half hour", lambda c: month(c, 86, FIRST, billed("99494"))),
    near("cocm-minutes", "116 make two of them", lambda c: month(c, 116, FIRST, billed("99494", "2"))),
    near("cocm-minutes", "76 of a later month make one", lambda c: month(c, 76, LATER, billed("99494"))),
    near("cocm-minutes", "a claim each in two months", lambda c: two_claims(c, MAY)),
    unknown("cocm-minutes", "an entry without minutes", lambda c: month(c, None, FIRST)),
    unknown("cocm-minutes", "no entry", lambda c: models(c, FIRST)),
    hit("cocm-apcm-exclusive", "both in a month", lambda c: models(c, LATER, billed("G0569"))),
    hit(
        "cocm-apcm-exclusive",
        "integration code and add-on",
        lambda c: models(c, billed("99484"), billed("G0570", dos_from=date(2026, 3, 30)), billed("G0557")),
    ),
    hit("cocm-apcm-exclusive", "an add-on without its base", lambda c: models(c, billed("G0568"))),
    near(
        "cocm-apcm-exclusive", "an add-on and its base", lambda c: models(c, billed("G0568"), billed("G0556"))
    ),
    near(
        "cocm-apcm-exclusive",
        "of two months",
        lambda c: models(c, LATER, billed("G0568", dos_from=MAY), billed("G0556", dos_from=MAY)),
    ),
    near(
        "cocm-apcm-exclusive",
        "of two clinicians",
        lambda c: models(
            c, LATER, billed("G0568", rendering_npi=OTHER), billed("G0556", rendering_npi=OTHER)
        ),
    ),
    near("cocm-apcm-exclusive", "another payer", lambda c: models(c, LATER, billed("G0568"), lob="ma")),
    unknown(
        "cocm-apcm-exclusive",
        "no clinician",
        lambda c: models(c, LATER, billed("G0569"), billed("G0556"), rendering_npi=None),
    ),
    hit("mbc-96127-per-instrument", "two units, one instrument", lambda c: measure(c, "2", "PHQ-9")),
    hit("mbc-96127-per-instrument", "one instrument twice", lambda c: measure(c, "2", "PHQ-9", "phq-9")),
    hit("mbc-96127-per-instrument", "scored the day before", scored_elsewhere),
    hit(
        "mbc-96127-per-instrument",
        "two lines of a unit",
        lambda c: measure(c, "1", "PHQ-9", lines=(billed("96127"),)),
    ),
    hit("mbc-96127-per-instrument", "given, not scored", lambda c: measure(c, "1", "PHQ-9", score=None)),
    near("mbc-96127-per-instrument", "two of each", lambda c: measure(c, "2", "PHQ-9", "GAD-7")),
    unknown("mbc-96127-per-instrument", "no units", lambda c: measure(c, None, "PHQ-9")),
    unknown("mbc-96127-per-instrument", "no observations delivered", lambda c: unmeasured(c, "1")),
    unknown("mbc-96127-per-instrument", "an instrument without name", lambda c: measure(c, "1", None)),
    hit("mbc-96127-unbilled", "one unit, two instruments", lambda c: measure(c, "1", "PHQ-9", "GAD-7")),
    hit("mbc-96127-unbilled", "two units, four instruments", lambda c: measure(c, "2", *FOUR)),
    near("mbc-96127-unbilled", "three units, four instruments", lambda c: measure(c, "3", *FOUR)),
    unknown("mbc-96127-unbilled", "no observations delivered", lambda c: unmeasured(c, "1")),
    hit("mbc-96127-over-mue", "four units, four instruments", lambda c: measure(c, "4", *FOUR)),
    near("mbc-96127-over-mue", "three units", lambda c: measure(c, "3", *FOUR)),
    unknown("mbc-96127-over-mue", "no units", lambda c: measure(c, None, *FOUR)),
    hit("mbc-96127-ptp", "beside psychotherapy", lambda c: measure(c, "1", "PHQ-9", lines=(THERAPY,))),
    near(
        "mbc-96127-ptp",
        "beside another's psychotherapy",
        lambda c: measure(c, "1", "PHQ-9", lines=(billed("90837", rendering_npi=OTHER),)),
    ),
    near("mbc-96127-ptp", "beside a visit", lambda c: measure(c, "1", "PHQ-9", lines=(billed("99214"),))),
    near(
        "mbc-96127-ptp",
        "a commercial plan",
        lambda c: measure(c, "1", "PHQ-9", lines=(THERAPY,), lob="commercial"),
    ),
    unknown(
        "mbc-96127-ptp",
        "no clinician",
        lambda c: measure(c, "1", "PHQ-9", lines=(THERAPY,), rendering_npi=None),
    ),
    unknown(
        "mbc-96127-ptp", "no line of business", lambda c: measure(c, "1", "PHQ-9", lines=(THERAPY,), lob=None)
    ),
]
