"""The pages of the data contract are fresh, whole and true."""

import csv
from pathlib import Path

import pytest

from ketaclaims.ehr.csv_reader import read_ehr_csv
from ketaclaims.ehr.schema import canonical_tables
from ketaclaims.quality.contract_pages import notes, pages, rules_by_column
from ketaclaims.raw.contract import ReadContext

DOCS = Path(__file__).parents[3] / "docs" / "data_contract"


def test_the_pages_are_fresh():
    written = {path.name: path.read_text() for path in DOCS.glob("*.md")}
    assert written == pages(), "run `make docs`"
    assert set(written) == {"README.md", *(f"{name}.md" for name in canonical_tables())}


def test_a_column_names_the_rules_that_need_it():
    assert "COD-001" in rules_by_column()["administration.dose_mg"]
    assert "(COD-001)" in rules_by_column()["administration.status"]
    assert "COD-001" not in rules_by_column().get("administration.lot", ())


@pytest.mark.parametrize("name", list(canonical_tables()))
def test_the_examples_are_what_the_reader_takes(tmp_path: Path, name: str):
    table = canonical_tables()[name]
    file = tmp_path / "export.csv"
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow([column.name for column in table.columns])
        writer.writerow([notes()[name].columns[column.name].example for column in table.columns])
    pushed = []
    report = read_ehr_csv(file, ReadContext("a" * 64, "b"), lambda *batch: pushed.append(batch))
    assert (report.status, dict(report.rows), report.issues) == ("clean", {name: 1}, ())
    (row,) = pushed[0][1].to_pylist()
    given = {name for name, note in notes()[name].columns.items() if note.example}
    assert {column for column in given if row[column] is None} == set()
