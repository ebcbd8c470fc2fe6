import csv
import io
import json
from datetime import date
from decimal import Decimal

import pytest

from ketaclaims.errors import KetaclaimsError
from ketaclaims.publish.publish import publish
from ketaclaims.publish.query import ask

PAYERS = [
    {"payer_key": "k1", "payer_id": "60054", "payer_name": "=HYPERLINK(1)"},
    {"payer_key": "k2", "payer_id": "MCR", "payer_name": "Medicare \x1b[31m[red]"},
]


def publish_sample(installation):
    installation.fill(
        {"dim_payers": PAYERS, "fct_denials": [{"payer_key": "k1", "denial_amount": Decimal("-3.10")}]}
    )
    publish(installation.settings, "r1", date(2026, 6, 30), installation.manifest, None)
    return installation


@pytest.fixture(scope="module")
def published(shared_installation):
    return publish_sample(shared_installation)


def test_answers_and_limit(published):
    answer = ask(published.settings, "select payer_id, 1 as n, 2 as n from dim_payers order by 1", 1)
    assert (answer.columns, answer.rows, answer.is_cut) == (("payer_id", "n", "n_2"), [("60054", 1, 2)], True)
    assert not ask(published.settings, "from dim_payers", 2).is_cut
    assert len(ask(published.settings, "from range(5000)", 0).rows) == 5000


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('/etc/passwd')",
        "select * from read_parquet('https://example.org/x.parquet')",
        "select * from glob('/etc/*')",
        "copy dim_payers to '/tmp/ketaclaims_refused.csv'",
        "export database '/tmp/ketaclaims_refused'",
        "import database '/tmp/ketaclaims_refused'",
        "attach '/tmp/ketaclaims_refused.duckdb' as other",
        "attach ':memory:' as other",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "pragma threads = 4",
        "create table x as select 1",
        "create temp table x as select 1",
        "delete from dim_payers",
        "drop table dim_payers",
        "select 1; select 2",
        "",
    ],
)
def test_everything_but_one_reading_statement_is_refused(published, sql):
    with pytest.raises(KetaclaimsError, match="REFUSED_SQL"):
        ask(published.settings, sql, 10)


@pytest.mark.parametrize(
    "sql", ["selec 1", "select nope from dim_payers", "select * from no_such_table", "from '/etc/passwd'"]
)
def test_bad_sql_is_explained(published, sql):
    with pytest.raises(KetaclaimsError, match=r"BAD_SQL: \w+ Error"):
        ask(published.settings, sql, 10)


def test_an_expensive_answer_is_not_read_whole_for_a_small_limit(published):
    assert len(ask(published.settings, "select * from range(100_000_000_000)", 3).rows) == 3


def test_csv_for_spreadsheets(published, cli):
    result = cli(
        published, "query", "select payer_name, -5 as n from dim_payers order by payer_key", "--format", "csv"
    )
    rows = list(csv.reader(io.StringIO(result.stdout)))
    assert result.exit_code == 0
    assert ["'=HYPERLINK(1)", "-5"] in rows and rows[0] == ["payer_name", "n"]


def test_json_and_table(published, cli):
    result = cli(published, "query", "select denial_amount from fct_denials", "--format", "json")
    assert json.loads(result.stdout) == [{"denial_amount": "-3.10"}]
    result = cli(published, "query", "select payer_name from dim_payers where payer_id = 'MCR'")
    assert "Medicare \\x1b[31m[red]" in result.stdout and "\x1b[31m" not in result.stdout


def test_cut_answers_are_announced_on_stderr_only(published, cli):
    result = cli(published, "query", "from range(5)", "--format", "csv", "--limit", "2")
    assert result.stdout == "range\n0\n1\n"
    assert "first 2 rows" in result.stderr


def test_nothing_published_exits_2_with_a_clear_text(installation, cli):
    result = cli(installation, "query", "select 1")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "NOTHING_PUBLISHED" in result.stderr and "Run the pipeline first" in result.stderr


def test_refused_sql_exits_2(published, cli):
    result = cli(published, "query", "copy dim_payers to 'x.csv'")
    assert result.exit_code == 2 and result.stderr.startswith("REFUSED_SQL")


def test_publications_are_listed_and_verified(installation, cli):
    published = publish_sample(installation)
    publish(published.settings, "history", date(2026, 1, 31), published.manifest, None, switch=False)
    result = cli(published, "publications")
    assert result.exit_code == 0
    lines = [line for line in result.stdout.splitlines() if "2026-" in line]
    assert "history" in lines[0] and "served" not in lines[0]
    assert "r1" in lines[1] and "served" in lines[1]
    assert cli(published, "publications", "--verify").exit_code == 0
    page = published.settings.published_dir / "r1" / "reports" / "index.html"
    page.write_bytes(page.read_bytes().replace(b"Billing", b"Bilking", 1))
    result = cli(published, "publications", "--verify")
    assert result.exit_code == 2
    assert "reports/index.html" in result.stdout and "PUBLICATION_DAMAGED" in result.stderr


def test_damaged_published_database_is_told(installation):
    published = publish_sample(installation)
    file = published.settings.published_dir / "r1" / "analytics.duckdb"
    file.write_bytes(b"\0" * 5000)
    with pytest.raises(KetaclaimsError, match="PUBLICATION_UNREADABLE"):
        ask(published.settings, "select 1", 1)
