"""Values: what each type takes, what makes a row bad, and that messages never hold content."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from ketaclaims.ehr.schema import canonical_schemas, canonical_tables

REQUIRED = {
    "text": "x1",
    "int": "1",
    "date": "2026-01-01",
    "timestamp": "2026-01-01T08:00",
    "bool": "true",
    "money": "1.50",
}


def csv_of(table: str, *changes: dict[str, str]) -> str:
    """A file with one row per change; columns not named are empty, or valid where a value is required."""
    columns = [c for c in canonical_tables()[table].columns if not c.is_optional]
    base = {c.name: (c.enum[0] if c.enum else REQUIRED[c.kind]) if c.is_required else "" for c in columns}
    rows = [",".join('"' + (base | change)[c.name] + '"' for c in columns) for change in changes]
    return "\n".join([",".join(base), *rows]) + "\n"


def one(read, table: str, column: str, value: str):
    """(stored value, None) of a good row, or (None, reason) of a bad one."""
    reading = read(csv_of(table, {column: value}, {}))
    if not reading.bad:
        return reading.rows(table)[0][column], None
    assert [(n, c) for n, c, _ in reading.bad] == [(2, column)]
    assert len(reading.rows(table)) == 1
    assert len(value.strip()) < 4 or value not in str(reading.report.issues)
    return None, reading.bad[0][2]


@pytest.mark.parametrize(
    ("value", "stored"),
    [("1234.50", "1234.50"), ("0", "0.00"), ("-25.5", "-25.50"), (" 9999999999.99 ", "9999999999.99")],
)
def test_amounts_taken_exactly(read, value, stored):
    got, reason = one(read, "claim", "total_charge", value)
    assert (got, reason) == (Decimal(stored), None)


@pytest.mark.parametrize(
    "value",
    [
        "$1,290.00",
        "1,234.50",
        "(25.00)",
        "1.290,00",
        "12.345",
        "1e5",
        "NaN",
        "-",
        "--5",
        "+5",
        ".50",
        "5.",
        "1 2",
        "123456789012345678",
        "10000000000.00",
        "١٢",
    ],
)
def test_amounts_never_guessed(read, value):
    assert one(read, "claim", "total_charge", value) == (None, "BAD_AMOUNT")


@pytest.mark.parametrize(("value", "stored"), [("56", "56.000"), ("0.125", "0.125"), ("56.0", "56.000")])
def test_numbers(read, value, stored):
    assert one(read, "administration", "dose_mg", value) == (Decimal(stored), None)


@pytest.mark.parametrize("value", ["56mg", "0.1255", "84 (3 devices)", "5.0458E+10", "inf"])
def test_numbers_with_text_or_too_fine_are_bad(read, value):
    assert one(read, "administration", "dose_mg", value) == (None, "BAD_NUMBER")


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("2024-02-29", date(2024, 2, 29)),
        ("9999-12-31", date(9999, 12, 31)),
        ("0001-01-02", date(1, 1, 2)),
        ("", None),
    ],
)
def test_dates(read, value, stored):
    assert one(read, "patient", "birth_date", value) == (stored, None)


@pytest.mark.parametrize(
    "value",
    [
        "00000000",
        "20260230",
        "2026-02-30",
        "2025-02-29",
        "2026-13-01",
        "0000-01-01",
        "01/02/26",
        "02-Jan-26",
        "46024",
        "2026-1-2",
        "2026-01-02T00:00:00Z",
    ],
)
def test_dates_not_of_the_calendar_or_form_are_bad(read, value):
    assert one(read, "patient", "birth_date", value) == (None, "BAD_DATE")


@pytest.mark.parametrize("value", ["0001-01-01", "1900-01-01"])
def test_sentinel_dates_become_empty_with_a_warning(read, value):
    reading = read(csv_of("patient", {"birth_date": value}, {"birth_date": "1900-01-02"}))
    assert [r["birth_date"] for r in reading.rows("patient")] == [None, date(1900, 1, 2)]
    assert [(i.code, i.element) for i in reading.report.issues] == [("SENTINEL_DATE", "birth_date")]


def test_sentinel_in_a_required_date_is_a_missing_value(read):
    assert one(read, "payer_config", "eff_from", "1900-01-01") == (None, "MISSING_VALUE")


@pytest.mark.parametrize(
    ("value", "wall", "offset"),
    [
        ("2026-03-08T02:30:00-05:00", datetime(2026, 3, 8, 2, 30), -300),
        ("2026-03-08 23:59:59.5", datetime(2026, 3, 8, 23, 59, 59, 500_000), None),
        ("2026-03-08T10:00Z", datetime(2026, 3, 8, 10, 0), 0),
        ("2026-03-08T10:00:01.123456+0530", datetime(2026, 3, 8, 10, 0, 1, 123456), 330),
        ("2026-03-08T10:00-00:30", datetime(2026, 3, 8, 10, 0), -30),
        ("1900-01-01T00:00:00", None, None),
    ],
)
def test_timestamps_keep_wall_clock_and_offset(read, value, wall, offset):
    row = read(csv_of("encounter", {"start_at": value})).rows("encounter")[0]
    assert (row["start_at"], row["start_at_utc_offset_minutes"]) == (wall, offset)


@pytest.mark.parametrize(
    "value",
    [
        "2026-02-30T10:00:00",
        "2026-02-03T24:00:00",
        "2026-02-03T10:60",
        "2026-02-03",
        "2026-02-03T10:00:60",
        "2026-02-03T10:00:00+25:00",
        "2026-02-03T10:00:00.1234567",
        "2/3/2026 10:00 AM",
        "0000-01-01T10:00",
    ],
)
def test_timestamps_of_other_forms_are_bad(read, value):
    assert one(read, "encounter", "start_at", value) == (None, "BAD_TIMESTAMP")


@pytest.mark.parametrize(("value", "stored"), [("007", 7), ("-1", -1), ("", None)])
def test_integers(read, value, stored):
    assert one(read, "coverage", "priority", value) == (stored, None)


@pytest.mark.parametrize("value", ["1.0", "1e2", "one", "9223372036854775808"])
def test_integers_of_other_forms_are_bad(read, value):
    assert one(read, "coverage", "priority", value) == (None, "BAD_INTEGER")


@pytest.mark.parametrize(
    ("value", "stored"), [("TRUE", True), ("y", True), ("0", False), ("No", False), ("", None)]
)
def test_booleans(read, value, stored):
    assert one(read, "prior_auth", "expedited", value) == (stored, None)


def test_booleans_of_other_forms_are_bad(read):
    assert one(read, "prior_auth", "expedited", "maybe") == (None, "BAD_BOOLEAN")


def test_enumerations_compared_in_lower_case(read):
    assert one(read, "administration", "route", " IV ") == ("iv", None)
    assert one(read, "administration", "route", "rectal") == (None, "NOT_ALLOWED_VALUE")


def test_codes_stay_text_trimmed_and_upper_case(read):
    change = {"code": " j0013 ", "mod1": "jz", "rev_code": "0636", "ndc11": "00143950801"}
    row = read(csv_of("claim_line", change)).rows("claim_line")[0]
    assert [row[c] for c in change] == ["J0013", "JZ", "0636", "00143950801"]
    assert one(read, "claim", "dx1", "f33.2") == ("F33.2", None)
    assert one(read, "coverage", "member_id", "00aB7") == ("00aB7", None)


@pytest.mark.parametrize("value", ["", "   ", "\u00a0"])
def test_required_values(read, value):
    assert one(read, "claim", "patient_id", value) == (None, "MISSING_VALUE")


def test_field_length_limit(read):
    assert one(read, "provider", "name", "x" * 4000)[1] is None
    assert one(read, "provider", "name", "x" * 4001) == (None, "FIELD_TOO_LONG")


def test_required_field_too_long_is_not_missing(read):
    assert one(read, "claim", "patient_id", "x" * 4001) == (None, "FIELD_TOO_LONG")


def test_a_row_bad_twice_is_one_quarantined_row_naming_both(read):
    reading = read(csv_of("claim", {"total_charge": "$1", "status": "gone", "created_at": "now"}, {}))
    assert reading.bad == [(2, "total_charge", "BAD_AMOUNT")]
    message = reading.rows("quarantined_record")[0]["message"]
    assert message.endswith("Also: created_at BAD_TIMESTAMP, status NOT_ALLOWED_VALUE.")


def test_versions_in_one_file_are_all_kept(read):
    reading = read(csv_of("patient", {"state": "TX"}, {"state": "NV"}))
    assert [r["state"] for r in reading.rows("patient")] == ["TX", "NV"]
    assert reading.report.status == "clean"


def test_control_total_is_the_sum_of_loaded_rows_in_cents(read):
    rows = [{"charge": "0.10"}, {"charge": "0.20"}, {"charge": "bad"}, {"charge": "-1.05"}, {"charge": ""}]
    assert read(csv_of("claim_line", *rows)).report.control_totals_cents == {"charge": -75}
    assert read(csv_of("claim", {"total_charge": "9.99"})).report.control_totals_cents == {
        "total_charge": 999
    }
    assert read(csv_of("patient_payment", {"amount": "5"})).report.control_totals_cents == {"amount": 500}
    assert read(csv_of("patient", {})).report.control_totals_cents == {}


def test_clinics_of_the_file_are_reported(read):
    reading = read(csv_of("patient", {"clinic_id": "b"}, {"clinic_id": "a"}, {"clinic_id": "b"}))
    assert reading.report.clinic_ids == ("a", "b")


def test_messages_and_report_never_hold_content(read):
    canary = "ZZCANARY"
    reading = read(csv_of("claim", {"pcn": canary, "total_charge": canary, "dx1": canary}, {}))
    assert canary not in str(reading.report)
    assert canary not in reading.rows("quarantined_record")[0]["message"]
    assert canary in reading.rows("quarantined_record")[0]["record_text"]


@pytest.mark.parametrize("table", list(canonical_tables()))
def test_every_canonical_table_loads_by_its_own_header(read, table):
    reading = read(csv_of(table, {}))
    assert (reading.report.status, dict(reading.report.rows)) == ("clean", {table: 1})
    assert reading.batches[table][0].schema == canonical_schemas()[table]
    assert (reading.report.profile, reading.report.profile_version) == ("canonical", "1")
