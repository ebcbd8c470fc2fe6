"""The fast way and the careful way through a file give the same rows, numbers, faults and totals."""

import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ketaclaims.ehr import csv_reader, plain_blocks
from ketaclaims.ehr.csv_reader import read_ehr_csv
from ketaclaims.raw.contract import ReadContext

HEADER = "clinic_id,patient_id,type,signed_on"
TRANSACTIONS = "Transaction ID,Client ID,Date,Amount"
CELLS = st.sampled_from(
    ["c1", "p1", "abn", "2026-01-02", "01/15/2026", "soon", "", " ", '""', '"x"', '"a,b"', '"a""b"', '"a\nb"',
     '"', 'a"b', '"a"b', "x\x00", "\u00e9", "\u2028", "Totals", "Transaction ID", "$5.00", '"$1,290.00"', "5"]
)  # fmt: skip
LINES = st.lists(
    st.tuples(
        st.lists(CELLS, min_size=4, max_size=4), st.sampled_from(["\n"] * 6 + ["\r\n", "\r", "\n\n", ",\n"])
    ),
    max_size=14,
)


def everything(content: bytes, monkeypatch: pytest.MonkeyPatch, *, is_fast: bool):
    got: dict[str, list] = {}
    with tempfile.TemporaryDirectory() as folder, monkeypatch.context() as patched:
        source = Path(folder) / "x"
        source.write_bytes(content)
        patched.setattr(plain_blocks, "BLOCK_BYTES", 120)
        if not is_fast:
            patched.setattr(csv_reader, "is_utf16", lambda _: True)
        context = ReadContext("f" * 64, "c", clinic_id="c1", max_bad_row_share=1.0)
        report = read_ehr_csv(source, context, lambda t, b: got.setdefault(t, []).extend(b.to_pylist()))
    return report, got


@settings(
    max_examples=300,
    deadline=timedelta(seconds=5),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.sampled_from([HEADER, TRANSACTIONS]),
    LINES,
    st.sampled_from([b"", b"\xef\xbb\xbf", b"Title\n\n"]),
    st.booleans(),
)
def test_fast_and_careful_reading_agree(monkeypatch, header, lines, mark, is_broken):
    content = mark + (header + "\n" + "".join(",".join(cells) + end for cells, end in lines)).encode()
    content += b"c1,\xff,abn,\n" * is_broken
    assert everything(content, monkeypatch, is_fast=True) == everything(content, monkeypatch, is_fast=False)


def test_the_fast_way_is_taken_and_left_where_it_must_be(tmp_path):
    good = "c1,p1,abn,2026-01-02\n"
    source = tmp_path / "x"
    source.write_text(f"{HEADER}\n" + good * 3 + 'c1,"p,2",abn,\n' + good)
    blocks = plain_blocks.PlainBlocks(source, ",", 4, 1, lambda _: True)
    assert [(block.first_row, len(block)) for block in blocks] == [(2, 5)]
    assert blocks.row_number == 6 and blocks.offset == source.stat().st_size
    for odd in (
        'c1,"p\n2",abn,\n',
        "c1,p,abn\n",
        "\n",
        ",,,\n",
        'c1,p"2,abn,\n',
        "c1,p\r2,abn,\n",
        'c1,"p"2,abn,\n',
    ):
        source.write_text(f"{HEADER}\n{good}{odd}", newline="")
        blocks = plain_blocks.PlainBlocks(source, ",", 4, 1, lambda _: True)
        assert (list(blocks), blocks.row_number) == ([], 1), odd
