"""What an 837P says reaches the right claim and line, and what is wrong with it is named."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from x12_kit import FIXTURES, render

from ketaclaims.landing.classify import classify
from ketaclaims.raw.contract import InputReport, ReadContext
from ketaclaims.raw.registry import Readers
from ketaclaims.settings import Settings
from ketaclaims.x12.p837.diagnostics import DIAGNOSTICS, as_markdown
from ketaclaims.x12.p837.reader import read_claims
from ketaclaims.x12.p837.tables import BILLED_TABLES
from ketaclaims.x12.p837.totals import Totals

FIXTURE = FIXTURES / "two_clinics_secondary.837"
ROOT = Path(__file__).parents[3]
Tables = dict[str, list[dict[str, Any]]]


def read(path: Path, data: bytes | Iterable[str], **context: Any) -> tuple[InputReport, Totals, Tables]:
    source = path / "input.837"
    source.write_bytes(data if isinstance(data, bytes) else render(data))
    tables: Tables = {name: [] for name in BILLED_TABLES}

    def sink(table: str, batch: pa.RecordBatch) -> None:
        assert batch.schema.equals(BILLED_TABLES[table])
        batch.validate(full=True)
        tables[table].extend(batch.to_pylist())

    reading = read_claims(source, ReadContext("f" * 64, "commit", **context), sink)
    return reading.report, reading.totals, tables


def segments() -> list[str]:
    return FIXTURE.read_text().replace("\n", "").rstrip("~").split("~")


def changed(old: str, *new: str) -> list[str]:
    """The fixture with one segment, there once, replaced; its SE count is made to fit."""
    found = segments()
    at = found.index(old)
    assert found.count(old) == 1
    found[at : at + 1] = new
    count = int(found[-3].split("*")[1]) + len(new) - 1
    found[-3] = f"SE*{count}*0007"
    return found


def codes(report: InputReport) -> list[str]:
    return [issue.code for issue in report.issues]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    report, _, found = read(tmp_path_factory.mktemp("claims"), FIXTURE.read_bytes())
    assert (report.status, report.issues) == ("clean", ())
    return found


def test_every_claim_hangs_on_its_own_provider_subscriber_and_patient(tables: Tables) -> None:
    names = (
        "patient_control_number", "billing_provider_npi", "billing_provider_tax_id", "payer_id",
        "subscriber_member_id", "patient_level", "patient_last_name", "patient_birth_date",
        "relationship_code", "insurance_group_id", "filing_indicator_code",
    )  # fmt: skip
    found = [tuple(row[name] for name in names) for row in tables["billed_claim"]]
    north, jane = ("1234567893", "841234567"), ("subscriber", "DOE", date(1980, 1, 2), "18", "GRP1", "CI")
    kid = ("dependent", "POE", date(2007, 7, 7), "19", "GRP2", "CI")
    ann = ("subscriber", "LEE", date(1990, 9, 9), "18", None, "MC")
    assert found == [
        ("PCN1", *north, "PLAN1", "M001", *jane),
        ("PCN2", *north, "PLAN1", "M001", *jane),
        ("PCN3", *north, "PLAN2", "M002", *kid),
        ("PCN4", "1245319599", "123456789", "STATE", "M003", *ann),
    ]
    assert [row["pay_to_postal_code"] for row in tables["billed_claim"]] == ["803010000"] * 3 + [None]
    assert [row["payer_responsibility_code"] for row in tables["billed_claim"]] == ["P", "P", "S", "P"]


def test_claim_numbers_place_and_frequency(tables: Tables) -> None:
    first, second, third, _ = tables["billed_claim"]
    assert first["prior_authorization_number"] == "PA123"
    assert second["original_reference_number"] == "ICN900"
    assert third["prior_authorization_number"] is None  # REF*G1 there is the other payer's
    assert [row["frequency_code"] for row in tables["billed_claim"]] == ["1", "7", "1", "1"]
    assert [row["place_of_service_code"] for row in tables["billed_claim"]] == ["11", "11", "02", "11"]
    assert (first["rendering_npi"], first["rendering_taxonomy"]) == ("1346789012", "2084P0800X")
    assert (first["service_facility_npi"], first["service_facility_name"]) == ("1679576722", "NORTH SITE")
    assert third["patient_paid_amount"] == Decimal("20.00")
    assert tables["billed_note"][0]["note_text"] == "TWO HOUR OBSERVATION"


def test_lines_carry_codes_drugs_and_pointers(tables: Tables) -> None:
    drug, visit, other, *_ = tables["billed_claim_line"]
    assert (drug["procedure_code"], drug["modifier_1"], drug["billed_units"]) == ("J0013", "JZ", Decimal(84))
    assert (drug["ndc"], drug["ndc_quantity"], drug["ndc_unit_code"]) == ("50458002803", Decimal(3), "UN")
    assert drug["line_control_number"] == "L1"
    assert (visit["diagnosis_pointer_1"], visit["diagnosis_pointer_2"]) == ("1", "2")
    assert (visit["service_from_date"], visit["service_to_date"]) == (date(2026, 3, 2), date(2026, 3, 2))
    assert visit["prior_authorization_number"] == "PALINE"
    assert visit["place_of_service_code"] == "11"
    assert other["noc_text"] == "KETAMINE 50 MG"
    assert other["charge_amount"] == Decimal("40.50")


def test_diagnoses_keep_their_order_and_get_their_dot(tables: Tables) -> None:
    rows = [
        (row["claim_index"], row["position"], row["diagnosis_code"]) for row in tables["billed_diagnosis"]
    ]
    assert rows == [(1, 1, "F33.2"), (1, 2, "R45.851"), (2, 1, "F33.2"), (3, 1, "F41.1"), (4, 1, "F11.20")]


def test_other_payers_and_their_adjustments(tables: Tables) -> None:
    (payer,) = tables["billed_other_payer"]
    assert (payer["payer_id"], payer["subscriber_member_id"]) == ("PLAN9", "M009")
    assert (payer["paid_amount"], payer["prior_authorization_number"]) == (Decimal("120.00"), "OTHERPA")
    assert payer["payer_claim_control_number"] == "ICN9"
    (answer,) = tables["billed_line_adjudication"]
    assert (answer["adjudicated_date"], answer["unexplained_amount"]) == (date(2026, 3, 20), Decimal(0))
    found = [
        (row["level"], row["group_code"], row["carc"], row["adjustment_amount"])
        for row in tables["billed_adjustment"]
    ]
    assert found == [
        ("claim", "PR", "3", Decimal(0)),
        ("line", "CO", "45", Decimal(50)),
        ("line", "PR", "1", Decimal(10)),
        ("line", "PR", "2", Decimal(20)),
    ]


def test_control_totals(tmp_path: Path) -> None:
    report, totals, _ = read(tmp_path, FIXTURE.read_bytes())
    assert dict(report.control_totals_cents) == {
        "clm02": 196_550, "sv102": 196_550, "amt_f5": 2_000, "amt_d": 12_000, "svd02": 12_000, "cas": 8_000,
    }  # fmt: skip
    assert (totals.n_clm, totals.n_lx, totals.is_balanced) == (4, 5, True)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("CLM*PCN2*40.5***11:B:7*Y*A*Y*Y", ["CLM*PCN2*40.51***11:B:7*Y*A*Y*Y"], "CLAIM_UNBALANCED"),
        ("CLM*PCN2*40.5***11:B:7*Y*A*Y*Y", ["CLM*PCN2*40,5***11:B:7*Y*A*Y*Y"], "BAD_AMOUNT"),
        ("CLM*PCN2*40.5***11:B:7*Y*A*Y*Y", ["CLM**40.5***11:B:7*Y*A*Y*Y"], "MISSING_ELEMENT"),
        ("CAS*CO*45*50", ["CAS*CO*45*51"], "COB_UNBALANCED"),
        ("CAS*CO*45*50", ["CAS*XX*45*50"], "UNKNOWN_GROUP_CODE"),
        ("HL*4*3*23*0", ["HL*4*1*23*0"], "HIERARCHY"),
        ("HL*6*5*22*0", ["HL*6*9*22*0"], "HIERARCHY"),
        ("DTP*472*D8*20260305", ["DTP*472*D8*20260231"], "BAD_DATE"),
        ("SV1*HC:99213*75*UN*1***1", ["SV1*HC:99213*75*UN*1.2345***1"], "BAD_QUANTITY"),
        ("SV1*HC:99213*75*UN*1***1", ["SV1*HC>99213*75*UN*1***1"], "CODE_NORMALISED"),
        ("PER*IC*BILLING*TE*5550100", ["ZZ9*X"], "UNKNOWN_SEGMENT"),
        ("PER*IC*BILLING*TE*5550100", ["SV1*HC:99213*75*UN*1***1"], "MISPLACED_MONEY"),
        ("NM1*85*2*SOUTH CLINIC*****XX*1245319599", ["NM1*85*2*SOUTH CLINIC"], "MISSING_ELEMENT"),
        ("NM1*QC*1*POE*KID", ["NM1*QC*1*POE*KID", "NM1*ZZ*1*POE"], "UNEXPECTED_SEGMENT"),
    ],
)
def test_what_is_wrong_is_named_and_the_claims_are_kept(
    tmp_path: Path, old: str, new: list[str], code: str
) -> None:
    report, totals, found = read(tmp_path, changed(old, *new))
    assert (report.status, codes(report)) == ("warned", [code])
    assert [row["code"] for row in found["billed_issue"]] == [code]
    assert found["billed_transaction"][0]["transaction_status"] == "warned"
    assert totals.n_clm == len(found["billed_claim"]) == 4


def test_an_unreadable_charge_is_null_and_its_difference_unknown(tmp_path: Path) -> None:
    edited = changed("SV1*HC:99213*75*UN*1***1", "SV1*HC:99213*7 5*UN*1***1")
    report, totals, found = read(tmp_path, edited)
    assert codes(report) == ["BAD_AMOUNT"]
    assert found["billed_claim_line"][-1]["charge_amount"] is None
    assert found["billed_claim"][-1]["unexplained_amount"] is None
    assert not totals.is_balanced


def test_a_parent_named_out_of_order_is_found(tmp_path: Path) -> None:
    """HL02 decides whose claim it is, not what was open last."""
    report, _, found = read(tmp_path, changed("HL*6*5*22*0", "HL*6*1*22*0"))
    assert report.status == "clean"
    assert found["billed_claim"][-1]["billing_provider_npi"] == "1234567893"


GS = "GS*HC*SUB1*REC1*20260305*1200*77*X*005010X222A1"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (GS, GS.replace("X222A1", "X223A2")),
        (GS, GS.replace("X222A1", "X224A2")),
        (GS, GS.replace("005010X222A1", "004010X098A1")),
        ("ST*837*0007*005010X222A1", "ST*837*0007*005010X223A2"),
    ],
)
def test_other_claims_and_versions_are_refused(tmp_path: Path, old: str, new: str) -> None:
    report, _, found = read(tmp_path, changed(old, new))
    assert (report.status, codes(report)[0]) == ("rejected", "UNSUPPORTED_VERSION")
    assert not any(found.values())


def test_version_4010_of_the_envelope_is_refused(tmp_path: Path) -> None:
    data = FIXTURE.read_bytes().replace(b"*00501*", b"*00401*")
    report, _, _ = read(tmp_path, data)
    assert (report.status, codes(report)[0]) == ("rejected", "UNSUPPORTED_VERSION")


def test_the_guide_may_stand_in_st03_only(tmp_path: Path) -> None:
    report, _, _ = read(tmp_path, changed(GS, GS.replace("005010X222A1", "005010")))
    assert report.status == "clean"


def test_a_test_file_is_refused_unless_allowed(tmp_path: Path) -> None:
    data = FIXTURE.read_bytes().replace(b"*0*P*:", b"*0*T*:")
    report, _, _ = read(tmp_path, data)
    assert (report.status, codes(report)) == ("rejected", ["TEST_INDICATOR"])
    report, totals, _ = read(tmp_path, data, accept_test_files=True)
    assert (report.status, totals.n_clm) == ("warned", 4)


def test_a_truncated_file_is_refused_and_its_whole_batches_can_be_released(tmp_path: Path) -> None:
    whole, last = segments(), segments()[:-3]
    data = render([*whole, *last])
    report, _, _ = read(tmp_path, data)
    assert (report.status, codes(report)[0]) == ("rejected", "TRUNCATED")
    report, totals, found = read(tmp_path, data, complete_transactions=True)
    assert (report.status, totals.n_clm) == ("warned", 4)
    assert [row["st_index"] for row in found["billed_transaction"]] == [1]


def test_every_cut_of_the_file_is_refused(tmp_path: Path) -> None:
    data = FIXTURE.read_bytes()
    for size in range(200, len(data) - 20, 97):
        report, _, _ = read(tmp_path, data[:size])
        assert report.status == "rejected", size


@pytest.mark.parametrize("delimiters", [("|", "^", "\n"), ("!", "<", "~\r\n"), ("*", ">", "~")])
def test_delimiters_come_from_the_header(tmp_path: Path, tables: Tables, delimiters: tuple[str, ...]) -> None:
    _, _, found = read(tmp_path, render(segments(), *delimiters))
    without = {"segment_text"}
    for name, rows in tables.items():
        kept = [{k: v for k, v in row.items() if k not in without} for row in found[name]]
        assert kept == [{k: v for k, v in row.items() if k not in without} for row in rows]


def test_it_is_a_kind_of_its_own_with_a_reader() -> None:
    assert classify(FIXTURE) == "x12_837"
    readers = Readers()
    assert readers.of("x12_837") is not None
    strict, lenient = Settings(accept_test_files=False), Settings(accept_test_files=True)
    assert readers.signature("x12_837", strict) != readers.signature("x12_837", lenient)


def test_messages_hold_no_content(tmp_path: Path) -> None:
    edited = changed("CLM*PCN2*40.5***11:B:7*Y*A*Y*Y", "CLM*PCN2*SECRET***11:B:7*Y*A*Y*Y")
    report, _, _ = read(tmp_path, edited)
    assert all("SECRET" not in issue.message and "PCN2" not in issue.message for issue in report.issues)


def test_codes_used_and_codes_documented_are_the_same() -> None:
    folder = ROOT / "include" / "ketaclaims" / "x12"
    files = [
        *folder.glob("p837/*.py"),
        *(folder / f"{name}.py" for name in ("x12_file", "envelopes", "interchanges", "file_reading")),
    ]
    files += [folder / "tokens.py", folder / "issues.py"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    assert {code for code in DIAGNOSTICS if f'"{code}"' in text} == set(DIAGNOSTICS)
    severities = {"file": "error", "warned": "warning", "note": "info"}
    assert {entry.severity == severities[entry.scope] for entry in DIAGNOSTICS.values()} == {True}


def test_the_page_is_the_catalogue() -> None:
    assert (ROOT / "docs" / "837_diagnostics.md").read_text(encoding="utf-8") == as_markdown()


# generated batches of known content

CENTS = st.integers(0, 10_000_000)
CLAIMS = st.lists(st.tuples(st.booleans(), st.lists(CENTS, min_size=1, max_size=6)), min_size=1, max_size=8)


def batch(providers: list[list[tuple[bool, list[int]]]]) -> list[str]:
    """A batch: per provider its claims, each of a subscriber or a dependent, with line charges in cents."""
    body, level, claim = [], 0, 0
    for number, claims in enumerate(providers):
        level += 1
        billing = level
        body += [f"HL*{level}**20*1", f"NM1*85*2*CLINIC*****XX*{1000000000 + number}"]
        for is_dependent, lines in claims:
            claim += 1
            level += 1
            body += [f"HL*{level}*{billing}*22*1", "SBR*P*18*******CI", f"NM1*IL*1*S*****MI*M{claim}"]
            body += ["NM1*PR*2*PLAN*****PI*P1"]
            if is_dependent:
                level += 1
                body += [f"HL*{level}*{level - 1}*23*0", "PAT*19", f"NM1*QC*1*D{claim}"]
            total = Decimal(sum(lines)) / 100
            body += [f"CLM*C{claim}*{total}***11:B:1*Y*A*Y*Y", "HI*ABK:F332"]
            for line, cents in enumerate(lines, start=1):
                body += [f"LX*{line}", f"SV1*HC:99213*{Decimal(cents) / 100}*UN*1***1", "DTP*472*D8*20260305"]
    isa = segments()[0]
    head = [isa, GS, "ST*837*0001*005010X222A1", "BHT*0019*00*1*20260305*1200*CH"]
    return [*head, *body, f"SE*{len(body) + 3}*0001", "GE*1*77", "IEA*1*000000077"]


@settings(max_examples=60, deadline=None)
@given(st.lists(CLAIMS, min_size=1, max_size=3))
def test_generated_batches_add_up(
    tmp_path_factory: pytest.TempPathFactory, providers: list[list[tuple[bool, list[int]]]]
) -> None:
    report, totals, found = read(tmp_path_factory.mktemp("batch"), batch(providers))
    claims = [(number, *claim) for number, claims in enumerate(providers) for claim in claims]
    assert (report.status, report.issues) == ("clean", ())
    assert totals.clm02 == totals.sv102 == sum(sum(lines) for _, _, lines in claims)
    rows = found["billed_claim"]
    assert [int(row["charge_amount"] * 100) for row in rows] == [sum(lines) for _, _, lines in claims]
    assert [row["billing_provider_npi"] for row in rows] == [str(1000000000 + n) for n, _, _ in claims]
    assert [row["subscriber_member_id"] for row in rows] == [f"M{n}" for n in range(1, len(claims) + 1)]
    assert [row["patient_level"] == "dependent" for row in rows] == [is_dep for _, is_dep, _ in claims]
    charges = [int(row["charge_amount"] * 100) for row in found["billed_claim_line"]]
    assert charges == [cents for _, _, lines in claims for cents in lines]
