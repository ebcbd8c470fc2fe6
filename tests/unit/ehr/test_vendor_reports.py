"""Vendor reports by their profiles: rows of several tables, repairs kept, rows left out, flagged, refused."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from vendor_rows import APPOINTMENT, CHARGE, REQUEST, SESSION, csv_line, csv_text, grid

from ketaclaims.raw.contract import REPAIRED_VALUE

SAMPLE = Path(__file__).parents[4] / "shared" / "samples" / "cms_synthetic" / "SYNTHETIC_PRAUC.csv"
CLINIC = {"clinic_id": "c1"}


def test_a_charge_row_becomes_a_claim_and_its_line(read):
    reading = read(csv_text(CHARGE, {}), **CLINIC)
    assert (reading.report.status, reading.report.profile) == ("clean", "tebra")
    assert dict(reading.report.rows) == {"claim": 1, "claim_line": 1, "repaired_value": 2}
    (claim,), (line,) = reading.rows("claim"), reading.rows("claim_line")
    assert (claim["clinic_id"], claim["source_system"], claim["version"]) == ("c1", "tebra", 1)
    assert (claim["dx1"], claim["status"], claim["claim_type"]) == ("F33.2", "submitted", "837p")
    assert (line["dos_from"], line["dos_to"]) == (date(2026, 1, 15), date(2026, 1, 15))
    assert (line["charge"], line["units"]) == (Decimal("1290.00"), Decimal("84.000"))
    assert (line["rev_code"], line["ndc11"], line["mod1"]) == ("0636", "50458002803", "JZ")
    assert reading.report.control_totals_cents == {"charge": 129_000, "total_charge": 0}
    assert reading.report.clinic_ids == ("c1",)


def test_lines_of_one_claim_give_the_claim_once(read):
    changes = [{"Line": "1"}, {"Line": "2"}, {"Claim ID": "1002"}, {"Claim ID": "1001", "Line": "3"}]
    reading = read(csv_text(CHARGE, *changes), **CLINIC)
    assert [r["claim_id"] for r in reading.rows("claim")] == ["1001", "1002", "1001"]  # versions of one key
    assert [(r["claim_id"], r["line_no"]) for r in reading.rows("claim_line")] == [
        ("1001", 1),
        ("1001", 2),
        ("1002", 1),
        ("1001", 3),
    ]


def test_every_repaired_cell_keeps_its_text_once(read):
    change = {"Procedure Code": "9921 4", "Diagnosis 1": "F332 - MDD", "NDC": "", "Revenue Code": "0636"}
    reading = read(csv_text(CHARGE, change, {"NDC": "", "Revenue Code": ""}), **CLINIC)
    assert reading.batches["repaired_value"][0].schema == REPAIRED_VALUE
    assert [
        (r["_row_number"], r["table_name"], r["column_name"], r["source_column"], r["source_text"])
        for r in reading.rows("repaired_value")
    ] == [
        (2, "claim", "dx1", "diagnosis 1", "F332 - MDD"),
        (2, "claim_line", "code", "procedure code", "9921 4"),
    ]


@pytest.mark.parametrize(
    ("change", "column", "reason"),
    [
        ({"Service Start Date": "13/02/2026"}, "dos_from", "BAD_DATE"),
        ({"Total Charges": "1.290,00"}, "charge", "BAD_AMOUNT"),
        ({"NDC": "5.0458E+10"}, "ndc11", "LOST_DIGITS"),
        ({"NDC": "0143950801"}, "ndc11", "AMBIGUOUS_NDC"),
        ({"Procedure Modifier 1": "JZ,25"}, "mod1", "TOO_MANY_VALUES"),
        ({"Diagnosis 2": "370143000"}, "dx2", "SNOMED_NOT_ICD"),
        ({"Claim Status": "Lost"}, "status", "NOT_ALLOWED_VALUE"),
        ({"Claim ID": ""}, "claim_id", "MISSING_VALUE"),
        ({"Line": "1.5"}, "line_no", "BAD_INTEGER"),
        ({"Claim ID": "1.0E+09"}, "claim_id", "LOST_DIGITS"),
    ],
)
def test_a_row_with_a_bad_value_loads_into_no_table(read, change, column, reason):
    reading = read(csv_text(CHARGE, change, {}), **CLINIC)
    assert reading.bad == [(2, column, reason)]
    assert [r["_row_number"] for r in reading.rows("claim")] == [3]
    assert [r["_row_number"] for r in reading.rows("claim_line")] == [3]
    assert {r["_row_number"] for r in reading.rows("repaired_value")} == {3}
    message = reading.rows("quarantined_record")[0]["message"]
    assert not any(value and value in message for value in change.values() if len(value) > 3)


def test_blank_units_are_not_one(read):
    reading = read(csv_text(CHARGE, {"Units": ""}, {"Units": "56.0"}, {"Units": "1"}), **CLINIC)
    assert [r["units"] for r in reading.rows("claim_line")] == [None, Decimal("56.000"), Decimal("1.000")]


def test_a_session_row_becomes_its_encounter_drug_diagnoses_and_observations(read):
    reading = read(
        csv_text(SESSION, {"Dose": "0.5 mg/kg", "Medication": "Ketamine", "Route": "IV"}), **CLINIC
    )
    assert reading.report.status == "clean"
    assert {t: n for t, n in reading.report.rows.items() if t != "repaired_value"} == {
        "encounter": 1,
        "administration": 1,
        "diagnosis": 2,
        "observation": 2,
    }
    (drug,) = reading.rows("administration")
    assert (drug["dose_mg"], drug["weight_kg"], drug["route"]) == (Decimal("40.000"), Decimal("80.000"), "iv")
    assert [(d["code"], d["code_system"], d["rank"]) for d in reading.rows("diagnosis")] == [
        ("F33.2", "icd10cm", 1),
        ("370143000", "snomed", 2),
    ]
    assert [
        (o["observation_id"], o["sbp"], o["dbp"], o["value_num"]) for o in reading.rows("observation")
    ] == [
        ("A1-bp-pre", 120, 80, None),
        ("E1-phq9", None, None, Decimal("18.000")),
    ]
    assert reading.rows("encounter")[0]["start_at"] == datetime(2026, 1, 15, 9, 0)
    assert reading.rows("encounter")[0]["start_at_utc_offset_minutes"] is None


def test_a_dose_keeps_its_text(read):
    reading = read(csv_text(SESSION, {"Dose": "84 (3 devices)"}, {"Dose": "84"}), **CLINIC)
    kept = [r["source_text"] for r in reading.rows("repaired_value") if r["source_column"] == "dose"]
    assert kept == ["84 (3 devices)"]
    assert reading.bad == [(3, "dose_mg", "MISSING_UNIT")]


def test_free_text_is_stored_nowhere_but_in_quarantine(read):
    reading = read(csv_text(SESSION, {}, {"Dose": "?"}), **CLINIC)
    assert reading.report.quarantined_rows == 1
    stored = {name: str(reading.rows(name)) for name in reading.batches if name != "quarantined_record"}
    assert not any("ZZCANARY" in text or "Doe" in text for text in stored.values())
    assert "ZZCANARY" not in str(reading.report)


def test_two_header_rows_are_joined_by_their_groups(read):
    names, row = grid(APPOINTMENT, {})
    groups = ["" for _ in names]
    groups[names.index("Client Paid")], groups[names.index("Insurance Paid")] = "Client", "Insurance"
    below = [
        name.removeprefix("Client ").removeprefix("Insurance ") if "Paid" in name else name for name in names
    ]
    reading = read(csv_line(groups) + csv_line(below) + csv_line(row), **CLINIC)
    assert (reading.report.status, reading.report.profile) == ("clean", "simplepractice")
    assert dict(reading.report.rows)["claim_line"] == 1
    (line,), (claim,) = reading.rows("claim_line"), reading.rows("claim")
    assert [line[f"mod{n}"] for n in (1, 2, 3)] == ["25", "95", None]
    assert (claim["dx1"], claim["pos"]) == ("F33.2", "02")
    assert reading.rows("encounter")[0]["mode"] == "video"
    near = read(
        csv_line(groups) + csv_line([n for n in below if n != "Units"]) + csv_line(row[:-1]), **CLINIC
    )
    assert near.report.status == "rejected"


def test_titles_above_and_totals_below_are_left_out_and_counted(read):
    text = csv_text(CHARGE, {}, {"Claim ID": "Totals", "Line": "", "Patient ID": ""})
    header = text.splitlines()[0]
    text = f"Charges Report\nRun on 1/20/2026\n\n{text}{header}\nReport generated by ZZCANARY\n"
    reading = read(text, **CLINIC)
    assert (reading.report.status, reading.bad) == ("clean", [])
    assert reading.report.rows["claim_line"] == 1
    (issue,) = reading.report.issues
    assert (issue.code, issue.severity) == ("ROWS_LEFT_OUT", "info")
    assert issue.message == "3 totals, footers or repeated headers: row 6, 7, 8."


def test_a_record_that_begins_like_a_total_is_a_record(read):
    base = {"Client": "Total, Ann"} | {k: v for k, v in APPOINTMENT.items() if k != "Client"}
    assert read(csv_text(base, {}), **CLINIC).report.rows["claim"] == 1


@pytest.mark.parametrize(
    ("name", "is_test"),
    [
        ("Test, Zelda", True),
        ("TESTPATIENT, A", True),
        ("Zelda Doe", True),
        ("Testa, Ann", False),
        ("", False),
    ],
)
def test_test_patients_are_kept_in_quarantine_and_counted_apart(read, name, is_test):
    reading = read(csv_text(CHARGE, {"Patient Name": name}, {}), **CLINIC)
    assert reading.bad == ([(2, None, "TEST_PATIENT")] if is_test else [])
    assert [r["_row_number"] for r in reading.rows("claim")] == ([3] if is_test else [2])
    assert reading.report.quarantined_rows == int(is_test)
    assert ("TEST_PATIENT" in reading.codes) == is_test


def test_any_number_of_test_patients_does_not_refuse_the_file(read):
    reading = read(csv_text(CHARGE, *[{"Patient Name": "Test, A"}] * 50, {}), **CLINIC)
    assert (reading.report.status, reading.report.quarantined_rows) == ("clean", 50)


def test_services_after_the_export_are_flagged_and_loaded(read):
    changes = [{"Service Start Date": "01/21/2026"}, {"Service Start Date": "01/20/2026"}]
    reading = read(csv_text(CHARGE, *changes), **CLINIC, exported_at="2026-01-20T12:00:00Z")
    assert [i.message for i in reading.report.issues] == [
        "1 rows: 2. The date of service lies after the export."
    ]
    assert (reading.report.status, reading.report.rows["claim_line"]) == ("warned", 2)


@pytest.mark.parametrize(
    ("status", "fee", "codes"),
    [
        ("No Show", "150.00", ["CHARGED_NO_SHOW"]),
        ("Late Cancelled", "$75", ["CHARGED_NO_SHOW"]),
        ("No Show", "0.00", []),
        ("Show", "150.00", []),
    ],
)
def test_charges_for_visits_that_did_not_take_place_are_flagged(read, status, fee, codes):
    reading = read(csv_text(APPOINTMENT, {"Appointment Status": status, "Total Fee": fee}), **CLINIC)
    assert reading.codes == codes
    assert reading.report.rows["claim_line"] == 1


@pytest.mark.parametrize(
    ("end", "codes"),
    [
        ("01/15/2026 09:20 AM", []),
        ("01/15/2026 09:10 AM", ["CLOCK_ORDER"]),
        ("01/15/2026 09:00 AM", ["CLOCK_ORDER"]),
        ("01/16/2026 09:20 AM", ["CLOCK_ORDER"]),
        ("", []),
    ],
)
def test_clock_order_is_flagged_and_not_mended(read, end, codes):
    reading = read(csv_text(SESSION, {"Dose End": end}), **CLINIC)
    assert reading.codes == codes
    stop = reading.rows("administration")[0]["stop_at"]
    assert stop == (datetime.strptime(end, "%m/%d/%Y %I:%M %p") if end else None)


def test_a_pa_tracker_by_any_of_its_usual_names(read):
    reading = read(csv_text(REQUEST, {}, {"End Date": "46208", "Status": "Approved"}), **CLINIC)
    assert (reading.report.status, reading.report.profile) == ("clean", "pa_tracker")
    first, second = reading.rows("prior_auth")
    assert (first["status"], first["codes"], first["pa_number"]) == ("pended", "J0013;G2083", "00123")
    assert (first["valid_from"], first["valid_to"]) == (date(2026, 1, 5), date(2026, 7, 5))
    assert (second["valid_to"], first["submitted_at"]) == (date(2026, 7, 5), datetime(2026, 1, 2))
    assert first["payer_id"] == "Aetna PPO"  # aliases are resolved once, in dbt


def test_cp1252_is_read_where_the_profile_says_so(read):
    text = csv_text(SESSION, {"Diagnoses": "F33.2 \u2013 MDD", "Administered By": "Ren\u00e9"})
    reading = read(text.encode("cp1252"), **CLINIC)
    assert reading.rows("administration")[0]["given_by"] == "Ren\u00e9"
    assert reading.rows("diagnosis")[0]["code"] == "F33.2"
    undefined = text.encode("cp1252").replace(b"\xe9", b"\x81")
    assert [r for *_, r in read(undefined, **CLINIC).bad] == ["BAD_ENCODING"]
    both = text.replace("Ren\u00e9", "Ren\u00e9\u6f22").encode().replace("\u2013".encode(), b"\x96")
    assert [r for *_, r in read(both, **CLINIC).bad] == ["BAD_ENCODING"]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_any_delimiter_and_encoding(read, delimiter, encoding):
    reading = read(csv_text(CHARGE, {}, delimiter=delimiter).encode(encoding), **CLINIC)
    assert (reading.report.status, reading.report.rows["claim_line"]) == ("clean", 1)


def test_a_report_without_a_clinic_is_refused_with_the_way_out(read):
    reading = read(csv_text(CHARGE, {}))
    assert (reading.report.status, reading.codes) == ("rejected", ["CLINIC_UNKNOWN"])
    assert "KETACLAIMS_CLINIC_ID" in reading.report.issues[0].message and reading.batches == {}


def test_an_unknown_column_set_names_the_nearest_report_and_the_differences(read):
    base = {k: v for k, v in CHARGE.items() if k not in ("Units", "Total Charges")} | {"Qty": "84"}
    reading = read(csv_text(base, {}), **CLINIC)
    (issue,) = reading.report.issues
    assert (reading.report.status, issue.code) == ("rejected", "MISSING_COLUMN")
    assert "Nearest: report charges, profile tebra. Missing: total charges, units." in issue.message
    assert f"Not of it: column {len(base)}." in issue.message


def test_a_column_under_two_of_its_names_is_refused(read):
    reading = read(csv_text(CHARGE, {"POS": "11"}), **CLINIC)
    assert reading.codes == ["DUPLICATE_COLUMN"]
    assert "Report charges, profile tebra" in reading.report.issues[0].message


def test_ehi_files_are_told_apart_by_their_headers(read):
    vitals = {
        "id": "7", "patient_id": "P1", "appointment_id": "E1", "taken_at": "2026-01-15T09:00:00",
        "blood_pressure": "120 / 80 sitting", "pulse": "70", "oxygen_saturation": "",
    }  # fmt: skip
    reading = read(
        csv_text(vitals, {}, {"blood_pressure": "12080"}, {"blood_pressure": "", "pulse": ""}), **CLINIC
    )
    assert reading.report.profile == "drchrono"
    assert [o["observation_id"] for o in reading.rows("observation")] == ["7-bp", "7-hr"]
    assert reading.bad == [(3, "sbp", "BAD_BLOOD_PRESSURE")]
    assert "NO_VALUES" in reading.codes


def test_every_row_of_the_cms_file_loads_or_is_quarantined(read):
    if not SAMPLE.exists():
        pytest.skip("the shared samples do not stand beside this repository")
    reading = read(SAMPLE.read_bytes(), clinic_id="c1")
    rows = reading.rows("prior_auth")
    assert reading.report.profile == "cms_prauc"
    assert len(rows) + reading.report.quarantined_rows == SAMPLE.read_text().count("\n") - 1 == 248
    assert len({(r["pa_id"], r["version"]) for r in rows}) == len(rows)
    assert {r["status"] for r in rows} == {"approved", "partial", "denied"}
    assert reading.codes == []
