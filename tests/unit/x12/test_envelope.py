"""Whole-file refusals and envelope faults (faults A1 to A11), and the release of a truncated file."""

import pytest
from x12_kit import CLAIM, FIXTURES, edited, interchange, payment, read, render, st

TWO = interchange(payment(), st("BPR*I*0*C*NON************20260115", *payment()[2:5], number="0002"))


def refused(result):
    """Status and reason of a refused file, which must leave no rows."""
    assert result.report.status == "rejected"
    assert not any(result.tables.values())
    return result.report.issues[0].code


@pytest.mark.parametrize("data", [b"", b" \r\n\t\n", b"\xef\xbb\xbf", b"\0\0\0"])
def test_empty(tmp_path, data):
    assert refused(read(tmp_path, data)) == "EMPTY"


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7\n1 0 obj",
        b"<html><body>ISA*404</body></html>",
        b"PK\x03\x04ISA",
        b"patient,charge\n1,2\n",
        b"ISATIS*" * 40,
        b"x" * 70_000 + render(TWO),
    ],
    ids=["pdf", "html", "zip", "csv", "no header", "banner too long"],
)
def test_not_x12(tmp_path, data):
    assert refused(read(tmp_path, data)) == "NOT_X12"


def test_a_cut_at_any_byte_is_truncated(tmp_path):
    data = (FIXTURES / "reversal_and_takeback.835").read_bytes().rstrip(b"~\n")
    cuts = [*range(4, 106, 17), *range(106, len(data), 23), len(data) - 1]
    assert [refused(read(tmp_path, data[:cut])) for cut in cuts] == ["TRUNCATED"] * len(cuts)
    assert read(tmp_path, data).report.status == "clean"


def test_totals_of_a_truncated_file_are_of_what_could_be_read(tmp_path):
    data = render(TWO)
    result = read(tmp_path, data[: data.index(b"SE*6*0002")])
    assert (result.totals.n_st, result.totals.clp04, result.totals.bpr02) == (2, 10_000, 10_000)
    assert not result.totals.is_balanced


@pytest.mark.parametrize("trailer", ["SE*10*0001", "GE*2*1", "IEA*1*000000001"])
def test_a_missing_trailer_is_truncated(tmp_path, trailer):
    assert refused(read(tmp_path, [s for s in TWO if s != trailer])) == "TRUNCATED"


def test_a_released_truncated_file_loads_its_whole_transactions_only(tmp_path):
    data = render(TWO)
    cut = data[: data.index(b"SE*6*0002")]
    result = read(tmp_path, cut, complete_transactions=True)
    assert (result.report.status, result.statuses) == ("warned", ["loaded"])
    assert (result.totals.n_st, result.totals.clp04) == (1, 10_000)
    assert {issue.code for issue in result.report.issues} == {"TRUNCATED"}
    indexes = {row["st_index"] for rows in result.tables.values() for row in rows}
    assert indexes == {1, None}  # None: the envelope and the file's own issues


def test_a_release_changes_nothing_else(tmp_path):
    assert read(tmp_path, TWO, complete_transactions=True).tables == read(tmp_path, TWO).tables
    test_file = interchange(payment(), usage="T")
    assert refused(read(tmp_path, test_file[:-1], complete_transactions=True)) == "TEST_INDICATOR"


def test_a_missing_se_in_the_middle_spares_the_others_on_release(tmp_path):
    three = interchange(payment(), payment()[:-1], payment())
    assert refused(read(tmp_path, three)) == "TRUNCATED"
    result = read(tmp_path, three, complete_transactions=True)
    assert result.column("remittance", "st_index") == [1, 3]
    assert result.column("remit_claim", "st_index") == [1, 3]


def test_joined_files_without_iea_are_truncated(tmp_path):
    first, second = interchange(payment(), control=1), interchange(payment(), control=2)
    assert refused(read(tmp_path, [*first[:-1], *second])) == "TRUNCATED"
    assert refused(read(tmp_path, render(first)[:-40] + render(second, "|", ">", "\n"))) == "TRUNCATED"


def test_a_second_header_that_cannot_be_read_refuses_the_file(tmp_path):
    second = render(interchange(payment(), control=2)).replace(b"*00501*", b"*ABC*", 1)
    assert refused(read(tmp_path, render(TWO) + second)) == "BAD_HEADER"
    assert refused(read(tmp_path, render(TWO) + second[:50])) == "TRUNCATED"


@pytest.mark.parametrize(
    "segments",
    [
        interchange(payment(), version="004010X091A1"),
        interchange(payment(), version="005010X279A1"),
        edited(TWO, TWO[0], TWO[0].replace("*00501*", "*00401*")),
        edited(interchange(payment()), "ST*835*0001", "ST*837*0001"),
        [s for s in interchange(payment()) if not s.startswith(("GS", "GE"))],
    ],
    ids=["4010", "271", "ISA12", "837", "no group"],
)
def test_unsupported_version(tmp_path, segments):
    assert refused(read(tmp_path, segments)) == "UNSUPPORTED_VERSION"


def test_the_later_guide_version_is_read(tmp_path):
    assert read(tmp_path, interchange(payment(), version="005010X221")).report.status == "clean"


def test_test_files_are_refused_unless_the_settings_take_them(tmp_path):
    segments = interchange(payment(), usage="T")
    assert refused(read(tmp_path, segments)) == "TEST_INDICATOR"
    taken = read(tmp_path, segments, accept_test_files=True)
    assert (taken.report.status, taken.statuses, taken.codes) == ("warned", ["loaded"], ["TEST_INDICATOR"])
    other = read(tmp_path, interchange(payment(), usage="I"))
    assert (other.report.status, other.codes) == ("warned", ["USAGE_INDICATOR"])


@pytest.mark.parametrize(
    ("known", "refusal"),
    [
        ((), None),
        (("PAYER", "CLINIC"), None),
        (("payer ", "clinic"), None),
        (("PAYER",), "ISA08 not among the known partners"),
        (("CLINIC",), "ISA06 not among the known partners"),
        (("OTHER",), "ISA06 and ISA08 not among the known partners"),
    ],
)
def test_partners_outside_the_known_ones_are_refused(tmp_path, known, refusal):
    result = read(tmp_path, interchange(payment()), known_partners=known)
    if refusal is None:
        assert (result.report.status, result.codes) == ("clean", [])
    else:
        assert refused(result) == "UNKNOWN_PARTNER"
        assert result.report.issues[0].message == refusal


def test_one_unknown_partner_among_several_interchanges_refuses_the_file(tmp_path):
    other = [segment.replace("*PAYER ", "*STRAY ") for segment in interchange(payment(), control=2)]
    both = [*interchange(payment()), *other]
    assert refused(read(tmp_path, both, known_partners=("PAYER", "CLINIC"))) == "UNKNOWN_PARTNER"
    assert read(tmp_path, both, known_partners=("PAYER", "CLINIC", "STRAY")).report.status == "clean"


def test_an_envelope_without_transactions(tmp_path):
    result = read(tmp_path, interchange())
    assert (result.report.status, result.codes, result.totals.is_balanced) == (
        "warned",
        ["NO_TRANSACTION"],
        False,
    )


# counts and control numbers: flagged where the transaction is complete


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("SE*10*0001", "SE*11*0001", "SEGMENT_COUNT"),
        ("SE*10*0001", "SE**0001", "SEGMENT_COUNT"),
        ("SE*10*0001", "SE*10*0009", "CONTROL_NUMBER"),
    ],
)
def test_wrong_se_warns_its_transaction(tmp_path, old, new, code):
    result = read(tmp_path, edited(TWO, old, new))
    assert (result.report.status, result.statuses, result.codes) == ("warned", ["warned", "loaded"], [code])


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("GE*2*1", "GE*3*1", "ENVELOPE_COUNT"),
        ("GE*2*1", "GE*2*7", "CONTROL_NUMBER"),
        ("IEA*1*000000001", "IEA*2*000000001", "ENVELOPE_COUNT"),
        ("IEA*1*000000001", "IEA*1*000000009", "CONTROL_NUMBER"),
        (
            "GS*HP*PAYER*CLINIC*20260101*1200*1*X*005010X221A1",
            "GS*HPO*P*C*20260101*1200*1*X*005010X221A1",
            "FUNCTIONAL_GROUP",
        ),
    ],
)
def test_wrong_envelopes_warn_the_file_and_no_transaction(tmp_path, old, new, code):
    result = read(tmp_path, edited(TWO, old, new))
    assert (result.report.status, result.statuses, result.codes) == ("warned", ["loaded", "loaded"], [code])


def test_leading_zeros_of_a_count_are_harmless(tmp_path):
    assert read(tmp_path, edited(TWO, "SE*10*0001", "SE*0000000010*0001")).report.status == "clean"


def test_one_bad_transaction_among_good_ones_is_held_alone(tmp_path):
    bad = edited(payment(), CLAIM[0], "CLP*A1*1*150*1OO*20*12*ICN1*11*1")
    result = read(tmp_path, interchange(payment(), bad, payment()))
    assert (result.report.status, result.statuses) == ("held", ["loaded", "held", "loaded"])
    assert (result.totals.n_st, result.totals.n_clp, result.totals.clp04) == (3, 3, 20_000)
    assert len(result.tables["remit_claim"]) == 3


def test_segments_outside_transactions_are_kept_and_flagged(tmp_path):
    segments = edited(TWO, "ST*835*0002", "CLP*LOST*1*5*5**12*X")
    segments.insert(segments.index("CLP*LOST*1*5*5**12*X") + 1, "ST*835*0002")
    result = read(tmp_path, segments)
    assert (result.report.status, result.codes, result.totals.n_clp) == ("warned", ["UNEXPECTED_SEGMENT"], 1)
    assert "CLP*LOST*1*5*5**12*X" in result.column("remit_segment_other", "segment_text")


def test_issues_name_segment_and_byte(tmp_path):
    segments = edited(TWO, CLAIM[0], "CLP*A1*1*150*x*20*12*ICN1*11*1")
    (issue,) = read(tmp_path, segments).report.issues
    assert (issue.segment_number, issue.element) == (9, "CLP04")
    assert issue.byte_offset == render(segments).index(b"CLP*A1")


def test_many_issues_are_counted_in_the_report_and_all_are_rows(tmp_path):
    claims = ["CLP*A*1*1*1*9*12*I"] * 120
    result = read(tmp_path, interchange(payment(*claims)))
    assert result.codes.count("PATIENT_SHARE") == 50
    assert [issue.message for issue in result.report.issues if issue.code == "MORE_ISSUES"] == [
        "70 more PATIENT_SHARE"
    ]
    assert result.column("remit_issue", "code").count("PATIENT_SHARE") == 120
