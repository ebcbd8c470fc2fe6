"""``ketaclaims remit explain``: one claim's arithmetic, exact, and what does not add up."""

from decimal import Decimal

import pytest
import typer
from typer.testing import CliRunner
from x12_kit import FIXTURES, interchange, payment, render

from ketaclaims.settings import Settings
from ketaclaims.x12.commands import register
from ketaclaims.x12.explain import allowed, claim_checks, explain_input, position, reversal_state
from ketaclaims.x12.inspection import inputs_of

TAKEBACK = FIXTURES / "reversal_and_takeback.835"
LINES = (
    "CLP*B7*2*150*60.25*40*12*ICN1*11*1",
    "CAS*OA*23*9.75",
    "NM1*QC*1*EXAMPLE*SECRET****MI*MEMBER77",
    "MOA***MA18",
    "SVC*HC:99213:25*100*30**1",
    "DTM*472*20260105",
    "CAS*CO*45*30",
    "CAS*PR*2*40",
    "REF*6R*L1",
    "AMT*B6*70",
    "LQ*HE*N130",
    "SVC*HC:96365*50*40",
    "CAS*CO*45*10",
    "AMT*B6*41",
)


def explained(tmp_path, *claims, wanted="B7"):
    path = tmp_path / "a.835"
    path.write_bytes(render(interchange(payment(*claims, head=["BPR*I*60.25*C*CHK************20260115"]))))
    (given,) = inputs_of([path], Settings())
    return explain_input(given, wanted, Settings())


def run(*arguments):
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    return CliRunner().invoke(app, ["remit", "explain", *map(str, arguments)])


def shown(*arguments):
    result = run(*arguments)
    return result.exit_code, " ".join(result.stdout.split())


def test_a_claim_that_adds_up(tmp_path):
    (story,) = explained(tmp_path, *LINES).stories
    checks = list(claim_checks(story))
    assert [(check.expected, check.stated, check.difference) for check in checks] == [
        (Decimal("60.25"), Decimal("60.25"), 0),
        (Decimal("150.00"), Decimal("150.00"), 0),
        (Decimal("60.25"), Decimal("60.25"), 0),
        (Decimal("40.00"), Decimal("40.00"), 0),
    ]
    assert dict(checks[0].parts) == {
        "charge CLP03": Decimal("150.00"),
        "less claim CAS": Decimal("-9.75"),
        "less line CAS": Decimal("-80.00"),
    }


def test_a_cent_off_and_an_unreadable_amount_show(tmp_path):
    (off,) = explained(tmp_path, LINES[0].replace("60.25", "60.26"), *LINES[1:]).stories
    assert [check.difference for check in claim_checks(off)] == [
        Decimal("-0.01"),
        0,
        Decimal("-0.01"),
        0,
    ]
    (bad,) = explained(tmp_path, LINES[0], "CAS*CO*45*x", *LINES[2:]).stories
    assert [check.difference for check in claim_checks(bad)] == [None, 0, None, 0]


def test_allowed_counts_the_other_payer_only_where_there_was_one(tmp_path):
    (story,) = explained(tmp_path, *LINES).stories
    paid = story.claim["paid_amount"]
    assert allowed(paid, story.adjustments, "2") == Decimal("110.00")
    assert allowed(paid, story.adjustments, "1") == Decimal("100.25")


def test_text(tmp_path):
    explained(tmp_path, *LINES)
    code, text = shown(tmp_path / "a.835", "--claim", "B7")
    assert code == 0
    for expected in (
        "Claim 1/1 (payment/claim of the file), segment 5",
        "line 1: 99213-25, 2026-01-05, units 1, our line L1",
        "charge SVC02 100.00 less CO 45 Above fee schedule -30.00 less PR 2 Coinsurance -40.00 "
        "should be 30.00 paid SVC03: agrees 30.00",
        "allowed, worked out: paid + PR + OA 23 70.00 allowed as sent, AMT*B6: agrees 70.00",
        "allowed as sent, AMT*B6: differs by -1.00 41.00",
        "remark N130 (LQ) See plan limits",
        "remark MA18 (MOA)",
        "claim CAS: less OA 23 Prior payer effect -9.75",
        "patient share CLP05: agrees 40.00",
    ):
        assert expected in text
    assert "SECRET" not in text
    assert "MEMBER77" not in text


def test_what_is_off_is_said_with_what_to_do(tmp_path):
    explained(tmp_path, LINES[0].replace("60.25", "60.26"), *LINES[1:])
    code, text = shown(tmp_path / "a.835", "--claim", "1/1")
    assert code == 0
    assert "paid CLP04: OFF BY -0.01 60.26" in text
    assert "CLAIM_UNBALANCED: CLP03 less all CAS is off CLP04 by -0.01" in text
    assert "See unexplained_amount" in text


def test_lines_fit_80_columns(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert max(map(len, run(TAKEBACK, "--claim", "KC-1001").stdout.splitlines())) <= 80


ORIGINAL = "CLP*A1*1*150*150**12*I1*11*1"
REVERSED = "CLP*A1*22*-150*-150**12*I1*11*1"
CORRECTED = "CLP*A1*1*150*150**12*I2*11*7"


def states(tmp_path, *claims, wanted="A1"):
    return [reversal_state(story) for story in explained(tmp_path, *claims, wanted=wanted).stories]


def test_the_state_of_a_claim(tmp_path):
    other = "CLP*A2*1*150*150**12*I3*11*1"
    assert states(tmp_path, ORIGINAL, other) == ["neither reversed nor corrected in this file"]
    assert states(tmp_path, other, REVERSED) == ["reverses a payment that is not in this file"]
    assert states(tmp_path, ORIGINAL, REVERSED.replace("-150*-150", "-150*-149")) == [
        "neither reversed nor corrected in this file",
        "reverses a payment that is not in this file",
    ]
    assert states(tmp_path, ORIGINAL, REVERSED, CORRECTED) == [
        "taken back by the reversal 1/2",
        "reverses claim 1/1",
        "corrects, after the reversal 1/2",
    ]


def test_a_position_knows_the_same_chain_as_the_number(tmp_path):
    assert states(tmp_path, ORIGINAL, REVERSED, CORRECTED, wanted="1/2") == ["reverses claim 1/1"]


def test_a_number_that_looks_like_a_position_wins(tmp_path):
    (story,) = explained(tmp_path, ORIGINAL, ORIGINAL.replace("A1", "1/1"), wanted="1/1").stories
    assert story.key == (1, 2)


@pytest.mark.parametrize("wanted", ["", "1", "1/", "/1", "1/2/3", "a/b", "-1/2", "1.5", "²/1"])
def test_no_position(wanted):
    assert position(wanted) is None


def test_an_unknown_claim_is_wrong_usage_and_names_the_count():
    result = run(TAKEBACK, "--claim", "NO-SUCH")
    assert result.exit_code == 64
    assert "no claim of that number or position; 3 claims were read" in result.stderr
    assert run(TAKEBACK, "--claim", "1/4").exit_code == 64


def test_a_rejected_file_is_not_explained(tmp_path):
    path = tmp_path / "cut.835"
    path.write_bytes(TAKEBACK.read_bytes()[:-40])
    result = run(path, "--claim", "KC-1001")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "TRUNCATED" in result.stderr
