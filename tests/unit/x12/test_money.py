"""What holds a payment, what only flags it, and that no cent is invented (faults B12 to B19)."""

from datetime import date
from decimal import Decimal

import pytest
from x12_kit import CLAIM, FIXTURES, HEAD, edited, interchange, payment, read

from ketaclaims.x12.values import decimal_text, parse_date, parse_decimal, plain_decimal

D = Decimal
FILE = interchange(payment())
LINES = ("CLP*A1*1*150*100*20*12*ICN1", "SVC*HC:J0013*150*100", "CAS*CO*45*30", "CAS*PR*2*20")


def outcome(tmp_path, segments):
    result = read(tmp_path, segments)
    return result.statuses[0], result.codes


# values


@pytest.mark.parametrize(
    ("text", "cents"),
    [("100", 10_000), ("100.5", 10_050), ("-25.00", -2_500), (".5", 50), ("0", 0), ("-0", 0), ("1.", 100),
     ("12.340", 1_234), ("007", 700), ("9999999999999999.99", 10**18 - 1)],
)  # fmt: skip
def test_readable_amounts(text, cents):
    assert parse_decimal(text, 2) == cents


@pytest.mark.parametrize(
    "text",
    ["1,234.50", "12.345", "1e5", "-", "--5", "NaN", "inf", "+5", ".", "-.", "1 0", "$5", "0x10", "٣",
     "1_000", "5-", "(5)", "10000000000000000.00", "123456789012345678", "9" * 5000, "1.2.3"],
)  # fmt: skip
def test_unreadable_amounts(text):
    assert parse_decimal(text, 2) is None


@pytest.mark.parametrize(
    "text", ["00000000", "20260230", "260115", "2026-01-15", "20261301", "18991231", "2026011", "٢٠٢٦٠١١٥"]
)
def test_unreadable_dates(text):
    assert parse_date(text) is None


def test_readable_dates_and_spellings():
    assert parse_date("20240229") == (date(2024, 2, 29) - date(1970, 1, 1)).days
    assert parse_date("19000101") == (date(1900, 1, 1) - date(1970, 1, 1)).days
    assert [plain_decimal(t) for t in ("34.00", "034", ".5", "-0.0", "-1.50", "x1.0")] == [
        "34",
        "34",
        "0.5",
        "0",
        "-1.5",
        "x1.0",
    ]
    assert [decimal_text(cents) for cents in (0, -5, 1250, -123456)] == ["0.00", "-0.05", "12.50", "-1234.56"]


# BPR02 = sum CLP04 - sum PLB


@pytest.mark.parametrize(
    ("bpr02", "status"), [("100", "loaded"), ("100.00", "loaded"), ("100.01", "held"), ("99.99", "held")]
)
def test_a_cent_out_of_balance_holds(tmp_path, bpr02, status):
    result = read(tmp_path, edited(FILE, HEAD[0], f"BPR*I*{bpr02}*C*CHK************20260115"))
    assert result.statuses == [status]
    assert result.totals.is_balanced is (status == "loaded")
    assert result.one("remittance")["unexplained_amount"] == D(bpr02) - 100
    if status == "held":
        assert result.codes == ["OUT_OF_BALANCE"]
        assert result.report.issues[0].message == f"BPR02 is {bpr02}, sum of CLP04 less PLB is 100.00"


def test_a_positive_plb_lowers_the_payment(tmp_path):
    takeback = interchange(
        payment(
            *CLAIM,
            "PLB*1234567893*20261231*WO:ICN9*60*FB*-10",
            head=(HEAD[0].replace("100", "50"), *HEAD[1:]),
        )
    )
    result = read(tmp_path, takeback)
    assert (result.statuses, result.totals.plb, result.totals.n_plb_adj) == (["loaded"], 5_000, 2)
    columns = ("sequence", "reason_code", "reference_id", "adjustment_amount", "fiscal_period_date")
    assert result.column("remit_provider_adjustment", *columns) == [
        (1, "WO", "ICN9", D("60.00"), date(2026, 12, 31)),
        (2, "FB", None, D("-10.00"), date(2026, 12, 31)),
    ]
    assert read(
        tmp_path, edited(takeback, "PLB*1234567893*20261231*WO:ICN9*60*FB*-10", "PLB*1*20261231*WO:ICN9*-50")
    ).codes == ["OUT_OF_BALANCE"]


def test_a_negative_payment_loads_flagged(tmp_path):
    segments = interchange(
        payment(*CLAIM, "PLB*1*20261231*WO*150", head=("BPR*I*-50*C*NON************20260115", *HEAD[1:]))
    )
    assert outcome(tmp_path, segments) == ("warned", ["NEGATIVE_PAYMENT"])


def test_a_reversal_and_its_correction_net(tmp_path):
    result = read(tmp_path, (FIXTURES / "reversal_and_takeback.835").read_bytes())
    assert (result.report.status, result.codes) == ("clean", [])
    assert result.totals.n_reversal == 1
    rows = result.column(
        "remit_claim",
        "claim_status_code",
        "charge_amount",
        "paid_amount",
        "claim_adjustment_amount",
        "line_adjustment_amount",
        "unexplained_amount",
    )
    assert rows == [
        ("22", D("-1180"), D("-700"), D("0"), D("-480"), D("0")),
        ("1", D("1180"), D("900"), D("0"), D("280"), D("0")),
        ("1", D("450"), D("300"), D("150"), D("0"), D("0")),
    ]


# claims and lines: flagged, their difference shown


def test_balanced_lines_are_loaded(tmp_path):
    result = read(tmp_path, interchange(payment(*LINES)))
    assert (result.statuses, result.codes) == (["loaded"], [])
    line = result.one("remit_service_line")
    assert (line["adjustment_amount"], line["unexplained_amount"]) == (D("50.00"), D("0.00"))


@pytest.mark.parametrize(
    ("old", "new", "codes", "unexplained"),
    [
        (LINES[2], "CAS*CO*45*30.01", ["LINE_UNBALANCED", "CLAIM_UNBALANCED"], (D("-0.01"), D("-0.01"))),
        (LINES[1], "SVC*HC:J0013*149*100", ["LINE_UNBALANCED", "CLAIM_UNBALANCED"], (D("-1"), D("0"))),
        (LINES[0], "CLP*A1*1*151*100*20*12*ICN1", ["CLAIM_UNBALANCED"], (D("0"), D("1"))),
        (LINES[0], "CLP*A1*1*150*100*19.99*12*ICN1", ["PATIENT_SHARE"], (D("0"), D("0"))),
        (LINES[0], "CLP*A1*1*150*100**12*ICN1", [], (D("0"), D("0"))),
    ],
)
def test_what_does_not_add_up_is_flagged_with_its_difference(tmp_path, old, new, codes, unexplained):
    result = read(tmp_path, edited(interchange(payment(*LINES)), old, new))
    assert result.codes == codes
    assert result.statuses == ["warned" if codes else "loaded"]
    found = (
        result.one("remit_service_line")["unexplained_amount"],
        result.one("remit_claim")["unexplained_amount"],
    )
    assert found == unexplained


def test_patient_share_is_not_judged_on_reversals(tmp_path):
    back = ("CLP*A1*22*-150*-100*20*12*ICN1", "CAS*CO*45*-30", "CAS*PR*2*-20")
    again = ("CLP*A1*1*350*200*0*12*ICN2", "CAS*CO*45*150")
    assert outcome(tmp_path, interchange(payment(*back, *again))) == ("loaded", [])


# amounts


@pytest.mark.parametrize("bad", ["1,234.50", "12.345", "1e5", "-", "--5", "NaN", "123456789012345678.00", ""])
@pytest.mark.parametrize(
    ("segment", "element"),
    [
        ("BPR*I*{}*C*CHK************20260115", "BPR02"),
        ("CLP*A1*1*{}*100*20*12*ICN1", "CLP03"),
        ("CLP*A1*1*150*{}*20*12*ICN1", "CLP04"),
        ("SVC*HC:J0013*{}*100", "SVC02"),
        ("SVC*HC:J0013*150*{}", "SVC03"),
        ("CAS*CO*45*{}", "CAS03"),
    ],
)
def test_an_unreadable_amount_is_null_and_holds(tmp_path, bad, segment, element):
    originals = {"BPR": HEAD[0], "CLP": LINES[0], "SVC": LINES[1], "CAS": LINES[2]}
    changed = segment.format(bad)
    result = read(tmp_path, edited(interchange(payment(*LINES)), originals[segment[:3]], changed))
    issue = result.report.issues[0]
    assert (result.statuses, issue.code, issue.severity, issue.element) == (
        ["held"],
        "BAD_AMOUNT",
        "error",
        element,
    )
    assert changed.rstrip("*") in [
        text.rstrip("*") for text in result.column("remit_segment_other", "segment_text")
    ]
    table, column = {
        "BPR02": ("remittance", "payment_amount"),
        "CLP03": ("remit_claim", "charge_amount"),
        "CLP04": ("remit_claim", "paid_amount"),
        "SVC02": ("remit_service_line", "charge_amount"),
        "SVC03": ("remit_service_line", "paid_amount"),
        "CAS03": ("remit_adjustment", "adjustment_amount"),
    }[element]
    assert result.tables[table][0][column] is None
    assert "OUT_OF_BALANCE" not in result.codes  # unknown, not unequal


def test_an_unreadable_plb_amount_holds(tmp_path):
    segments = interchange(payment(*CLAIM, "PLB*1*20261231*WO*5,0"))
    assert outcome(tmp_path, segments) == ("held", ["BAD_AMOUNT"])


@pytest.mark.parametrize("segment", ["AMT*B6*1,0", "QTY*CA*1e2"])
def test_unreadable_figures_that_move_no_money_warn(tmp_path, segment):
    result = read(tmp_path, interchange(payment(*LINES, segment)))
    assert result.statuses == ["warned"]
    assert segment in result.column("remit_segment_other", "segment_text")
    assert result.one("remit_amount")["amount"] is None


def test_sums_too_large_for_their_column_hold_and_do_not_crash(tmp_path):
    big = "9999999999999999.99"
    cas = "CAS*CO" + f"*45*{big}*" * 6
    result = read(tmp_path, interchange(payment(CLAIM[0], *[cas] * 3, "SVC*HC:X*1*1", *[cas] * 3)))
    assert result.statuses == ["held"]
    assert set(result.codes) >= {"BAD_AMOUNT"}
    assert result.one("remit_claim")["claim_adjustment_amount"] is None
    assert result.totals.cas == 36 * (10**18 - 1)


def test_a_large_file_of_cents_adds_up_exactly(tmp_path):
    claims = [f"CLP*A{n}*1*0.10*0.10**12*I{n}" for n in range(1000)]
    result = read(tmp_path, interchange(payment(*claims)))
    assert (result.statuses, result.one("remittance")["claim_paid_amount"]) == (["loaded"], D("100.00"))


# dates


@pytest.mark.parametrize("bad", ["00000000", "20260230", "260115", "x"])
def test_an_unreadable_payment_date_holds(tmp_path, bad):
    result = read(tmp_path, edited(FILE, HEAD[0], f"BPR*I*100*C*CHK************{bad}"))
    assert (result.statuses, result.codes, result.one("remittance")["payment_date"]) == (
        ["held"],
        ["BAD_DATE"],
        None,
    )


def test_a_missing_payment_date_holds_only_where_money_moves(tmp_path):
    assert outcome(tmp_path, edited(FILE, HEAD[0], "BPR*I*100*C*CHK")) == ("held", ["BAD_DATE"])
    denial = ("CLP*A1*4*150*0**12*ICN1", "CAS*CO*197*150")
    free = interchange(payment(*denial, head=("BPR*H*0*C*NON", *HEAD[1:])))
    assert outcome(tmp_path, free) == ("warned", ["BAD_DATE"])
    assert outcome(tmp_path, edited(free, "BPR*H*0*C*NON", "BPR*H*0*C*NON************20260230")) == (
        "held",
        ["BAD_DATE"],
    )
    paid_by_takeback = interchange(
        payment(*CLAIM, "PLB*1*20261231*WO*100", head=("BPR*H*0*C*NON", *HEAD[1:]))
    )
    assert outcome(tmp_path, paid_by_takeback) == ("held", ["BAD_DATE"])


def test_other_dates_warn_and_keep_their_text(tmp_path):
    result = read(
        tmp_path, interchange(payment(CLAIM[0], "DTM*232*20260230", "DTM*233*20260228", *CLAIM[1:]))
    )
    assert (result.statuses, result.codes) == (["warned"], ["BAD_DATE"])
    assert result.column("remit_date", "date_value", "date_text") == [
        (None, "20260230"),
        (date(2026, 2, 28), "20260228"),
    ]
    claim = result.one("remit_claim")
    assert (claim["statement_from_date"], claim["statement_to_date"]) == (None, date(2026, 2, 28))


# codes and habits


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (CLAIM[1], "CAS*CR*45*30", "HABIT_4010"),
        (CLAIM[1], "CAS*XX*45*30", "UNKNOWN_GROUP_CODE"),
        (CLAIM[1], "CAS*CO*CO45*30", "CODE_NORMALISED"),
        (CLAIM[1], "CAS*CO**30", "MISSING_ELEMENT"),
        (CLAIM[0], "CLP*A1*99*150*100*20*12*ICN1*11*1", "UNKNOWN_CLAIM_STATUS"),
        (CLAIM[0], "CLP**1*150*100*20*12*ICN1*11*1", "MISSING_ELEMENT"),
        (CLAIM[0], "CLP*A1*22*150*100*20*12*ICN1*11*1", "HABIT_4010"),
        (HEAD[1], "TRN*1", "MISSING_ELEMENT"),
        (HEAD[2], "N1*PR", "MISSING_ELEMENT"),
        ("LX*1", "ZZ9*1", "UNKNOWN_SEGMENT"),
    ],
)
def test_odd_codes_load_flagged_and_as_sent(tmp_path, old, new, code):
    result = read(tmp_path, edited(FILE, old, new))
    assert (result.statuses, result.codes) == (["warned"], [code])
    assert result.totals.cas == 5_000


def test_a_glued_reason_is_taken_apart(tmp_path):
    result = read(tmp_path, edited(FILE, CLAIM[1], "CAS*CO*CO45*30"))
    assert result.column("remit_adjustment", "group_code", "carc") == [("CO", "45"), ("PR", "2")]
    assert "CAS*CO*CO45*30" in result.column("remit_segment_other", "segment_text")


@pytest.mark.parametrize(
    "segment", ["SVC*HC:J0013*10*10", "CAS*CO*45*30", "BPR*I*100*C*CHK************20260115"]
)
def test_money_outside_claims_holds(tmp_path, segment):
    segments = interchange(payment("REF*EV*X", segment, *CLAIM))
    result = read(tmp_path, segments)
    assert (result.statuses, result.codes) == (["held"], ["MISPLACED_MONEY"])
    assert segment in result.column("remit_segment_other", "segment_text")


def test_a_transaction_without_bpr_is_held(tmp_path):
    segments = interchange(payment(*CLAIM, head=HEAD[1:]))
    assert outcome(tmp_path, segments) == ("held", ["BAD_AMOUNT"])
