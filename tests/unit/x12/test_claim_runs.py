"""Compiled reading: what it takes, what it leaves to the handlers, and doing without it.

That both give the same rows is asserted by ``x12_kit.read`` on every file of these tests.
"""

import sys
from pathlib import Path

import pytest
from x12_kit import HEAD, _read, edited, interchange, payment, read, reading_by, render, st

from ketaclaims.raw.contract import ReadContext
from ketaclaims.x12 import claim_runs, kernel_build, machine_code, segments, tokens
from ketaclaims.x12.cells import NULL
from ketaclaims.x12.remit_reader import read_remittances

LINES = (
    "CLP*A1*1*150*100*20*12*ICN1*11*1",
    "NM1*QC*1*Smith*PAT****MI*M1",
    "REF*G1*PA1",
    "DTM*232*20260110",
    "SVC*HC:99213:25*100*70**1",
    "DTM*472*20260110",
    "CAS*CO*45*10.00**PR*2",
    "CAS*PR*2*20",
    "SVC*HC:J0013*50.0*30**56",
    "CAS*CO*45*20",
    "LQ*HE*N130",
)
LINES = edited(LINES, "CAS*CO*45*10.00**PR*2", "CAS*CO*45*10.00")
OTHER = [segment.replace("*A1*", "*A2*") for segment in LINES]
FILE = interchange(st(*edited(HEAD, HEAD[0], HEAD[0].replace("*100*", "*200*")), *LINES, *OTHER))


@pytest.fixture
def handled(monkeypatch):
    """Ids of the claims that the handlers read."""
    ids = []
    handler = segments.HANDLERS["CLP"]
    monkeypatch.setitem(
        segments.HANDLERS, "CLP", lambda t, e: (ids.append((t.claims + 1, e[1])), handler(t, e))[1]
    )
    return ids


def compiled_only(tmp_path, data):
    source = tmp_path / "input.835"
    source.write_bytes(render(data) if isinstance(data, list) else data)
    return _read(source, True, {})


def test_the_compiled_reader_is_there():
    assert claim_runs.compiled() is not None


def test_regular_claims_need_no_handler(tmp_path, handled):
    assert len(compiled_only(tmp_path, FILE).tables["remit_claim"]) == 2
    assert handled == []


ODD = {
    "an amount": ("SVC*HC:99213:25*100*70**1", "SVC*HC:99213:25*1OO*70**1"),
    "a cent": ("CAS*PR*2*20", "CAS*PR*2*20.01"),
    "a date": ("DTM*232*20260110", "DTM*232*20260231"),
    "a group": ("CAS*PR*2*20", "CAS*CR*2*20"),
    "a glued reason": ("CAS*PR*2*20", "CAS*PR*PR2*20"),
    "a small letter": ("LQ*HE*N130", "LQ*he*N130"),
    "a name beyond ASCII": ("NM1*QC*1*Smith*PAT****MI*M1", "NM1*QC*1*MUÑOZ*PAT****MI*M1"),
    "an unknown segment": ("REF*G1*PA1", "ZZZ*G1*PA1"),
    "a party of the payment": ("REF*G1*PA1", "N1*PR*X"),
    "another separator": ("SVC*HC:J0013*50.0*30**56", "SVC*HC>J0013*50.0*30**56"),
    "a long number": ("SVC*HC:J0013*50.0*30**56", "SVC*HC:J0013*00000000050.0*30**56"),
}


@pytest.mark.parametrize("odd", ODD)
def test_one_odd_claim_goes_to_the_handlers_alone(tmp_path, handled, odd):
    changed = FILE[:8] + edited(FILE[8:19], *ODD[odd]) + FILE[19:]
    compiled_only(tmp_path, changed)
    assert handled == [(1, "A1")]
    read(tmp_path, changed)


def test_claims_longer_than_the_tables_have_room_for(tmp_path, monkeypatch, handled):
    whole = read(tmp_path, FILE)
    handled.clear()
    monkeypatch.setattr(claim_runs, "TABLE_ROWS", 14)
    assert compiled_only(tmp_path, FILE).tables == whole.tables
    assert handled == []
    monkeypatch.setattr(claim_runs, "TABLE_ROWS", 9)
    assert compiled_only(tmp_path, FILE).tables == whole.tables
    assert handled == [(1, "A1"), (2, "A2")]


@pytest.mark.parametrize("chunk", [120, 333, 1000, 4001])
def test_rows_do_not_depend_on_the_chunks(tmp_path, monkeypatch, chunk):
    many = interchange(payment(*LINES * 9), payment(*OTHER * 9, "PLB*1*20261231*WO:X*800"))
    whole = read(tmp_path, many)
    monkeypatch.setattr(tokens.Tokeniser.__init__, "__defaults__", (chunk,))
    assert read(tmp_path, many).tables == whole.tables


def test_the_header_number_is_carried_over(tmp_path):
    later = interchange(payment(*LINES, "LX*2", *OTHER, "LX*", *LINES), payment(*LINES))
    assert read(tmp_path, later).column("remit_claim", "lx_number") == ["1", "2", None, "1"]
    odd = edited(later, "LX*2", "lx*É")
    assert read(tmp_path, odd).column("remit_claim", "lx_number") == ["1", "É", None, "1"]


def test_a_damaged_header_number_is_told_of_in_the_claim_it_ends(tmp_path):
    result = read(tmp_path, interchange(payment(*LINES, "LX*2", "*A", *OTHER)))
    assert result.column("remit_issue", "code", "claim_index")[0] == ("TERMINATOR_IN_DATA", 1)


def test_small_files_do_not_start_the_compiler(tmp_path, handled):
    source = tmp_path / "input.835"
    source.write_bytes(render(FILE))
    assert source.stat().st_size < claim_runs.WORTHWHILE_FILE_BYTES
    read_remittances(source, ReadContext("f" * 64, "commit"), None)
    assert [claim for _, claim in handled] == ["A1", "A2"]


@pytest.fixture
def fresh():
    caches = (claim_runs.compiled, machine_code.native)
    for each in caches:
        each.cache_clear()
    yield
    for each in caches:
        each.cache_clear()


@pytest.mark.parametrize("missing", ["numba", "llvmlite.binding", "folder"])
def test_without_compiled_code_the_handlers_read_all(tmp_path, monkeypatch, handled, caplog, fresh, missing):
    whole = compiled_only(tmp_path, FILE)
    for each in (claim_runs.compiled, machine_code.native):
        each.cache_clear()
    folder = tmp_path / "kept"
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(folder))
    if missing == "folder":
        folder.touch()  # a file: nothing can be kept in it
    elif missing == "numba":
        monkeypatch.setitem(sys.modules, "ketaclaims.x12.kernel_build", None)
    else:
        monkeypatch.setitem(sys.modules, "ketaclaims.x12.machine_code", None)
    assert compiled_only(tmp_path, FILE).tables == whole.tables
    assert [claim for _, claim in handled] == ["A1", "A2"]
    assert "without compiled code" in caplog.text
    with reading_by(True):
        assert claim_runs.compiled() is None


def test_compiled_code_that_was_damaged_is_made_anew(tmp_path, monkeypatch):
    folder = tmp_path / "kept"
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(folder))
    monkeypatch.setattr(kernel_build, "build", lambda machine: ({"fill": "f"}, b"code"))
    name = "kernel-0.o"
    assert machine_code._kept(name) is None
    assert machine_code._made(name, None) == machine_code._kept(name) == ({"fill": "f"}, b"code")
    (folder / name).write_bytes((folder / name).read_bytes()[:-1])
    assert machine_code._kept(name) is None


def test_compiled_code_is_named_after_all_its_sources(tmp_path):
    sources = Path(machine_code.__file__).parent
    for source in sources.glob("*.py"):
        (tmp_path / source.name).write_bytes(source.read_bytes())
    whole = machine_code._stamp(sources)
    assert machine_code._stamp(tmp_path) == whole
    for name in ("kernel_details.py", "cells.py", "canonical.py"):
        text = (tmp_path / name).read_text()
        (tmp_path / name).write_text(text + "\n")
        assert machine_code._stamp(tmp_path) != whole
        (tmp_path / name).write_text(text)


def test_a_null_cell_is_no_number_the_reader_makes():
    assert NULL == -(2**63)
