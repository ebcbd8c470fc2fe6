"""``ketaclaims remit inspect`` and ``convert``: exit codes, exact JSON, private files."""

import gzip
import hashlib
import json
import stat
import zipfile

import pyarrow.parquet as pq
import pytest
import typer
from typer.testing import CliRunner
from x12_kit import CLAIM, FIXTURES, edited, interchange, payment, render

from ketaclaims.x12.commands import register
from ketaclaims.x12.tables import REMIT_TABLES

TAKEBACK = FIXTURES / "reversal_and_takeback.835"
ZERO_PAY = FIXTURES / "zero_pay_denial.835"
TOTALS = [
    "n_clp",
    "n_svc",
    "n_cas_adj",
    "n_lq",
    "n_plb_adj",
    "clp03",
    "clp04",
    "clp05",
    "svc02",
    "svc03",
    "cas",
    "plb",
]
TOTALS += ["n_reversal", "bpr02"]


def run(*arguments):
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    return CliRunner().invoke(app, ["remit", *map(str, arguments)])


def inspected(*paths):
    result = run("inspect", *paths, "--format", "json")
    return result.exit_code, json.loads(result.stdout)


def test_json_is_exact():
    code, (entry,) = inspected(TAKEBACK)
    assert code == 0
    assert list(entry) == ["file", "sha256", "status", "n_st", "totals", "balanced", "issues"]
    assert entry == {
        "file": str(TAKEBACK),
        "sha256": hashlib.sha256(TAKEBACK.read_bytes()).hexdigest(),
        "status": "clean",
        "n_st": 1,
        "totals": dict(
            zip(
                TOTALS,
                [
                    3,
                    2,
                    6,
                    1,
                    2,
                    "450.00",
                    "500.00",
                    "50.00",
                    "0.00",
                    "200.00",
                    "-50.00",
                    "87.50",
                    1,
                    "412.50",
                ],
                strict=True,
            )
        ),
        "balanced": True,
        "issues": [],
    }
    assert list(entry["totals"]) == TOTALS


def test_issues_in_json(tmp_path):
    path = tmp_path / "a.835"
    path.write_bytes(render(edited(interchange(payment(), usage="T"), CLAIM[1], "CAS*XX*45*30")))
    code, (entry,) = inspected(path)
    assert (code, entry["status"]) == (0, "warned")
    names = ["code", "severity", "segment_number", "message"]
    assert entry["issues"] == [
        dict(zip(names, values, strict=True))
        for values in (
            ("TEST_INDICATOR", "warning", 1, "ISA15 is T, a test file"),
            ("UNKNOWN_GROUP_CODE", "warning", 10, "CAS01 is no group code of the 835"),
        )
    ]


def test_a_rejected_input_exits_2_and_the_others_are_read(tmp_path):
    (tmp_path / "a.835").write_bytes(TAKEBACK.read_bytes()[:700])
    (tmp_path / "b.835").write_bytes(ZERO_PAY.read_bytes())
    code, entries = inspected(tmp_path)
    assert code == 2
    assert [entry["status"] for entry in entries] == ["rejected", "clean"]
    assert entries[0]["issues"][0]["code"] == "TRUNCATED"


def test_archives_give_one_object_per_member(tmp_path):
    archive = tmp_path / "remits.zip"
    with zipfile.ZipFile(archive, "w") as target:
        target.write(TAKEBACK, "one.835")
        target.write(ZERO_PAY, "sub/two.txt")
    packed = tmp_path / "remit.835.gz"
    packed.write_bytes(gzip.compress(ZERO_PAY.read_bytes()))
    code, entries = inspected(archive, packed)
    assert code == 0
    assert [entry["file"] for entry in entries] == [
        f"{archive}!one.835",
        f"{archive}!sub/two.txt",
        f"{packed}!remit.835",
    ]
    assert entries[1]["sha256"] == hashlib.sha256(ZERO_PAY.read_bytes()).hexdigest()
    assert [entry["totals"]["n_clp"] for entry in entries] == [3, 1, 1]


def test_a_damaged_archive_is_one_rejected_object(tmp_path):
    archive = tmp_path / "remits.zip"
    archive.write_bytes(b"PK\x03\x04 no zip")
    code, (entry,) = inspected(archive)
    assert (code, entry["status"], entry["n_st"], entry["balanced"]) == (2, "rejected", 0, False)


@pytest.mark.parametrize(
    "arguments",
    [
        ["inspect"],
        ["inspect", "no/such/path"],
        ["inspect", TAKEBACK, "--format", "yaml"],
        ["inspect", TAKEBACK, "--nonsense"],
        ["convert", TAKEBACK],
        ["convert", "--out", "x"],
        ["convert", TAKEBACK, "--out", TAKEBACK],
        [],
        ["explain"],
        ["explain", TAKEBACK],
        ["explain", TAKEBACK, "--claim", " "],
        ["explain", "no/such/path", "--claim", "1/1"],
    ],
)
def test_wrong_usage_exits_64(arguments):
    assert run(*arguments).exit_code == 64


def test_text_names_money_and_what_to_do_and_no_patient(tmp_path):
    path = tmp_path / "a.835"
    path.write_bytes(TAKEBACK.read_bytes().replace(b"BPR*I*412.5*", b"BPR*I*412.51*"))
    result = run("inspect", path)
    assert result.exit_code == 0
    text = " ".join(result.stdout.split())
    for expected in (
        "FIRST EXAMPLE HEALTH PLAN to EXAMPLE KETAMINE CLINIC: held",
        "EFT0000501, 2026-03-03, ACH: 412.51",
        "NOT balanced",
        "3 claims charged 450.00, paid 500.00, provider adjustments 87.50",
        "of it patient share (PR) -150.00",
        "CO 45 60.00 Above fee schedule",
        "OUT_OF_BALANCE (error) segment 4, byte",
        "do: Compare with the bank deposit",
    ):
        assert expected in text
    for secret in ("ALPHA", "BETA", "EX0000001", "KC-1001"):
        assert secret not in result.stdout


def test_text_fits_80_columns_and_shows_the_first_places_of_a_code(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    path = tmp_path / "a.835"
    path.write_bytes(render(interchange(payment(*["CLP*A*1*1*1*9*12*I"] * 9))))
    result = run("inspect", path)
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert sum("CLP05 is 9.00, PR is 0.00" in line for line in lines) == 5
    assert "    and 4 more, listed by --format json" in [line.rstrip() for line in lines]


def test_bare_remit_shows_its_help():
    result = run()
    assert result.exit_code == 64
    for command in ("inspect", "explain", "convert"):
        assert command in result.stdout


def test_convert_writes_private_parquet_of_every_table(tmp_path):
    out = tmp_path / "out"
    assert run("convert", TAKEBACK, ZERO_PAY, ZERO_PAY, "--out", out).exit_code == 0
    assert sorted(path.name for path in out.iterdir()) == sorted(f"{table}.parquet" for table in REMIT_TABLES)
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    for table, schema in REMIT_TABLES.items():
        path = out / f"{table}.parquet"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert pq.read_schema(path).equals(schema)
    assert pq.read_metadata(out / "remit_claim.parquet").row_group(0).column(0).compression == "ZSTD"
    assert pq.read_table(out / "remit_claim.parquet")["claim_index"].to_pylist() == [1, 2, 3, 1]
    assert pq.read_table(out / "remit_issue.parquet").num_rows == 0


def test_convert_leaves_out_what_was_rejected_late(tmp_path, monkeypatch):
    monkeypatch.setattr("ketaclaims.x12.row_buffers.FLUSH_ROWS", 1)
    monkeypatch.setattr("ketaclaims.x12.tokens.Tokeniser.__init__.__defaults__", (1024,))
    cut = tmp_path / "cut.835"
    cut.write_bytes(TAKEBACK.read_bytes()[:-30])
    out = tmp_path / "out"
    result = run("convert", cut, ZERO_PAY, "--out", out)
    assert result.exit_code == 2
    assert "TRUNCATED" in result.stderr
    shas = set(pq.read_table(out / "remit_party.parquet")["_file_sha256"].to_pylist())
    assert shas == {hashlib.sha256(ZERO_PAY.read_bytes()).hexdigest()}
