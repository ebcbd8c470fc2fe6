"""Any table of valid values written by an independent CSV writer comes back exactly; rows are conserved."""

import tempfile
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ketaclaims.ehr.csv_reader import read_ehr_csv
from ketaclaims.ehr.schema import CanonicalColumn, canonical_tables
from ketaclaims.raw.contract import ReadContext

TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t"), min_size=1, max_size=12
).filter(lambda s: s == s.strip() and s != "")
CODES = {"code", "mod1", "mod2", "mod3", "mod4", "ndc_uom", "codes"}  # kept in upper case
SENTINELS = {date(1, 1, 1), date(1900, 1, 1)}
DATES = st.dates().filter(lambda d: d not in SENTINELS)
MOMENTS = st.tuples(
    st.datetimes().filter(lambda t: t.date() not in SENTINELS), st.none() | st.integers(-14 * 60, 14 * 60)
)


def money(column_kind: str) -> st.SearchStrategy[Decimal]:
    places = 2 if column_kind == "money" else 3
    return st.integers(-(10**12) + 1, 10**12 - 1).map(lambda n: Decimal(n).scaleb(-places))


def values(column: CanonicalColumn) -> st.SearchStrategy:
    kinds = {
        "text": TEXT,
        "list": TEXT,
        "date": DATES,
        "timestamp": MOMENTS,
        "money": money("money"),
        "decimal": money("decimal"),
        "int": st.integers(-(10**18) + 1, 10**18 - 1),
        "bool": st.booleans(),
    }
    some = st.sampled_from(column.enum) if column.enum else kinds[column.kind]
    if column.name in CODES:
        some = st.text("abcXYZ0189.;", min_size=1, max_size=8)
    return some if column.is_required else st.none() | some


def written(value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case (datetime() as wall, offset):
            sign, minutes = ("-" if (offset or 0) < 0 else "+"), abs(offset or 0)
            return wall.isoformat() + (
                "" if offset is None else f"{sign}{minutes // 60:02d}:{minutes % 60:02d}"
            )
        case Decimal():
            return format(value, "f")
        case date():
            return value.isoformat()
        case _:
            return str(value)


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


@st.composite
def tables(draw):
    table = canonical_tables()[draw(st.sampled_from(["claim_line", "prior_auth", "encounter", "notice"]))]
    columns = draw(st.permutations(table.columns))
    rows = draw(st.lists(st.tuples(*(values(c) for c in columns)), min_size=1, max_size=4))
    return table.name, columns, rows


def read(content: bytes):
    got: dict[str, list] = {}
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "x"
        source.write_bytes(content)
        context = ReadContext(file_sha256="f" * 64, commit_id="c")
        report = read_ehr_csv(source, context, lambda t, b: got.setdefault(t, []).extend(b.to_pylist()))
    return report, got


def expected(column: CanonicalColumn, value):
    if column.kind == "timestamp":
        wall, offset = value or (None, None)
        return {column.name: wall, f"{column.name}_utc_offset_minutes": offset}
    return {column.name: value.upper() if column.name in CODES and value is not None else value}


@settings(max_examples=60, deadline=timedelta(seconds=5))
@given(
    tables(),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-16"]),
)
def test_valid_tables_come_back_exactly(drawn, delimiter, newline, encoding):
    name, columns, rows = drawn
    lines = [delimiter.join(c.name for c in columns)]
    lines += [delimiter.join(quoted(written(v)) for v in row) for row in rows]
    report, got = read((newline.join(lines) + newline).encode(encoding))
    assert report.quarantined_rows == 0
    for number, (row, back) in enumerate(zip(rows, got[name], strict=True), start=2):
        want = {k: v for c, value in zip(columns, row, strict=True) for k, v in expected(c, value).items()}
        assert {k: back[k] for k in want} == want
        assert back["_row_number"] == number


CELLS = st.sampled_from(
    ["c1", "p1", "abn", "2026-01-02", "soon", "", '"x"', '"a,b"', '"a\nb"', '"', "x\x00", "é"]
)


@settings(max_examples=150, deadline=timedelta(seconds=5))
@given(st.lists(st.lists(CELLS, min_size=2, max_size=5), max_size=8))
def test_every_row_is_loaded_or_quarantined_once(rows):
    body = "".join(",".join(cells) + "\n" for cells in rows)
    report, got = read(("clinic_id,patient_id,type,signed_on\n" + body).encode())
    loaded = [r["_row_number"] for r in got.get("notice", [])]
    bad = [r["_row_number"] for r in got.get("quarantined_record", [])]
    assert len(loaded) + len(bad) == len(set(loaded) | set(bad))
    assert (report.rows.get("notice", 0), report.quarantined_rows) == (len(loaded), len(bad))
    well_formed = not any(cell in ('"', "x\x00") or "\n" in cell for cells in rows for cell in cells)
    if well_formed:
        blank = {n for n, cells in enumerate(rows, start=2) if not any(cells) and len(cells) == 4}
        assert set(loaded) | set(bad) == set(range(2, len(rows) + 2)) - blank
