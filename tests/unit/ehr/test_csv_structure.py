"""Files as they come: encodings, delimiters, quoting, headers, row numbers, refusals."""

import pytest

from ketaclaims.ehr.records import MAX_RECORD_CHARS

HEADER = "clinic_id,patient_id,type,signed_on"
GOOD = f"{HEADER}\nc1,p1,abn,2026-01-02\nc1,p2,gfe,2026-01-03\n"
IDS = [(2, "p1"), (3, "p2")]


def ids(reading):
    return [(r["_row_number"], r["patient_id"]) for r in reading.rows("notice")]


@pytest.mark.parametrize(
    "content",
    [
        GOOD,
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("\n", "\r"),
        GOOD.rstrip("\n"),
        b"\xef\xbb\xbf" + GOOD.encode(),
        GOOD.encode("utf-16"),
        b"\xfe\xff" + GOOD.encode("utf-16-be"),
        GOOD.replace(",", ";"),
        GOOD.replace(",", "\t"),
        GOOD.replace(HEADER, '"Clinic_ID" , PATIENT_ID,"type",signed_on'.replace('" ,', '",')),
        GOOD.replace("p1", '"p1"').replace("2026-01-02", " 2026-01-02 "),
    ],
)
def test_same_rows_whatever_the_bytes(read, content):
    reading = read(content)
    assert reading.report.status == "clean"
    assert ids(reading) == IDS
    assert reading.report.rows == {"notice": 2}


def test_reordered_columns_load(read):
    reading = read("signed_on,type,patient_id,clinic_id\n2026-01-02,abn,p1,c1\n")
    assert reading.report.status == "clean"
    assert [(r["clinic_id"], r["type"]) for r in reading.rows("notice")] == [("c1", "abn")]


def test_extra_column_loads_and_warns_by_position(read):
    reading = read("clinic_id,patient_id,secret,type,signed_on\nc1,p1,x,abn,2026-01-02\n")
    assert (reading.report.status, reading.codes) == ("warned", ["EXTRA_COLUMN"])
    assert (
        "table notice, so not loaded: column 3." in reading.report.issues[0].message
        and "secret" not in reading.report.issues[0].message
    )
    assert ids(reading) == IDS[:1]


def test_optional_columns_are_not_extra(read):
    header = HEADER + ",record_version,is_deleted,source_system,known_from"
    reading = read(f"{header}\nc1,p1,abn,2026-01-02,3,true,osmind,2026-02-01T00:00:00Z\n")
    row = reading.rows("notice")[0]
    assert reading.report.status == "clean"
    assert (row["record_version"], row["is_deleted"], row["source_system"]) == (3, True, "osmind")
    assert (str(row["known_from"]), row["known_from_utc_offset_minutes"]) == ("2026-02-01 00:00:00", 0)


@pytest.mark.parametrize(
    ("header", "code", "said"),
    [
        (
            "clinic_id,patient_id,type",
            "MISSING_COLUMN",
            "table notice, profile canonical. Missing: signed_on",
        ),
        ("clinic_id,patient_id,type,signed_at", "MISSING_COLUMN", "Missing: signed_on. Not of it: column 4."),
        (
            f"{HEADER},Type",
            "DUPLICATE_COLUMN",
            "Table notice, profile canonical: column given more than once: type",
        ),
        ("ZZCANARY,Zelda,1980-01-01", "UNKNOWN_REPORT", "No known report. Nearest: table "),
        ("%PDF-1.7", "UNKNOWN_REPORT", "No known report"),
    ],
)
def test_header_refused_whole_naming_nearest_and_columns(read, header, code, said):
    reading = read(f"{header}\nc1,p1,abn,2026-01-02\n")
    assert (reading.report.status, reading.codes) == ("rejected", [code])
    assert said in reading.report.issues[0].message
    assert "ZZCANARY" not in str(reading.report) and reading.batches == {}


@pytest.mark.parametrize("content", ["", "\n\r\n\n", b"\xef\xbb\xbf"])
def test_empty_file_refused(read, content):
    reading = read(content)
    assert (reading.report.status, reading.codes) == ("rejected", ["EMPTY"])


def test_header_without_rows_is_an_empty_delivery(read):
    reading = read(HEADER + "\n")
    assert (reading.report.status, dict(reading.report.rows)) == ("clean", {})


def test_header_with_open_quote_refused(read):
    reading = read(f'{HEADER},"\nc1,p1,abn,2026-01-02\n')
    assert (reading.report.status, reading.codes) == ("rejected", ["UNCLOSED_QUOTE"])


def test_endless_first_line_refused(read):
    assert read("clinic_id," * 200_000).codes == ["UNKNOWN_REPORT"]


def test_quoted_newline_quote_and_delimiter_are_content_and_rows_keep_their_numbers(read):
    reading = read(f'{HEADER}\nc1,"p,1\r\n""x""",abn,2026-01-02\n\nc1,p2,gfe,2026-01-03\n,,,\nc1,p3,gfe,\n')
    assert ids(reading) == [(2, 'p,1\r\n"x"'), (4, "p2"), (6, "p3")]
    assert reading.report.status == "clean"


def test_ragged_rows_quarantined_with_row_and_line(read):
    reading = read(f'{HEADER}\nc1,"p\n1",abn,\nc1,p2,abn\nc1,p3,abn,,\nc1,p4,abn,\n')
    assert [r["_row_number"] for r in reading.rows("notice")] == [2, 5]
    assert reading.bad == [(3, None, "RAGGED_ROW"), (4, None, "RAGGED_ROW")]
    assert reading.report.issues[0].message == "Row 3, line 4: The row has 3 fields, the header has 4."
    assert reading.rows("quarantined_record")[1]["record_text"] == "c1,p3,abn,,"


@pytest.mark.parametrize("tail", ["", 'c1,p5,"abn",\n', "c1,p5,abn,\n" * 20_000])
def test_unclosed_quote_costs_one_row_only(read, tail):
    reading = read(f'{HEADER}\nc1,p1,abn,\nc1,"p2,abn,\nc1,p3,abn,\n{tail}')
    assert reading.bad == [(3, None, "UNCLOSED_QUOTE")]
    assert [i for n, i in ids(reading) if n <= 4] == ["p1", "p3"]
    assert len(ids(reading)) == 2 + tail.count("\n")


def test_text_after_closing_quote_is_a_bad_row(read):
    reading = read(f'{HEADER}\nc1,"p1"x,abn,\nc1,p2,abn,\n')
    assert reading.bad == [(2, None, "BAD_QUOTING")]
    assert ids(reading) == [(3, "p2")]


def test_row_wider_than_memory_allows_is_a_bad_row(read):
    reading = read(f"{HEADER}\n{'x,' * MAX_RECORD_CHARS}\nc1,p2,abn,\n{'x,' * 1000}\n")
    assert reading.bad == [(2, None, "FIELD_TOO_LONG"), (4, None, "RAGGED_ROW")]
    assert ids(reading) == [(3, "p2")]


def test_undecodable_and_nul_rows_are_bad_rows_others_keep_their_letters(read):
    reading = read(f"{HEADER}\nc1,Zoë,abn,\n".encode() + b"c1,Zo\xeb,abn,\nc1,a\x00b,abn,\nc1,p4,abn,\n")
    assert reading.bad == [(3, None, "BAD_ENCODING"), (4, None, "CONTROL_CHARACTER")]
    assert ids(reading) == [(2, "Zoë"), (5, "p4")]


def test_broken_utf16_refused_whole(read):
    reading = read(GOOD.encode("utf-16") + b"\x00\xd8a\x00")
    assert (reading.report.status, reading.codes) == ("rejected", ["BAD_ENCODING"])


def test_hostile_text_is_stored_as_it_is(read):
    values = ["{{ 7*7 }}", "'); DROP TABLE notice; --", "=cmd()", "<img onerror=x>"]
    reading = read(HEADER + "\n" + "".join(f"c1,{v},abn,\n" for v in values))
    assert [i for _, i in ids(reading)] == values


def test_lineage_on_every_row(read):
    row = read(GOOD, exported_at="2026-01-05T12:00:00-05:00").rows("notice")[0]
    assert (row["_file_sha256"], row["_commit_id"], str(row["exported_at"])) == (
        "a" * 64,
        "c1",
        "2026-01-05 17:00:00",
    )


@pytest.mark.parametrize(
    ("bad", "good", "status"),
    [(5, 1, "warned"), (6, 100, "rejected"), (6, 1200, "warned"), (1, 0, "rejected")],
)
def test_share_of_bad_rows_decides_on_the_file(read, bad, good, status):
    reading = read(HEADER + "\n" + "c1,p1,abn,\n" * good + "c1,p2,abn,soon\n" * bad)
    assert reading.report.status == status
    assert ("TOO_MANY_BAD_ROWS" in reading.codes) == (status == "rejected")
    assert len(reading.bad) == bad == reading.report.quarantined_rows


def test_reading_stops_where_no_good_row_could_save_the_file(read):
    reading = read(HEADER + "\n" + "x,y\n" * 60_000)
    assert reading.codes[0] == "TOO_MANY_BAD_ROWS"
    assert 0 < reading.report.quarantined_rows < 60_000
    assert len(reading.report.issues) <= 51
