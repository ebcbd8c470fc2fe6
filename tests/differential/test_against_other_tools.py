"""Our reading against tools by other people: the same rows, and every difference explained in the docs."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest
from peers import by_sqllocks, differing_columns, of_oxedi, of_pyx12, ours, practice
from x12_rebuild import assert_rebuilt, canonical, read_tables, rebuild, split_file

ROOT = Path(__file__).parents[2]
FIXTURES = sorted((ROOT / "tests" / "fixtures" / "x12").glob("*.835"))
SAMPLES = sorted(p for p in (ROOT / ".." / "shared" / "samples" / "835").glob("*") if p.suffix != ".json")
FILES = [pytest.param(path, id=path.name) for path in (*FIXTURES, *SAMPLES)]
PAGE = (ROOT / "docs" / "835_differences.md").read_text()

LINE_CODE = {"remit_service_line.procedure_code"}  # D1
LINE_DATE = {"remit_service_line.service_from_date"}  # D2
EXPLAINED = {
    "LinuxForHealth+x12__src__tests__resources__835_005010X221A1__cob-contractural-adjustment.835": LINE_CODE,
    "LinuxForHealth+x12__src__tests__resources__835_005010X221A1__managed-care.835": LINE_DATE,
    "LinuxForHealth+x12__src__tests__resources__835_005010X221A1__secondary-payment.835": LINE_CODE,
    "azoner+pyx12__pyx12__tests__835_mult_loops.txt": LINE_DATE,
    "git-albertomarin+badX12__tests__files__edi__X221-dollars-and-data-sent-separate.edi": LINE_DATE,
    "git-albertomarin+badX12__tests__files__errors__error_validation.edi": LINE_DATE,
    "zero_pay_denial.835": LINE_DATE,
}


def needs(module: str, package: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(find_spec(module) is None, reason=f"{package} is not installed")


needs_oxedi = needs("oxedi", "oxedi")
needs_writer = needs("shape_healthcare_standards", "sqllocks-shape-healthcare-standards")
needs_pyx12 = needs("pyx12", "pyx12")


@needs_oxedi
@pytest.mark.parametrize("path", FILES)
def test_same_rows_as_oxedi(path: Path) -> None:
    data = path.read_bytes()
    assert differing_columns(ours(read_tables(data).rows), of_oxedi(data)) == EXPLAINED.get(path.name, set())


def test_every_difference_is_on_the_page() -> None:
    assert {name for name in EXPLAINED if name not in PAGE} == set()


@needs_pyx12
@pytest.mark.parametrize("path", FILES)
def test_same_segments_as_pyx12(path: Path) -> None:
    data = path.read_bytes()
    components = [component for component, _ in split_file(data)]
    rebuilt = rebuild(read_tables(data).rows)
    mine = [canonical(rebuilt[number], components[number - 1]) for number in sorted(rebuilt)]
    theirs = [canonical(s, component) for s, component in zip(of_pyx12(data), components, strict=True)]
    assert mine == theirs


# the independent writer: its claims are values of ours, its segments are not

OTHER_DELIMITERS = {"element": "|", "component": ">", "repetition": "!", "segment": "\n"}


@needs_writer
@pytest.mark.parametrize(
    "options", [{}, {"newline": True}, OTHER_DELIMITERS], ids=["usual", "lines", "other"]
)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_figures_of_files_by_another_writer(seed: int, options: dict[str, object]) -> None:
    tables, figures = practice(seed, claims=120)
    read = assert_rebuilt(by_sqllocks(tables, usage_indicator="P", **options))
    assert read.report.status == "clean"
    assert read.totals.is_balanced
    assert {name: getattr(read.totals, name) for name in figures} == dict(figures)
    assert read.totals.bpr02 == read.totals.clp04 - read.totals.plb
    assert {row["unexplained_amount"] for row in read.rows["remit_claim"]} == {0}
    by_claim = {row["patient_control_number"]: row for row in read.rows["remit_claim"]}
    assert by_claim.keys() == {claim["claim_id"] for claim in tables["medical_claim"]}


@needs_writer
@needs_oxedi
def test_oxedi_reads_the_same_rows_of_the_other_writers_file() -> None:
    tables, _ = practice(4, claims=200)
    data = by_sqllocks(tables, usage_indicator="P")
    assert differing_columns(ours(read_tables(data).rows), of_oxedi(data)) == set()


# what the page says of broken input: outcome here and there, so that the table cannot go stale


def whole() -> bytes:
    return FIXTURES[0].read_bytes()


def wrapped(data: bytes) -> bytes:
    data = data.replace(b"~\n", b"~")
    return b"\n".join(data[at : at + 80] for at in range(0, len(data), 80))


BROKEN = {  # row of the page → (file, our status, our codes, whether oxedi's money differs)
    "B1": (whole()[:-200], "rejected", {"TRUNCATED"}, True),
    "B2": (whole().replace(b"*900*0*MB", b"*9e2*0*MB"), "held", {"BAD_AMOUNT"}, False),
    "B3": (whole().replace(b"BPR*I*412.5*", b"BPR*I*412.51*"), "held", {"OUT_OF_BALANCE"}, False),
    "B4": (whole() + FIXTURES[1].read_bytes(), "clean", set(), True),
    "B5": (b"220 ready\r\n" + whole(), "warned", {"LEADING_TEXT"}, True),
    "B6": (whole().replace(b"CAS*CO*45*60*", b"CAS*CO*CO45*60*"), "warned", {"CODE_NORMALISED"}, True),
    "B7": (whole().replace(b"*1180*900**1~", b"*1180*900**.125~"), "clean", set(), True),
}


def oxedi_differs(data: bytes) -> bool:
    import oxedi

    try:
        theirs = of_oxedi(data)
    except oxedi.ParseError:
        return True
    return bool(differing_columns(ours(read_tables(data).rows), theirs))


@needs_oxedi
@pytest.mark.parametrize("row", BROKEN)
def test_broken_input(row: str) -> None:
    data, status, codes, differs = BROKEN[row]
    report = read_tables(data).report
    assert (report.status, {issue.code for issue in report.issues}) == (status, codes)
    assert oxedi_differs(data) is differs


def test_the_page_has_a_row_for_each_case() -> None:
    assert set(re.findall(r"^\| (B\d+) \|", PAGE, re.M)) == set(BROKEN)
