"""Any delimiters, line endings and packing give the same rows (faults A5 to A7, domain 10)."""

import io
import time

import pytest
from x12_kit import CLAIM, FIXTURES, HEAD, edited, interchange, payment, read, render, st, without_lineage

from ketaclaims.x12.offsets import is_wrapped, split, trim
from ketaclaims.x12.text import BlockText
from ketaclaims.x12.tokens import Gap, SegmentBlock, Tokeniser

FILE = interchange(
    payment("CLP*A1*1*150*100*20*12*ICN1", "SVC*HC:J0013:25*150*100", "CAS*CO*45*30", "CAS*PR*2*20")
)


@pytest.mark.parametrize(
    ("element", "component", "end"),
    [
        ("*", ":", "~"),
        ("*", ":", "~\r\n"),
        ("*", ":", "\n"),
        ("*", ":", "\r\n"),
        ("*", ":", "\r"),
        ("|", "^", "~"),
        ("!", "|", "'\n"),
        ("\x1d", "\x1f", "\x1c"),
        ("*", ">", "~ \n"),
        ("*", ":", "~\n\n\n\n\n\n\n  "),
    ],
)
def test_rows_do_not_depend_on_the_delimiters(tmp_path, element, component, end):
    reference = read(tmp_path, FILE)
    other = read(tmp_path, render(FILE, element, component, end))
    assert reference.report.status == other.report.status == "clean"
    assert without_lineage(other) == without_lineage(reference)


def test_lines_wrapped_at_80_columns_are_joined(tmp_path):
    whole = render(FILE, end="~")
    wrapped = b"\n".join(whole[at : at + 80] for at in range(0, len(whole), 80))
    result = read(tmp_path, wrapped)
    assert result.report.status == "clean"
    assert set(result.codes) == {"HEADER_WIDTH", "WRAPPED_LINES"}
    assert result.column("remit_claim", "paid_amount") == read(tmp_path, whole).column(
        "remit_claim", "paid_amount"
    )


def test_trimmed_and_padded_headers_are_counted_out(tmp_path):
    reference = without_lineage(read(tmp_path, FILE), "isa_sender_id")
    for isa in (
        "ISA*00**00**ZZ*PAYER*ZZ*CLINIC*260101*1200*^*00501*000000001*0*P*:",
        FILE[0].replace("PAYER  ", "PAYER    "),
    ):
        result = read(tmp_path, [isa, *FILE[1:]])
        assert (result.report.status, result.codes) == ("clean", ["HEADER_WIDTH"])
        assert without_lineage(result, "isa_sender_id")["remit_claim"] == reference["remit_claim"]


def test_byte_order_mark_and_banner_are_skipped_with_a_note(tmp_path):
    assert read(tmp_path, b"\xef\xbb\xbf" + render(FILE)).codes == ["BYTE_ORDER_MARK"]
    assert read(tmp_path, b"\r\n\r\n" + render(FILE)).codes == []
    banner = read(tmp_path, b"230 LISA* logged in\r\n" + render(FILE))
    assert (banner.report.status, banner.codes) == ("warned", ["LEADING_TEXT"])
    assert banner.column("remit_claim", "_segment_number") == [9]


def test_text_after_the_last_interchange_is_flagged_and_padding_is_not(tmp_path):
    assert read(tmp_path, render(FILE) + b"\x1a\0\0\0").codes == []
    result = read(tmp_path, render(FILE) + b"-- end of transmission --")
    assert (result.report.status, result.codes) == ("warned", ["TRAILING_TEXT"])


def test_each_interchange_has_its_own_delimiters(tmp_path):
    first, second = render(FILE, "*", ":", "~"), render(interchange(payment(), control=2), "|", ">", "\n")
    result = read(
        tmp_path,
        first + second + b"\xef\xbb\xbf" + render(interchange(payment(), control=3), "*", ":", "\r\n"),
    )
    assert result.report.status == "clean"
    assert result.column("remittance", "st_index", "interchange_index", "isa_control_number") == [
        (1, 1, "000000001"),
        (2, 2, "000000002"),
        (3, 3, "000000003"),
    ]
    assert result.totals.bpr02 == 30_000


def test_a_missing_last_terminator_is_no_truncation(tmp_path):
    data = render(FILE, end="~")
    assert read(tmp_path, data[:-1]).report.status == "clean"
    assert read(tmp_path, data[:-2]).codes == ["TRUNCATED"]


def test_a_terminator_inside_a_name_is_given_back_to_it(tmp_path):
    result = read(tmp_path, interchange(payment(CLAIM[0], "NM1*QC*1*O~NEIL*PAT", *CLAIM[1:])))
    assert result.column("remit_party", "entity_code", "name_last_or_org", "name_first")[-1] == (
        "QC",
        "O~NEIL",
        "PAT",
    )
    assert (result.statuses, result.codes) == (["warned"], ["TERMINATOR_IN_DATA"])


def test_lower_case_ids_and_qualifiers_are_read(tmp_path):
    lower = [FILE[0], *(segment.lower() for segment in FILE[1:])]
    result, reference = read(tmp_path, lower), read(tmp_path, FILE)
    assert result.report.status == "clean"
    assert result.one("remittance")["payment_identity"] == reference.one("remittance")["payment_identity"]
    columns = ("procedure_qualifier", "procedure_code", "modifier_1")
    assert result.column("remit_service_line", *columns) == [("HC", "J0013", "25")]


@pytest.mark.parametrize(
    ("segment", "small"),
    [
        ("REF*6R*aB1", "REF*6r*aB1"),
        ("DTM*472*20260110", "dtm*472*20260110"),
        ("AMT*B6*120", "AMT*b6*120"),
        ("QTY*ZK*1", "QTY*zk*1"),
        ("LQ*HE*N130", "LQ*HE*n130"),
        ("MOA***MA01", "MOA***ma01"),
        ("NM1*QC*1*smith*Pat****MI*m1", "NM1*qc*1*smith*Pat****MI*m1"),
        ("CAS*PR*A1*0", "CAS*PR*a1*0"),
    ],
)
def test_small_letters_are_kept_as_sent(tmp_path, segment, small):
    results = [read(tmp_path, interchange(payment(*CLAIM, text))) for text in (segment, small)]
    kept = [
        text in result.column("remit_segment_other", "segment_text")
        for text, result in zip((segment, small), results, strict=True)
    ]
    assert kept == [False, True]
    for result in results:
        del result.tables["remit_segment_other"]
    assert without_lineage(results[0], "content_hash") == without_lineage(results[1], "content_hash")


@pytest.mark.parametrize("component", ["\x1c", "\x1d", "\x1e", "\x1f"])
def test_a_component_separator_that_python_takes_for_a_blank_is_kept(tmp_path, component):
    svc = "SVC*HC:99213: *150*100"
    result = read(
        tmp_path, render(interchange(payment(CLAIM[0], svc, *CLAIM[1:], "REF*6R*A:")), component=component)
    )
    assert result.column("remit_reference", "reference_id") == ["A" + component]
    assert result.column("remit_service_line", "procedure_code", "modifier_1") == [("99213", None)]


def test_a_foreign_component_separator_is_seen_and_flagged(tmp_path):
    result = read(tmp_path, edited(FILE, "SVC*HC:J0013:25*150*100", "SVC*HC>J0013>25*150*100"))
    assert result.column("remit_service_line", "procedure_code", "modifier_1") == [("J0013", "25")]
    assert (result.statuses, result.codes) == (["warned"], ["CODE_NORMALISED"])
    assert "SVC*HC>J0013>25*150*100" in result.column("remit_segment_other", "segment_text")


# bytes that are no text


def with_name(name: bytes) -> bytes:
    return render(
        interchange(payment(CLAIM[0], "NM1*QC*1*NAME*PAT", *CLAIM[1:]), payment(), control=1)
    ).replace(b"NAME", name)


def test_utf8_names_load(tmp_path):
    result = read(tmp_path, with_name("MUÑOZ".encode()))
    assert result.report.status == "clean"
    assert result.column("remit_party", "name_last_or_org")[2] == "MUÑOZ"


@pytest.mark.parametrize(
    ("name", "shown", "within"), [(b"MU\xd1OZ", "MU\\xd1OZ", 2), (b"A\0B", "A\0B", 1), (b"A\x07", "A\x07", 1)]
)
def test_latin_1_nul_and_controls_hold_their_transaction_only(tmp_path, name, shown, within):
    data = with_name(name)
    result = read(tmp_path, data)
    assert (result.report.status, result.statuses) == ("held", ["held", "loaded"])
    assert result.column("remit_party", "name_last_or_org")[2] == shown
    (issue,) = result.report.issues
    assert issue.code == "INVALID_BYTES"
    assert issue.message == f"the byte at {data.index(name) + within} is no text"


def test_invalid_bytes_in_the_envelope_refuse_the_file(tmp_path):
    result = read(tmp_path, render(FILE).replace(b"GS*HP*PAYER", b"GS*HP*P\xc9YER"))
    assert (result.report.status, result.codes) == ("rejected", ["INVALID_BYTES"])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_refused(tmp_path, encoding):
    result = read(tmp_path, render(FILE).decode().encode(encoding))
    assert (result.report.status, result.codes) == ("rejected", ["INVALID_BYTES"])


# size


def test_segment_length_limit(tmp_path):
    def with_note(size):
        return interchange(payment(CLAIM[0], "NTE*" + "X" * (size - 4), *CLAIM[1:]))

    assert read(tmp_path, with_note(500), max_segment_bytes=500).report.status == "clean"
    result = read(tmp_path, with_note(501), max_segment_bytes=500)
    assert (result.report.status, result.codes) == ("rejected", ["SEGMENT_TOO_LONG"])
    assert result.report.issues[0].byte_offset == render(with_note(501)).index(b"NTE*")
    assert result.tables["remit_claim"] == []


def flat(data: bytes, chunk: int) -> list[object]:
    found: list[object] = []
    for item in Tokeniser(io.BytesIO(data), 1_000_000, chunk).blocks():
        if isinstance(item, SegmentBlock):
            text = BlockText(item)
            found.extend(text.segment(index) for index in range(len(text)))
        else:
            assert isinstance(item, Gap)
            found.append(item)
    return found


@pytest.mark.parametrize("chunk", [1, 7, 106, 513, 1000])
def test_segments_do_not_depend_on_the_chunks(chunk):
    data = (
        b"banner\r\n"
        + render(FILE, "*", ":", "~\r\n")
        + render(FILE, "|", ">", "\n")
        + b"between"
        + render(interchange(payment(CLAIM[0], "NM1*QC*1*O~NEIL*LISA", *CLAIM[1:])), end="~")
        + (FIXTURES / "reversal_and_takeback.835").read_bytes()[:-3]
    )
    assert flat(data, chunk) == flat(data, 10_000_000)


@pytest.mark.parametrize(
    "hostile",
    [
        b"*" * 5_000_000,
        b":" * 5_000_000,
        b"~" * 5_000_000,
        b"\n" * 5_000_000,
        b"ISA*" * 1_250_000,
        b"~IEA*" * 1_000_000,
        b"NTE*" + b"~X" * 2_500_000,
        b"ISA*00**00**ZZ*P*ZZ*C*260101*1200*^*00501*1*0*P*:~IEA*1*1~" * 10_000,
    ],
    ids=["elements", "components", "terminators", "lines", "headers", "trailers", "glue", "interchanges"],
)
def test_hostile_bytes_take_linear_time(tmp_path, hostile):
    envelope = interchange(st(*HEAD))
    data = render(envelope[:3]) + hostile + render(envelope[3:])
    started = time.process_time()
    read(tmp_path, data)
    assert time.process_time() - started < 15  # quadratic work would take minutes


@pytest.mark.parametrize(
    ("text", "wrapped"),
    [
        ("A*1~\nB*2~\nC*3~", False),
        ("A*1~B*2~C*3~", False),
        ("A*1\n~B*2~C*3~", False),  # before the terminator
        ("A*1~ B*2~\nC\n*3~", True),
        ("A*1~\nB*\n2~\nC*3~", True),
        ("A*\n1 ~B*2~C*3~", True),
        ("A*1~\r\nB*2~\r\nC*3~", False),
        ("A*1~\r\nB*\r\n2~\r\nC*3~", True),
    ],
)
def test_line_breaks_inside_segments_are_told_from_those_between(text, wrapped):
    data = text.encode()
    starts, ends = trim(data, *split(data, 0, len(data), ord("~"), closed=True)[:2])
    inner = data[starts[0] : ends[-1]]
    assert is_wrapped(inner, starts - starts[0], ends - starts[0]) is wrapped
