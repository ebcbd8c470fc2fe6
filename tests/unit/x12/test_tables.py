"""Rows of a real-looking file, exactly; identities of payments; and that no segment is dropped."""

from datetime import date
from decimal import Decimal

import pytest
from x12_kit import CLAIM, FIXTURES, HEAD, edited, interchange, payment, read, render, st

from ketaclaims.x12.tables import REMIT_TABLES

D = Decimal
TAKEBACK = (FIXTURES / "reversal_and_takeback.835").read_bytes()
ZERO_PAY = (FIXTURES / "zero_pay_denial.835").read_bytes()
KEYS = ("st_index", "claim_index", "line_index")


@pytest.fixture
def takeback(tmp_path):
    return read(tmp_path, TAKEBACK)


@pytest.fixture
def zero_pay(tmp_path):
    return read(tmp_path, ZERO_PAY)


def test_the_payment(takeback):
    row = takeback.one("remittance")
    hashes = {row.pop(name) for name in ("payment_identity", "payment_reference", "content_hash")}
    assert len(hashes) == 3
    assert all(len(value) == 32 for value in hashes)
    assert row == {
        "_file_sha256": "f" * 64,
        "_commit_id": "commit",
        "_segment_number": 3,
        "st_index": 1,
        "interchange_index": 1,
        "isa_control_number": "000000101",
        "isa_sender_id": "KCPAYERONE",
        "isa_receiver_id": "KCCLINIC",
        "usage_indicator": "P",
        "gs_version": "005010X221A1",
        "st_control_number": "0001",
        "handling_code": "I",
        "payment_amount": D("412.50"),
        "credit_debit_code": "C",
        "payment_method_code": "ACH",
        "payment_date": date(2026, 3, 3),
        "trace_number": "EFT0000501",
        "originator_id": "1900000001",
        "currency_code": None,
        "production_date": date(2026, 3, 2),
        "payer_name": "FIRST EXAMPLE HEALTH PLAN",
        "payer_id": "90001",
        "payee_name": "EXAMPLE KETAMINE CLINIC",
        "payee_id_qualifier": "XX",
        "payee_id": "1234567893",
        "payee_tax_id": "870000001",
        "claim_count": 3,
        "claim_charge_amount": D("450.00"),
        "claim_paid_amount": D("500.00"),
        "provider_adjustment_amount": D("87.50"),
        "unexplained_amount": D("0.00"),
        "transaction_status": "loaded",
        "segment_count": 42,
        "is_reversal_sign_repaired": False,
    }


def test_a_claim_without_lines(takeback):
    row = takeback.tables["remit_claim"][2]
    assert {name: row[name] for name in list(row)[5:]} == {
        "patient_control_number": "KC-1002",
        "claim_status_code": "1",
        "charge_amount": D("450.00"),
        "paid_amount": D("300.00"),
        "patient_responsibility_amount": D("50.00"),
        "filing_indicator_code": "12",
        "payer_claim_control_number": "2026030100003",
        "facility_type_code": "11",
        "frequency_code": "1",
        "statement_from_date": None,
        "statement_to_date": None,
        "received_date": date(2026, 2, 1),
        "original_reference_number": None,
        "prior_authorization_number": "PA77",
        "rendering_npi": "1999999984",
        "lx_number": "2",
        "claim_adjustment_amount": D("150.00"),
        "line_adjustment_amount": D("0.00"),
        "line_charge_amount": None,
        "line_paid_amount": None,
        "unexplained_amount": D("0.00"),
        "is_positive_reversal": False,
    }


def test_lines(takeback, zero_pay):
    columns = (
        "line_control_number",
        "procedure_code",
        "modifier_1",
        "charge_amount",
        "paid_units",
        "allowed_amount",
    )
    assert takeback.column("remit_service_line", *columns) == [
        ("KC1001L1", "G2083", None, D("-1180.00"), D("-1"), None),
        ("KC1001L1", "G2083", "25", D("1180.00"), D("1"), D("900.00")),
    ]
    dates = ("claim_index", "line_index", "procedure_code", "service_from_date", "service_to_date")
    assert zero_pay.column("remit_service_line", *dates) == [
        (1, 1, "J0013", date(2026, 2, 20), date(2026, 2, 20)),
        (1, 2, "99213", date(2026, 2, 20), date(2026, 2, 20)),
    ]
    adjusted = ("line_index", "sequence", "carc", "adjustment_amount", "adjustment_quantity")
    assert zero_pay.column("remit_adjustment", *adjusted) == [
        (1, 1, "197", D("885.50"), D("84")),
        (2, 1, "197", D("150.00"), None),
    ]


def test_adjustments_are_read_by_position(takeback):
    columns = (
        "claim_index",
        "line_index",
        "level",
        "sequence",
        "group_code",
        "carc",
        "adjustment_amount",
        "adjustment_quantity",
    )
    assert takeback.column("remit_adjustment", *columns) == [
        (1, 1, "line", 1, "CO", "45", D("-280.00"), None),
        (1, 1, "line", 2, "PR", "2", D("-200.00"), None),
        (2, 1, "line", 1, "CO", "45", D("280.00"), None),
        (3, None, "claim", 1, "CO", "45", D("60.00"), None),
        (3, None, "claim", 2, "CO", "253", D("40.00"), None),
        (3, None, "claim", 3, "PR", "2", D("50.00"), None),
    ]


def test_holes_between_adjustments_are_kept(tmp_path):
    holed = "CAS*CO*45*30*****253*0"
    result = read(tmp_path, edited(interchange(payment()), CLAIM[1], holed))
    assert result.column("remit_adjustment", "carc", "adjustment_amount")[:2] == [
        ("45", D("30.00")),
        ("253", D("0.00")),
    ]
    assert result.statuses == ["loaded"]
    assert holed in result.column("remit_segment_other", "segment_text")
    empty = read(tmp_path, edited(interchange(payment(CLAIM[0], "CAS*CO", *CLAIM[1:])), "CAS*CO", "CAS*CO*"))
    assert empty.totals.n_cas_adj == 2
    assert "CAS*CO*" in empty.column("remit_segment_other", "segment_text")


def test_remarks(takeback):
    assert takeback.column("remit_remark", *KEYS, "source", "sequence", "qualifier", "rarc") == [
        (1, 2, None, "MOA", 1, None, "MA01"),
        (1, 2, None, "MOA", 2, None, "N130"),
        (1, 2, 1, "LQ", 1, "HE", "N674"),
    ]


def test_inpatient_remarks_and_holes(tmp_path):
    mia = "MIA*0***12.5*MA02" + "*" * 15 + "N1**N3"
    result = read(tmp_path, interchange(payment(*CLAIM, mia, "LQ*HE*N5", "LQ*HE")))
    assert result.column("remit_remark", "source", "rarc") == [
        ("MIA", "MA02"),
        ("MIA", "N1"),
        ("MIA", "N3"),
        ("LQ", "N5"),
    ]
    kept = result.column("remit_segment_other", "segment_text")
    assert mia in kept
    assert "LQ*HE" in kept
    assert "LQ*HE*N5" not in kept
    assert result.totals.n_lq == 2


def test_parties_references_dates_and_amounts(takeback):
    columns = (
        "claim_index",
        "segment_id",
        "entity_code",
        "entity_type_code",
        "name_last_or_org",
        "name_first",
        "name_middle",
        "id_qualifier",
        "party_id",
    )
    assert takeback.column("remit_party", *columns)[:3] == [
        (None, "N1", "PR", None, "FIRST EXAMPLE HEALTH PLAN", None, None, "XV", "90001"),
        (None, "N1", "PE", None, "EXAMPLE KETAMINE CLINIC", None, None, "XX", "1234567893"),
        (1, "NM1", "QC", "1", "EXAMPLE", "ALPHA", None, "MI", "EX0000001"),
    ]
    assert takeback.column("remit_reference", *KEYS, "qualifier", "reference_id") == [
        (1, None, None, "EV", "KCCLINIC"),
        (1, None, None, "TJ", "870000001"),
        (1, 1, None, "F8", "2026010100009"),
        (1, 1, 1, "6R", "KC1001L1"),
        (1, 2, 1, "6R", "KC1001L1"),
        (1, 3, None, "G1", "PA77"),
    ]
    assert takeback.column("remit_date", "claim_index", "line_index", "qualifier", "date_text")[:3] == [
        (None, None, "405", "20260302"),
        (1, None, "232", "20260105"),
        (1, None, "233", "20260105"),
    ]
    assert takeback.column("remit_amount", *KEYS, "kind", "qualifier", "amount") == [
        (1, 2, 1, "AMT", "B6", D("900.000"))
    ]


def test_the_payer_id_falls_back_to_reference_and_trace(tmp_path, zero_pay):
    assert zero_pay.one("remittance")["payer_id"] == "90002"
    assert zero_pay.one("remittance")["payee_tax_id"] == "870000001"
    bare = edited(interchange(payment()), HEAD[2], "N1*PR*PLAN")
    assert read(tmp_path, bare).one("remittance")["payer_id"] == "1900000001"


def test_several_transactions_keep_their_own_payee(tmp_path):
    other = ["N1*PE*OTHER*XX*1999999984" if s == HEAD[3] else s for s in payment()]
    result = read(tmp_path, interchange(payment(), other))
    assert result.column("remittance", "st_index", "payee_id") == [(1, "1234567893"), (2, "1999999984")]
    assert result.column("remit_claim", "st_index", "claim_index") == [(1, 1), (2, 1)]


@pytest.mark.parametrize(
    ("svc", "code", "modifiers", "kept"),
    [
        ("HC:J0013", "J0013", [None] * 4, False),
        ("HC:J0013::", "J0013", [None] * 4, False),
        ("hc:j0013:25:59:XU:JW", "J0013", ["25", "59", "XU", "JW"], True),
        ("HC:J0013:25:59:XU:JW", "J0013", ["25", "59", "XU", "JW"], False),
        ("HC:J0013:25,59", "J0013", ["25", "59", None, None], True),
        ("HC:J0013::59", "J0013", ["59", None, None, None], True),
        ("HC:J0013:25::::A DRUG", "J0013", ["25", None, None, None], True),
        ("N4:50458002800", "50458002800", [None] * 4, False),
    ],
)
def test_procedures(tmp_path, svc, code, modifiers, kept):
    segment = f"SVC*{svc}*150*100*0250*84"
    result = read(tmp_path, interchange(payment(CLAIM[0], segment, *CLAIM[1:])))
    row = result.one("remit_service_line")
    assert (row["procedure_code"], [row[f"modifier_{n}"] for n in range(1, 5)]) == (code, modifiers)
    assert (row["revenue_code"], row["paid_units"]) == ("0250", D("84.000"))
    assert (segment in result.column("remit_segment_other", "segment_text")) is kept


def test_the_billed_code_and_units_stand_beside_the_paid_ones(tmp_path):
    segment = "SVC*HC:G2082*150*100**0.5*HC:G2083:25*1"
    row = read(tmp_path, interchange(payment(CLAIM[0], segment, *CLAIM[1:]))).one("remit_service_line")
    assert (row["paid_units"], row["original_procedure_code"], row["original_units"]) == (
        D("0.5"),
        "G2083",
        D("1"),
    )


# identity


def hashes(result):
    return result.column("remittance", "payment_identity", "payment_reference", "content_hash")


def test_spelling_and_envelope_do_not_change_the_identity(tmp_path):
    base = interchange(payment())
    reference = hashes(read(tmp_path, base))
    same = [
        render(base, "|", ">", "\n"),
        render(interchange(payment(), control=77)),
        render(interchange(st(*HEAD, *CLAIM, number="9999"))),
        render(edited(base, HEAD[0], "BPR*I*100.00*C*CHK************20260115**")),
        render(edited(base, CLAIM[1], "CAS*CO*45*30.0")),
        render(edited(base, HEAD[2], "N1*PR* plan *XV*90001 ")),
    ]
    assert [hashes(read(tmp_path, data)) for data in same] == [reference] * len(same)


def test_content_changes_the_identity_and_not_the_reference(tmp_path):
    base = interchange(payment())
    (reference,) = hashes(read(tmp_path, base))
    other_reason = hashes(read(tmp_path, edited(base, CLAIM[1], "CAS*CO*253*30")))[0]
    assert other_reason[0] != reference[0]
    assert other_reason[1] == reference[1]
    assert other_reason[2] != reference[2]
    other_trace = hashes(read(tmp_path, edited(base, HEAD[1], "TRN*1*T2*1900000001")))[0]
    assert other_trace[1] != reference[1]
    split = hashes(read(tmp_path, interchange(payment(), payment(*CLAIM, "PLB*1*20261231*WO*0"))))
    assert split[0] == reference
    assert split[1][1] == reference[1]
    assert split[1][0] != reference[0]


def test_elements_cannot_run_into_each_other(tmp_path):
    base = interchange(payment())
    first = hashes(read(tmp_path, edited(base, HEAD[1], "TRN*1*AB*C")))[0]
    second = hashes(read(tmp_path, edited(base, HEAD[1], "TRN*1*A*BC")))[0]
    assert len({first[2], second[2]}) == 2


# nothing is dropped


@pytest.mark.parametrize("data", [TAKEBACK, ZERO_PAY], ids=["takeback", "zero pay"])
def test_every_segment_is_in_a_table(tmp_path, data):
    result = read(tmp_path, data)
    count = data.count(b"~") or data.count(b"\n")
    numbers = {
        row["_segment_number"]
        for table, rows in result.tables.items()
        if table != "remit_issue"
        for row in rows
    }
    assert numbers == set(range(1, count + 1))
    other = result.column("remit_segment_other", "_segment_number")
    assert other == sorted(set(other))


def test_kept_text_is_the_segment_as_sent(zero_pay):
    lines = ZERO_PAY.decode().splitlines()
    kept = zero_pay.column("remit_segment_other", "_segment_number", "segment_id", "segment_text")
    assert [(number, lines[number - 1].split("|")[0], lines[number - 1]) for number, _, _ in kept] == kept
    assert [segment_id for _, segment_id, _ in kept] == [
        "ISA",
        "GS",
        "ST",
        "BPR",
        "TRN",
        "LX",
        "SE",
        "GE",
        "IEA",
    ]


def test_every_table_has_lineage_and_position():
    for schema in REMIT_TABLES.values():
        assert schema.names[:4] == ["_file_sha256", "_commit_id", "_segment_number", "st_index"]
