"""Reference tables as CMS and X12 publish them: known by content, read whole, no descriptor texts kept."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from ketaclaims.landing.classify import classify
from ketaclaims.landing.release import release_of
from ketaclaims.raw.contract import InputReport, ReadContext
from ketaclaims.reference.reader import read_reference

PTP_HEADER = (
    "Column 1\tColumn 2\t*=in existence prior to 1996\tEffective Date\tDeletion Date *=no data\t"
    "Modifier 0=not allowed 1=allowed 9=not applicable\tPTP Edit Rationale\n"
)
PTP_ROWS = (
    "96365\t96372\t\t20090101\t*\t1\tStandards of medical / surgical practice\n"
    "96365\t99211\t*\t19960101\t20241231\t0\tMisuse of column two code with column one code\n"
)
PTP = "CPT only copyright 2025 American Medical Association. All rights reserved.\n" + PTP_HEADER + PTP_ROWS
# the practitioner files spread the words of their header over four rows
PTP_TALL = (
    "CPT only copyright 2025 American Medical Association. All rights reserved.\n"
    "\t\t*=in \t\tDeletion\tModifier\t\n"
    "\t\texistence\tEffective\tDate\t0=not allowed\t\n"
    "Column 1\tColumn 2\tprior to\tDate\t*=no data\t1=allowed\tPTP Edit\n"
    "\t\t1996\t\t\t9=not applicable\tRationale\n" + PTP_ROWS
)
MUE = (
    '"CPT codes only are copyright 2025\nAmerican Medical Association, effective October 1, 2026",,,\n'
    '"HCPCS/\nCPT Code","Practitioner Services MUE Values","MUE Adjudication Indicator","MUE Rationale"\n'
    '96127,3,"3 Date of Service Edit: Clinical","Clinical: Data"\n'
    'G2083,1,"2 Date of Service Edit: Policy","Code Descriptor / CPT Instruction"\n'
)
ICD = (
    "00001 F32     0 Depressive episode                                           Depressive episode\n"
    "00002 F329    1 Major depressive disorder, single episode, unspecified       Major depressive\n"
    "00003 F32A    1 Depression, unspecified                                      Depression\n"
)
HCPCS = (
    "HCPC,SEQNUM,RECID,LONG DESCRIPTION,SHORT DESCRIPTION,ADD DT,ACT EFF DT,TERM DT,ACTION CODE\n"
    "J0013,00100,3,a text,a text,20260101,20260101,,A\n"
    "J0013,00200,4,goes on,,,,,\n"
    "S0013,00100,3,a text,a text,20210101,20251231,20251231,D\n"
    "JZ,00100,7,a text,a text,20230101,20230101,,N\n"
)
REASONS = (
    "Code,Description,Start Date,Last Modified Date,Stop Date\n"
    "15,a text,01/01/1995,11/01/2017,05/01/2018\n"
    "N706,a text,03/01/2014,,\n"
    "A1,a text,01/01/1995,,\n"
)
CONTEXT = {"release_date": date(2026, 7, 15), "exported_at": "2026-11-01T08:00:00+00:00"}


def read(
    path: Path, content: str | bytes, **context: Any
) -> tuple[InputReport, dict[str, list[dict[str, Any]]]]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode("latin-1"))
    assert classify(path) == "reference_table"
    pushed: dict[str, list[dict[str, Any]]] = {}
    told = ReadContext("a" * 64, "b", **{**CONTEXT, **context})
    report = read_reference(
        path, told, lambda table, rows: pushed.setdefault(table, []).extend(rows.to_pylist())
    )
    assert dict(report.rows) == {table: len(rows) for table, rows in pushed.items()}
    return report, pushed


@pytest.mark.parametrize("content", [PTP, PTP_TALL, PTP.replace("\t", ","), PTP.replace("\n", "\r\n")])
def test_ncci_pairs_in_any_of_their_layouts(tmp_path: Path, content: str) -> None:
    report, pushed = read(tmp_path / "x.pdf", content)
    assert report.status == "clean"
    first, second = pushed["reference_ptp_pair"]
    assert (first["column_1_code"], first["column_2_code"], first["modifier_indicator"]) == (
        "96365",
        "96372",
        "1",
    )
    assert (first["effective_date"], first["deletion_date"], first["is_older_than_1996"]) == (
        date(2009, 1, 1),
        None,
        False,
    )
    assert (second["deletion_date"], second["is_older_than_1996"]) == (date(2024, 12, 31), True)
    (release,) = pushed["reference_release"]
    assert (release["reference_table"], release["row_count"]) == ("ptp_practitioner", 2)
    assert (release["release_date"], release["covers_to_date"]) == (date(2026, 7, 1), date(2026, 9, 30))


def test_mues_name_their_release_above_the_header(tmp_path: Path) -> None:
    _, pushed = read(tmp_path / "x", MUE)
    assert [(r["code"], r["mue_units"], r["adjudication_indicator"]) for r in pushed["reference_mue"]] == [
        ("96127", 3, "3"),
        ("G2083", 1, "2"),
    ]
    (release,) = pushed["reference_release"]
    assert (release["release_stated_by"], release["release_date"]) == ("title", date(2026, 10, 1))
    assert release["covers_to_date"] == date(2026, 12, 31)


def test_a_table_of_no_known_release_is_refused(tmp_path: Path) -> None:
    report, pushed = read(tmp_path / "x", PTP, release_date=None)
    assert (report.status, report.issues[0].code, pushed) == ("rejected", "RELEASE_UNKNOWN", {})
    report, pushed = read(tmp_path / "x", "Release: 2025-01-01\n" + PTP, release_date=None)
    assert pushed["reference_release"][0]["covers_to_date"] == date(2025, 3, 31)


def test_icd10_order_file_keeps_codes_and_flags_only(tmp_path: Path) -> None:
    _, pushed = read(tmp_path / "x", ICD, release_date=date(2025, 10, 1))
    assert [(r["code"], r["is_billable"]) for r in pushed["reference_code"]] == [
        ("F32", False),
        ("F32.9", True),
        ("F32.A", True),
    ]
    assert pushed["reference_release"][0]["covers_to_date"] == date(2026, 9, 30)
    assert "epress" not in repr(pushed)


def test_hcpcs_rows_that_go_on_with_a_text_are_no_codes(tmp_path: Path) -> None:
    _, pushed = read(tmp_path / "x", HCPCS)
    assert [
        (r["code_system"], r["code"], r["add_date"], r["termination_date"]) for r in pushed["reference_code"]
    ] == [
        ("HCPCS", "J0013", date(2026, 1, 1), None),
        ("HCPCS", "S0013", date(2021, 1, 1), date(2025, 12, 31)),
        ("modifier", "JZ", date(2023, 1, 1), None),
    ]
    assert "text" not in repr(pushed)


def test_reason_codes_know_their_kind_by_their_form(tmp_path: Path) -> None:
    _, pushed = read(tmp_path / "x", REASONS, release_date=None)
    assert [(r["code_type"], r["code"], r["stop_date"]) for r in pushed["reference_reason_code"]] == [
        ("CARC", "15", date(2018, 5, 1)),
        ("RARC", "N706", None),
        ("CARC", "A1", None),
    ]
    (release,) = pushed["reference_release"]
    assert (release["release_date"], release["covers_to_date"]) == (date(2026, 11, 1), None)


def test_a_workbook_is_known_and_read_by_its_cells(tmp_path: Path) -> None:
    book = Workbook()
    for row in (
        ("a notice",),
        PTP_HEADER.rstrip("\n").split("\t"),
        ("96365", 96372, None, 20090101, "*", 1, "r"),
    ):
        book.active.append(row)
    book.save(tmp_path / "b.xlsx")
    _, pushed = read(tmp_path / "x", (tmp_path / "b.xlsx").read_bytes())
    (pair,) = pushed["reference_ptp_pair"]
    assert (pair["column_2_code"], pair["effective_date"], pair["modifier_indicator"]) == (
        "96372",
        date(2009, 1, 1),
        "1",
    )


def test_a_bad_row_is_kept_apart_and_many_refuse_the_file(tmp_path: Path) -> None:
    bad = "96365\t96374\t\t2009-13-01\t*\t1\tr\n"
    report, pushed = read(tmp_path / "x", PTP + bad)
    assert (report.status, report.quarantined_rows) == ("warned", 1)
    (refused,) = pushed["quarantined_record"]
    assert (refused["column_name"], refused["_row_number"]) == ("effective_date", 5)
    assert pushed["reference_release"][0]["row_count"] == 2
    report, pushed = read(tmp_path / "x", PTP + bad * 6)
    assert (report.status, report.issues[0].code) == ("rejected", "TOO_MANY_BAD_ROWS")
    assert "reference_release" not in pushed


@pytest.mark.parametrize(
    "content",
    [
        "Column 1,Column 2,Note\n1,2,3\n",
        "code,start,stop\n1,2,3\n",  # no date of the last change: not the published list
        "claim_id,mue_adjudication_indicator\nC1,3\n",
    ],
)
def test_what_only_resembles_a_reference_table_is_none(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x"
    path.write_text(content)
    assert classify(path) == "ehr_csv"


@pytest.mark.parametrize(
    ("name", "released"),
    [
        ("ccipra-v323r0-f1.txt", date(2026, 10, 1)),
        ("ccipra-v302r0-f1.zip/a.txt", date(2024, 7, 1)),
        ("MCR_MUE_PractitionerServices_Eff_07-01-2024.csv", date(2024, 7, 1)),
        ("HCPC2026_JUL_ANWEB.xlsx", date(2026, 7, 1)),
        ("icd10cm-order-2026.txt", date(2025, 10, 1)),
        ("icd10cm-order-april-2025.txt", date(2025, 4, 1)),
        ("release=2026-Q3/table.csv", date(2026, 7, 1)),
        ("mue 2026-13-45.csv", None),
        ("table.csv", None),
    ],
)
def test_the_release_by_the_name_its_publisher_gave(name: str, released: date | None) -> None:
    assert release_of(name, None) == released
    assert release_of("landing/2020-01-01.zip", name) == (released or date(2020, 1, 1))
