"""Workbooks: typed cells, several sheets, formulas, and files that are refused before they are parsed."""

import io
import re
import zipfile
from datetime import date, datetime, time
from decimal import Decimal

import openpyxl
import pytest
from vendor_rows import APPOINTMENT, CHARGE, REQUEST, SESSION, grid

from ketaclaims.ehr import workbook as guard


def book(**sheets):
    made = openpyxl.Workbook()
    made.remove(made.active)
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    return made


def saved(made) -> bytes:
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def parts(content: bytes, **new: bytes) -> bytes:
    """The workbook with parts replaced or added, by name."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in old.infolist():
            if entry.filename not in new:
                target.writestr(entry, old.read(entry))
        for name, data in new.items():
            target.writestr(name, data)
    return out.getvalue()


def test_typed_cells_are_read_as_their_values(read_xlsx):
    cells = {
        "Claim ID": 1001,
        "Service Start Date": datetime(2026, 1, 15),
        "Procedure Code": 104,
        "Procedure Modifier 1": 25.0,
        "Units": 84,
        "Total Charges": 1290.1,
        "Revenue Code": 636,
        "NDC": 50458002803,
        "Place of Service Code": 2,
    }
    reading = read_xlsx(book(Charges=grid(CHARGE, cells)))
    assert (reading.report.status, reading.report.reader, reading.report.profile) == (
        "clean",
        "ehr_xlsx",
        "tebra",
    )
    (claim,), (line,) = reading.rows("claim"), reading.rows("claim_line")
    assert (claim["claim_id"], claim["pos"]) == ("1001", "02")
    assert (line["code"], line["mod1"], line["rev_code"], line["ndc11"]) == (
        "00104",
        "25",
        "0636",
        "50458002803",
    )
    assert (line["dos_from"], line["charge"]) == (date(2026, 1, 15), Decimal("1290.10"))


@pytest.mark.parametrize(
    ("change", "bad"),
    [
        ({"NDC": 143950801}, (2, "ndc11", "BAD_NDC")),  # 00143-9508-01, its zeros gone
        ({"NDC": "5.0458E+10"}, (2, "ndc11", "LOST_DIGITS")),
        ({"NDC": 5e20}, (2, "ndc11", "LOST_DIGITS")),
        ({"Total Charges": 0.1 + 0.2}, None),  # 0.30000000000000004 in the file, 0.3 in Excel
        ({"Total Charges": 0.125}, (2, "charge", "BAD_AMOUNT")),
        ({"Service Start Date": 46037}, (2, "dos_from", "BAD_DATE")),  # this profile has no serial form
    ],
)
def test_numbers_are_what_excel_shows_and_nothing_is_guessed(read_xlsx, change, bad):
    reading = read_xlsx(book(Charges=grid(CHARGE, change, {})))
    assert reading.bad == ([bad] if bad else [])
    assert len(reading.rows("claim_line")) == (1 if bad else 2)


def test_serial_dates_are_read_where_the_profile_lists_them(read_xlsx):
    reading = read_xlsx(book(Tracker=grid(REQUEST, {"Start Date": 46037, "End Date": date(2026, 7, 5)})))
    (row,) = reading.rows("prior_auth")
    assert (row["valid_from"], row["valid_to"]) == (date(2026, 1, 15), date(2026, 7, 5))


def test_a_date_and_a_time_cell_make_one_moment(read_xlsx):
    cells = {"Date of Service": date(2026, 1, 15), "Start Time": time(9, 5), "End Time": time(10, 0)}
    reading = read_xlsx(book(Appointments=grid(APPOINTMENT, cells)))
    (visit,) = reading.rows("encounter")
    assert (visit["start_at"], visit["end_at"]) == (datetime(2026, 1, 15, 9, 5), datetime(2026, 1, 15, 10, 0))


def test_every_sheet_that_is_a_report_is_read_and_its_rows_say_where_they_stood(read_xlsx):
    reading = read_xlsx(
        book(
            Charges=grid(CHARGE, {}),
            Sessions=[["Sessions of January"], [], *grid(SESSION, {}, {"Dose": "much"})],
            Legend=[["colour", "means"], ["red", "late"]],
            Empty=[],
        )
    )
    assert (reading.report.status, reading.report.profile) == ("warned", "tebra,osmind")
    assert [r["_row_number"] for r in reading.rows("claim_line")] == [2]
    assert [r["_row_number"] for r in reading.rows("administration")] == [10_000_004]
    assert reading.bad == [(10_000_005, "dose_mg", "BAD_DOSE")]
    passed_over = next(issue for issue in reading.report.issues if issue.code == "UNKNOWN_REPORT")
    assert passed_over.message.startswith("Sheet 3, not loaded: ") and passed_over.severity == "warning"


def test_a_sheet_is_known_by_its_columns_whatever_its_title(read_xlsx):
    reading = read_xlsx(book(Sessions=grid(CHARGE, {})))
    assert (reading.report.status, reading.report.profile) == ("clean", "tebra")


def test_a_workbook_of_no_known_report_is_refused(read_xlsx):
    reading = read_xlsx(book(Legend=[["colour", "means"]]))
    assert (reading.report.status, reading.codes) == ("rejected", ["UNKNOWN_REPORT"])
    assert read_xlsx(book(Empty=[])).codes == ["EMPTY"]


def test_short_rows_are_filled_and_further_cells_are_ragged(read_xlsx):
    header, row = grid(CHARGE, {})
    reading = read_xlsx(book(Charges=[header, row[:-1], [*row, "", None], [*row, "x"]]))
    assert reading.bad == [(4, None, "RAGGED_ROW")]
    assert [r["_row_number"] for r in reading.rows("claim_line")] == [2, 3]


def test_formulas_count_by_their_stored_result_or_not_at_all(read_xlsx):
    made = book(Charges=grid(CHARGE, {"Units": "=80+4"}, {}))
    reading = read_xlsx(made)  # openpyxl writes no results
    assert reading.bad == [(2, None, "FORMULA_WITHOUT_VALUE")]
    assert [r["_row_number"] for r in reading.rows("claim_line")] == [3]
    sheet = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(io.BytesIO(saved(made))) as archive:
        xml = archive.read(sheet)
    assert b"<f>80+4</f><v></v>" in xml or b"<f>80+4</f><v />" in xml
    stored = xml.replace(b"<f>80+4</f><v></v>", b"<f>80+4</f><v>84</v>").replace(
        b"<f>80+4</f><v />", b"<f>80+4</f><v>84</v>"
    )
    reading = read_xlsx(parts(saved(made), **{sheet: stored}))
    assert reading.bad == []
    assert [r["units"] for r in reading.rows("claim_line")] == [Decimal("84.000")] * 2


def test_cells_that_show_an_error_make_a_bad_row(read_xlsx):
    reading = read_xlsx(book(Charges=grid(CHARGE, {"Units": "#N/A"}, {"Units": "#N/A sent"}, {})))
    assert [(row, reason) for row, _, reason in reading.bad] == [(2, "EXCEL_ERROR"), (3, "BAD_NUMBER")]


GOOD = saved(book(Charges=grid(CHARGE, {})))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (parts(GOOD, **{"xl/vbaProject.bin": b"x"}), "MACRO_WORKBOOK"),
        (OLE + b"\0" * 2000 + "EncryptedPackage".encode("utf-16-le"), "PASSWORD_PROTECTED"),
        (OLE + b"\0" * 2000 + "Workbook".encode("utf-16-le"), "OLD_WORKBOOK"),
        (GOOD[: len(GOOD) // 2], "ARCHIVE_CORRUPT"),
        (parts(GOOD, **{"xl/worksheets/sheet1.xml": b"<worksheet><sheetData><row"}), "ARCHIVE_CORRUPT"),
        (parts(GOOD, **{"xl/workbook.xml": b"not xml"}), "ARCHIVE_CORRUPT"),
        (parts(GOOD, **{"docProps/core.xml": b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"}), "ARCHIVE_CORRUPT"),
        (parts(GOOD, **{"xl/media/image1.bin": b"\0" * (20 << 20)}), "ZIP_BOMB"),
    ],
)
def test_workbooks_refused_whole_with_the_reason(read_xlsx, content, code):
    reading = read_xlsx(content)
    assert (reading.report.status, reading.codes) == ("rejected", [code])
    assert reading.report.rows == {}


def test_a_sheet_of_equal_rows_is_no_bomb(read_xlsx):
    reading = read_xlsx(book(Charges=grid(CHARGE, *[{}] * 400)))
    assert (reading.report.status, reading.report.rows["claim_line"]) == ("clean", 400)
    assert reading.report.rows["claim"] == 1


def test_shared_texts_past_what_fits_in_memory_are_refused(read_xlsx, monkeypatch):
    monkeypatch.setattr(guard, "MAX_SHARED_TEXT_BYTES", 100)
    assert read_xlsx(parts(GOOD, **{"xl/sharedStrings.xml": b" " * 101})).codes == ["ZIP_BOMB"]
    assert read_xlsx(parts(GOOD, **{"xl/sharedStrings.xml": b" " * 100})).codes == []


def test_texts_in_the_shared_table_are_read_as_excel_writes_them(read_xlsx):
    with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
        sheet, types = (archive.read(n) for n in ("xl/worksheets/sheet1.xml", "[Content_Types].xml"))
    inline = re.compile(rb't="inlineStr"><is><t>([^<]*)</t></is>')
    texts = inline.findall(sheet)
    assert len(texts) > len(CHARGE)
    numbers = iter(range(len(texts)))
    sheet = inline.sub(lambda _: b't="s"><v>%d</v>' % next(numbers), sheet)
    head = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    shared = head + b"".join(b"<si><t>%s</t></si>" % text for text in texts) + b"</sst>"
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    override = b'<Override PartName="/xl/sharedStrings.xml" ContentType="%s"/></Types>' % kind
    reading = read_xlsx(
        parts(
            GOOD,
            **{
                "xl/worksheets/sheet1.xml": sheet,
                "xl/sharedStrings.xml": shared,
                "[Content_Types].xml": types.replace(b"</Types>", override),
            },
        )
    )
    assert reading.rows("claim") == read_xlsx(GOOD).rows("claim")
    assert reading.report.status == "clean"
