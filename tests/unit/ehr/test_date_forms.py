"""Dates and times of reports: forms, ambiguity, serial numbers, zones, the hours of a clock change."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketaclaims.ehr.bad_text import BadTextError
from ketaclaims.ehr.date_forms import Clock, compile_form, date_reader, time_reader

US = ("MM/DD/YYYY",)
EITHER = ("MM/DD/YYYY", "DD/MM/YYYY")
NEW_YORK = ZoneInfo("America/New_York")


def clock(*dates, times=(), first_year=None, zone=None):
    return Clock(dates, times, first_year, zone)


def outcome(read, text):
    try:
        return read(text)
    except BadTextError as error:
        return error.reason


@pytest.mark.parametrize(
    ("text", "forms", "result"),
    [
        ("01/02/2026", US, "2026-01-02"),
        ("1/2/2026", US, "2026-01-02"),
        ("01/02/2026", ("DD/MM/YYYY",), "2026-02-01"),
        ("01/02/2026", EITHER, "AMBIGUOUS_DATE"),
        ("13/02/2026", EITHER, "2026-02-13"),
        ("02/02/2026", EITHER, "2026-02-02"),
        ("13/02/2026", US, "BAD_DATE"),
        ("02-Jan-2026", ("DD-Mon-YYYY",), "2026-01-02"),
        ("02-Jam-2026", ("DD-Mon-YYYY",), "BAD_DATE"),
        ("2026-01-02", US, "2026-01-02"),
        ("2026-02-30", US, "BAD_DATE"),
        ("2026-01-02T00:00:00Z", US, "2026-01-02"),
        ("46024", US, "BAD_DATE"),
        ("46024", ("EXCEL",), "2026-01-02"),
        ("46024.5", ("EXCEL",), "2026-01-02"),
        ("60", ("EXCEL",), "BAD_DATE"),
        ("1", ("EXCEL",), "1900-01-01"),
        ("0001-01-01", US, "0001-01-01"),  # emptied by the cast, with a warning
    ],
)
def test_dates(text, forms, result):
    assert outcome(date_reader(clock(*forms)), text) == result


@pytest.mark.parametrize(
    ("text", "first_year", "result"),
    [("01/02/26", 2000, "2026-01-02"), ("01/02/99", 2000, "2099-01-02"), ("01/02/31", 1931, "1931-01-02")],
)
def test_two_digits_stand_for_the_hundred_years_of_the_profile(text, first_year, result):
    assert date_reader(clock("MM/DD/YY", first_year=first_year))(text) == result
    assert outcome(date_reader(clock("MM/DD/YY")), text) == "BAD_DATE"


@pytest.mark.parametrize(
    ("text", "zone", "result"),
    [
        ("2026-01-02T03:30:00Z", NEW_YORK, "2026-01-01"),
        ("2026-01-02T03:30:00Z", None, "NEEDS_TIME_ZONE"),
        ("2026-01-02T00:00:00Z", NEW_YORK, "2026-01-02"),  # a pure date is never converted
        ("2026-01-02T23:30:00-05:00", NEW_YORK, "2026-01-02"),  # already local
        ("2026-01-02T23:30:00", NEW_YORK, "2026-01-02"),
    ],
)
def test_the_date_of_service_is_the_local_date(text, zone, result):
    assert outcome(date_reader(clock(zone=zone)), text) == result


@pytest.mark.parametrize(
    ("text", "zone", "result"),
    [
        ("01/02/2026 09:05 AM", None, "2026-01-02T09:05:00"),
        ("01/02/2026 12:05 AM", None, "2026-01-02T00:05:00"),
        ("01/02/2026 12:05 p.m.", None, "2026-01-02T12:05:00"),
        ("01/02/2026 13:05 PM", None, "BAD_TIMESTAMP"),
        ("2026-01-02T09:05:00-05:00", None, "2026-01-02T09:05:00-05:00"),
        ("2026-01-02", None, "BAD_TIMESTAMP"),
        ("01/02/2026 09:05 AM", NEW_YORK, "2026-01-02T09:05:00-05:00"),
        ("07/02/2026 09:05 AM", NEW_YORK, "2026-07-02T09:05:00-04:00"),
        ("11/01/2026 01:30 AM", NEW_YORK, "CLOCK_CHANGE_HOUR"),  # twice that night
        ("03/08/2026 02:30 AM", NEW_YORK, "CLOCK_CHANGE_HOUR"),  # never that night
        ("11/01/2026 02:30 AM", NEW_YORK, "2026-11-01T02:30:00-05:00"),
        ("11/01/2026 01:30 AM", None, "2026-11-01T01:30:00"),  # the site's clock, kept as written
    ],
)
def test_times(text, zone, result):
    assert outcome(time_reader(clock(times=("MM/DD/YYYY hh:mm A",), zone=zone)), text) == result


def test_a_day_for_a_time_is_midnight_only_where_the_profile_says_so():
    days = time_reader(clock(*US, times=("MM/DD/YYYY hh:mm A",)), takes_dates=True)
    assert days("01/02/2026") == "2026-01-02T00:00:00"
    assert days("01/02/2026 09:05 AM") == "2026-01-02T09:05:00"
    assert outcome(time_reader(clock(*US)), "01/02/2026") == "BAD_TIMESTAMP"


@given(st.dates(date(1950, 1, 1), date(2100, 12, 31)))
def test_serials_and_both_orders_agree_with_the_calendar(day):
    serial = (day - date(1899, 12, 30)).days
    assert date_reader(clock("EXCEL"))(str(serial)) == day.isoformat()
    assert date_reader(clock(*US))(f"{day:%m/%d/%Y}") == day.isoformat()
    read = date_reader(clock(*EITHER))
    is_clear = day.day > 12 or day.day == day.month
    assert outcome(read, f"{day:%d/%m/%Y}") == (day.isoformat() if is_clear else "AMBIGUOUS_DATE")


@given(st.dates(date(2020, 1, 1)), st.sampled_from([None, NEW_YORK, ZoneInfo("Pacific/Auckland")]))
def test_a_pure_date_never_moves(day, zone):
    read = date_reader(clock(zone=zone))
    assert read(day.isoformat()) == day.isoformat() == read(f"{day.isoformat()}T00:00:00Z")


@pytest.mark.parametrize("form", ["MM/DD", "MM/DD/YYYY hh:mm", "MM/MM/YYYY", "quarter"])
def test_forms_that_make_no_date_are_refused(form):
    with pytest.raises(ValueError, match="form"):
        compile_form(form)
