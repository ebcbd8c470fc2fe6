"""Any 835 written by a writer of our own comes back: figures, identities, every element of every segment.

The writer knows nothing of the reader: it makes payments as values, spells them as segments and adds up its
own totals from the values.
"""

import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ketaclaims.raw.contract import ReadContext
from ketaclaims.x12 import claim_runs
from ketaclaims.x12.remit_reader import RemitReading, read_remittances

CENTS = st.integers(0, 5_000_000)
SIGNED = st.integers(-500_000, 500_000)
WORD = st.text("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", min_size=1, max_size=8)
NAME = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ '-.ÑÉ", min_size=1, max_size=12).map(str.strip).filter(bool)
DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31))
DELIMITERS = st.sampled_from(
    [("*", ":", "~"), ("|", "^", "~\n"), ("*", ">", "\r\n"), ("\x1d", "\x1f", "\x1e"), ("!", "<", "\n")]
)


def spelled(cents: int, form: int) -> str:
    """One of the spellings X12 allows for an amount."""
    value = Decimal(cents) / 100
    plain = f"{value:.2f}"
    if form == 0:
        return plain
    short = plain.rstrip("0").rstrip(".")
    return short.replace("0.", ".", 1) if form == 2 and short.lstrip("-").startswith("0.") else short


@dataclass
class Written:
    segments: list[list[str]] = field(default_factory=list)  # of one ST, without ST and SE
    totals: Counter[str] = field(default_factory=Counter)


@st.composite
def adjustments(draw: Any, written: Written) -> tuple[list[list[str]], int, int]:
    """Segments, their sum, and the part of group PR."""
    segments, total, patient = [], 0, 0
    for _ in range(draw(st.integers(0, 2))):
        group = draw(st.sampled_from(["CO", "OA", "PI", "PR"]))
        segment = ["CAS", group]
        for _ in range(draw(st.integers(1, 3))):
            cents = draw(SIGNED)
            segment += [
                draw(st.sampled_from(["1", "45", "253", "A2"])),
                spelled(cents, draw(st.integers(0, 2))),
            ]
            segment.append(draw(st.sampled_from(["", "1", "2.5"])))
            total += cents
            patient += cents if group == "PR" else 0
            written.totals["cas"] += cents
            written.totals["n_cas_adj"] += 1
        while segment[-1] == "":
            segment.pop()
        segments.append(segment)
    return segments, total, patient


@st.composite
def claims(draw: Any, written: Written) -> int:
    """Adds one balanced claim to what is written; its paid cents."""
    claim_cas, claim_adjusted, patient = draw(adjustments(written))
    lines: list[list[str]] = []
    charge = line_paid = 0
    for _ in range(draw(st.integers(0, 2))):
        line_cas, adjusted, line_patient = draw(adjustments(written))
        line_charge = draw(CENTS)
        patient += line_patient
        charge += line_charge
        line_paid += line_charge - adjusted
        code = ":".join(["HC", draw(WORD), *draw(st.lists(st.sampled_from(["25", "59", "XU"]), max_size=4))])
        form = draw(st.integers(0, 2))
        lines.append(["SVC", code, spelled(line_charge, form), spelled(line_charge - adjusted, form)])
        if draw(st.booleans()):
            lines[-1] += ["", draw(st.sampled_from(["1", "84", "0.5"]))]
        lines.append(["DTM", "472", draw(DAYS).strftime("%Y%m%d")])
        lines += line_cas
        lines.append(["REF", "6R", draw(WORD)])
        if draw(st.booleans()):
            lines.append(["LQ", "HE", draw(st.sampled_from(["N130", "N54"]))])
            written.totals["n_lq"] += 1
        written.totals["n_svc"] += 1
        written.totals["svc02"] += line_charge
        written.totals["svc03"] += line_charge - adjusted
    if not lines:
        charge = draw(CENTS)
        line_paid = charge
    paid = line_paid - claim_adjusted
    status = draw(st.sampled_from(["1", "2", "4", "19"]))
    clp = [
        "CLP",
        draw(WORD),
        status,
        spelled(charge, 0),
        spelled(paid, 1),
        spelled(patient, 0),
        "12",
        draw(WORD),
        "11",
        "1",
    ]
    written.segments += [
        clp,
        *claim_cas,
        ["NM1", "QC", "1", draw(NAME), draw(NAME), "", "", "", "MI", draw(WORD)],
        *lines,
    ]
    written.totals.update(n_clp=1, clp03=charge, clp04=paid, clp05=patient)
    return paid


@st.composite
def transactions(draw: Any) -> Written:
    written = Written()
    paid = 0
    for number in range(draw(st.integers(0, 3))):
        written.segments.append(["LX", str(number + 1)])
        paid += draw(claims(written))
    for _ in range(draw(st.integers(0, 2))):
        segment = ["PLB", draw(WORD), draw(DAYS).strftime("%Y1231")]
        for _ in range(draw(st.integers(1, 6))):
            cents = draw(SIGNED)
            segment += [
                draw(st.sampled_from(["WO:" + draw(WORD), "FB", "L6"])),
                spelled(cents, draw(st.integers(0, 2))),
            ]
            paid -= cents
            written.totals.update(plb=cents, n_plb_adj=1)
        written.segments.append(segment)
    date = draw(DAYS).strftime("%Y%m%d")
    head = [
        ["BPR", "I", spelled(paid, 0), "C", "ACH", *[""] * 11, date],
        ["TRN", "1", draw(WORD), draw(WORD)],
        ["N1", "PR", draw(NAME), "XV", draw(WORD)],
        ["N3", draw(NAME)],
        ["N1", "PE", draw(NAME), "XX", draw(WORD)],
        ["REF", "TJ", draw(WORD)],
    ]
    written.segments = head + written.segments
    written.totals.update(n_st=1, bpr02=paid)
    return written


FILES = st.lists(transactions(), min_size=1, max_size=3)


def numbered(written: list[Written], control: int) -> list[list[str]]:
    """Envelope and control segments around the transactions."""
    isa = [
        "ISA",
        "00",
        " " * 10,
        "00",
        " " * 10,
        "ZZ",
        "P".ljust(15),
        "ZZ",
        "C".ljust(15),
        "260101",
        "1200",
        "^",
        "00501",
    ]
    segments = [
        [*isa, f"{control:09}", "0", "P", ":"],
        ["GS", "HP", "P", "C", "20260101", "1200", str(control), "X", "005010X221A1"],
    ]
    for index, transaction in enumerate(written, start=control):
        segments += [["ST", "835", f"{index:04}"], *transaction.segments]
        segments.append(["SE", str(len(transaction.segments) + 2), f"{index:04}"])
    return [*segments, ["GE", str(len(written)), str(control)], ["IEA", "1", f"{control:09}"]]


def spell(segments: list[list[str]], delimiters: tuple[str, str, str]) -> bytes:
    element, component, terminator = delimiters
    composites = {("ISA", 16), ("SVC", 1)} | {("PLB", at) for at in range(3, 15, 2)}
    texts = []
    for segment in segments:
        elements = [
            value.replace(":", component) if (segment[0], at) in composites else value
            for at, value in enumerate(segment)
        ]
        texts.append(element.join(elements) + terminator)
    return "".join(texts).encode()


def read(data: bytes) -> tuple[RemitReading, dict[str, list[dict[str, Any]]]]:
    """By handlers and compiled, to one result."""
    (reading, tables), compiled = read_by(data, False), read_by(data, True)
    if reading.report.status == "rejected":  # what went on before the refusal depends on the blocks
        assert compiled[0].report.issues == reading.report.issues
        assert compiled[0].totals == reading.totals
    else:
        assert compiled == (reading, tables)
    return reading, tables


def read_by(data: bytes, is_compiled: bool) -> tuple[RemitReading, dict[str, list[dict[str, Any]]]]:
    tables: dict[str, list[dict[str, Any]]] = defaultdict(list)

    def sink(table: str, batch: pa.RecordBatch) -> None:
        tables[table].extend(batch.to_pylist())

    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(claim_runs, "WORTHWHILE_FILE_BYTES", 0 if is_compiled else 1 << 60)
        patch.setattr(claim_runs, "WORTHWHILE_BLOCK_BYTES", 0)
        source = Path(folder) / "input"
        source.write_bytes(data)
        return read_remittances(source, ReadContext("sha", "commit"), sink), tables


CHECKED = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@CHECKED
@given(FILES, DELIMITERS)
def test_figures_and_identities(written: list[Written], delimiters: tuple[str, str, str]) -> None:
    reading, tables = read(spell(numbered(written, 1), delimiters))
    expected: Counter[str] = Counter()
    for transaction in written:
        expected.update(transaction.totals)
    assert {name: getattr(reading.totals, name) for name in expected} == dict(expected)
    assert reading.totals.is_balanced
    codes = {issue.code for issue in reading.report.issues}
    assert codes <= {"NEGATIVE_PAYMENT"}
    for row in tables["remit_service_line"]:
        assert row["charge_amount"] - row["adjustment_amount"] == row["paid_amount"]
        assert row["unexplained_amount"] == 0
    for row in tables["remit_claim"]:
        assert (
            row["charge_amount"] - row["claim_adjustment_amount"] - row["line_adjustment_amount"]
            == row["paid_amount"]
        )
    for row in tables["remittance"]:
        assert row["payment_amount"] == row["claim_paid_amount"] - row["provider_adjustment_amount"]


@CHECKED
@given(FILES, DELIMITERS, st.integers(2, 900))
def test_identity_does_not_depend_on_delimiters_or_control_numbers(
    written: list[Written], delimiters: tuple[str, str, str], control: int
) -> None:
    _, reference = read(spell(numbered(written, 1), ("*", ":", "~")))
    _, other = read(spell(numbered(written, control), delimiters))
    names = ("payment_identity", "payment_reference", "content_hash")
    assert [[row[name] for name in names] for row in other["remittance"]] == [
        [row[name] for name in names] for row in reference["remittance"]
    ]


# Elements, segments and bytes that a mutation puts in place of others, or between them
# fmt: off
PIECES = st.sampled_from([
    "", "0", "-0", "-.50", "1.", "007.10", "1e3", "22", "CO45", "HC:A1::59", "HC>A1", ":", " ", "é",
    "ab", "CLP", "SVC", "LX", "PLB", "SE", "N1", "N4", "NM1", "MOA", "QTY", "6R", "G1", "B6", "232",
    "20240229", "CAS*PR*1*1**2*3", "MOA***MA01**MA02", "AMT*B6*1.5", "QTY*CA*1.25", "LX*7",
    "TS3*1*2*3*4*5.10", "N4*X", "CLP*Z*22*-1*-1**12*I", "REF*F8*9", "SVC*HC:A:1*0*0**1*HC:B:2*3.50",
    "DTM*150*20240101", "LQ*HE", "~",
])
# fmt: on
MUTATIONS = st.lists(
    st.tuples(st.sampled_from(["element", "before", "drop", "copy"]), st.integers(0), st.integers(0), PIECES),
    min_size=1,
    max_size=4,
)


def mutated(segments: list[list[str]], mutations: list[tuple[str, int, int, str]]) -> list[list[str]]:
    """Change elements, put in, drop and copy segments inside the envelope."""
    for kind, where, which, piece in mutations:
        at = 2 + where % (len(segments) - 3)
        if kind == "element":
            segment = segments[at]
            position = which % (len(segment) + 1)
            segments[at] = [*segment[:position], piece, *segment[position + 1 :]]
        elif kind == "drop":
            del segments[at]
        else:
            segments.insert(at, piece.split("*") if kind == "before" else list(segments[at]))
    return segments


@settings(CHECKED, max_examples=300)
@given(FILES, DELIMITERS, MUTATIONS)
def test_compiled_and_handlers_agree_on_damaged_files(
    written: list[Written], delimiters: tuple[str, str, str], mutations: list[tuple[str, int, int, str]]
) -> None:
    reading, tables = read(spell(mutated(numbered(written, 1), mutations), delimiters))
    if reading.report.status != "rejected":
        assert {name: len(rows) for name, rows in tables.items()} == dict(reading.report.rows)


# round trip


Rows = list[dict[str, Any]]


def number(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"


def text_of(value: Any) -> str:
    if isinstance(value, Decimal):
        return number(value)
    return f"{value:%Y%m%d}" if isinstance(value, date) else value or ""


def by_segment(rows: Rows) -> list[Rows]:
    groups: dict[int, Rows] = defaultdict(list)
    for row in rows:
        groups[row["_segment_number"]].append(row)
    return list(groups.values())


def party(row: dict[str, Any]) -> list[Any]:
    if row["segment_id"] == "N1":
        return ["N1", row["entity_code"], row["name_last_or_org"], row["id_qualifier"], row["party_id"]]
    names = (
        "entity_code",
        "entity_type_code",
        "name_last_or_org",
        "name_first",
        "name_middle",
        "name_prefix",
    )
    return ["NM1", *(row[name] for name in (*names, "name_suffix", "id_qualifier", "party_id"))]


def put_together(tables: dict[str, Rows], component: str) -> Iterator[tuple[dict[str, Any], list[Any]]]:
    """A row and the elements of the segment it comes from."""
    for row in tables["remit_claim"]:
        yield row, ["CLP", *(row[name] for name in list(row)[5:14])]
    for row in tables["remit_service_line"]:
        code = component.join(row[name] for name in list(row)[7:13] if row[name])
        money = ("charge_amount", "paid_amount", "revenue_code", "paid_units")
        yield row, ["SVC", code, *(row[name] for name in money)]
    for rows in by_segment(tables["remit_adjustment"]):
        triplets = [(row["carc"], row["adjustment_amount"], row["adjustment_quantity"]) for row in rows]
        yield rows[0], ["CAS", rows[0]["group_code"], *(value for triplet in triplets for value in triplet)]
    for rows in by_segment(tables["remit_provider_adjustment"]):
        codes = [component.join(filter(None, (row["reason_code"], row["reference_id"]))) for row in rows]
        pairs = [(code, row["adjustment_amount"]) for code, row in zip(codes, rows, strict=True)]
        head = ["PLB", rows[0]["provider_id"], rows[0]["fiscal_period_date"]]
        yield rows[0], [*head, *(value for pair in pairs for value in pair)]
    for table, segment_id, names in (
        ("remit_reference", "REF", ("qualifier", "reference_id")),
        ("remit_date", "DTM", ("qualifier", "date_text")),
        ("remit_remark", "LQ", ("qualifier", "rarc")),
    ):
        for row in tables[table]:
            yield row, [segment_id, *(row[name] for name in names)]
    for row in tables["remit_party"]:
        yield row, party(row)


def rebuilt(tables: dict[str, Rows], component: str) -> dict[int, list[str]]:
    """Segments put together again from typed rows alone, by segment number."""
    return {
        row["_segment_number"]: [text_of(element) for element in elements]
        for row, elements in put_together(tables, component)
    }


CAS_NUMBERS = [at for at in range(3, 20) if at % 3 != 2]


def is_number(text: str) -> bool:
    return bool(text) and set(text) <= set("-.0123456789")


def canonical(elements: list[str]) -> list[str]:
    """Amounts in one spelling, empty tails cut, to compare by."""
    amounts = {"CLP": (3, 4, 5), "SVC": (2, 3, 5), "CAS": CAS_NUMBERS, "PLB": range(4, 15, 2)}.get(
        elements[0], ()
    )
    texts = [
        number(Decimal(text)) if at in amounts and is_number(text) else text
        for at, text in enumerate(elements)
    ]
    while texts and not texts[-1]:
        texts.pop()
    return ["0" if text == "-0" else text for text in texts]


@CHECKED
@given(FILES, DELIMITERS)
def test_tables_hold_every_segment(written: list[Written], delimiters: tuple[str, str, str]) -> None:
    segments = numbered(written, 1)
    element, component, _ = delimiters
    _, tables = read(spell(segments, delimiters))
    kept = {
        row["_segment_number"]: row["segment_text"].split(element) for row in tables["remit_segment_other"]
    }
    typed = rebuilt(tables, component)
    for at, segment in enumerate(segments, start=1):
        sent = [
            value.replace(":", component) if segment[0] in ("ISA", "SVC", "PLB") else value
            for value in segment
        ]
        sent = [value.strip() for value in sent]
        if at in kept:
            assert [value.strip() for value in kept[at]] == sent
        else:
            assert canonical(typed[at]) == canonical(sent)
    assert set(kept) | set(typed) == set(range(1, len(segments) + 1))
