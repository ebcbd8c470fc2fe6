"""Puts an 835 together again from its twelve tables, and splits one without our reader, to compare both.

What the tables keep of a segment is its meaning: trimmed elements, one spelling per number. ``canonical``
takes the same liberties with the original, and no others.
"""

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pyarrow as pa

from ketaclaims.raw.contract import InputReport, ReadContext
from ketaclaims.x12.remit_reader import read_remittances
from ketaclaims.x12.tables import REMIT_TABLES
from ketaclaims.x12.totals import Totals

Rows = list[dict[str, Any]]
Elements = list[str]

BLANK = " \t\r\n"  # not Python's own notion, which takes the separators 0x1C to 0x1F for white space

REMARKS = {"MIA": (5, 20, 21, 22, 23), "MOA": (3, 4, 5, 6, 7)}
COMPOSITES = {"SVC": (1,), "PLB": (3, 5, 7, 9, 11, 13)}
NUMBERS = {
    "CLP": (3, 4, 5),
    "SVC": (2, 3, 5, 7),
    "CAS": tuple(at for at in range(3, 20) if at % 3 != 2),
    "PLB": (4, 6, 8, 10, 12, 14),
    "AMT": (2,),
    "QTY": (2,),
}


@dataclass
class Tables:
    """One reading: its report, its figures and the rows of each table in order."""

    report: InputReport
    totals: Totals
    rows: dict[str, Rows] = field(default_factory=dict)


def read_tables(data: bytes) -> Tables:
    """Read bytes as the pipeline does, test files too."""
    rows: dict[str, Rows] = {name: [] for name in REMIT_TABLES}

    def sink(table: str, batch: pa.RecordBatch) -> None:
        rows[table].extend(batch.to_pylist())

    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "input"
        source.write_bytes(data)
        context = ReadContext("f" * 64, "commit", accept_test_files=True)
        reading = read_remittances(source, context, sink)
    return Tables(reading.report, reading.totals, rows)


def number_text(value: Decimal) -> str:
    """``450.00`` → ``450``, ``-0`` → ``0``."""
    text = f"{value.normalize():f}"
    return "0" if text == "-0" else text


def cell(value: Any) -> str:
    if isinstance(value, Decimal):
        return number_text(value)
    return f"{value:%Y%m%d}" if isinstance(value, date) else value or ""


def _grouped(rows: Rows) -> Iterator[tuple[int, Rows]]:
    """Rows that come from one segment, in their order within it."""
    groups: dict[int, Rows] = defaultdict(list)
    for row in rows:
        groups[row["_segment_number"]].append(row)
    for number, group in groups.items():
        yield number, sorted(group, key=lambda row: row["sequence"])


CLP = (
    "patient_control_number", "claim_status_code", "charge_amount", "paid_amount",
    "patient_responsibility_amount", "filing_indicator_code", "payer_claim_control_number",
    "facility_type_code", "frequency_code",
)  # fmt: skip
SVC = ("procedure_qualifier", "procedure_code", "modifier_1", "modifier_2", "modifier_3", "modifier_4")
NM1 = (
    "entity_code", "entity_type_code", "name_last_or_org", "name_first", "name_middle", "name_prefix",
    "name_suffix", "id_qualifier", "party_id",
)  # fmt: skip
N1 = ("entity_code", "name_last_or_org", "id_qualifier", "party_id")
PLAIN = (
    ("remit_claim", "CLP", CLP),
    ("remit_reference", "REF", ("qualifier", "reference_id", "description")),
    ("remit_date", "DTM", ("qualifier", "date_text")),
)


def _of_one_row(rows: dict[str, Rows], component: str) -> Iterator[tuple[int, list[Any]]]:
    for table, segment_id, names in PLAIN:
        for row in rows[table]:
            yield row["_segment_number"], [segment_id, *(row[name] for name in names)]
    for row in rows["remit_service_line"]:
        code = component.join(row[name] or "" for name in SVC).rstrip(component)
        money = (row["charge_amount"], row["paid_amount"], row["revenue_code"], row["paid_units"])
        yield row["_segment_number"], ["SVC", code, *money, "", row["original_units"]]
    for row in rows["remit_amount"]:
        yield row["_segment_number"], [row["kind"], row["qualifier"], row["amount"]]
    for row in rows["remit_party"]:
        names = N1 if row["segment_id"] == "N1" else NM1
        yield row["_segment_number"], [row["segment_id"], *(row[name] for name in names)]


def _of_several_rows(rows: dict[str, Rows], component: str) -> Iterator[tuple[int, list[Any]]]:
    for number, group in _grouped(rows["remit_adjustment"]):
        names = ("carc", "adjustment_amount", "adjustment_quantity")
        yield number, ["CAS", group[0]["group_code"], *(row[name] for row in group for name in names)]
    for number, group in _grouped(rows["remit_provider_adjustment"]):
        pairs: list[Any] = []
        for row in group:
            code = component.join((row["reason_code"] or "", row["reference_id"] or "")).rstrip(component)
            pairs += [code, row["adjustment_amount"]]
        yield number, ["PLB", group[0]["provider_id"], group[0]["fiscal_period_date"], *pairs]
    for number, group in _grouped(rows["remit_remark"]):
        source = group[0]["source"]
        if source == "LQ":
            yield number, ["LQ", group[0]["qualifier"], group[0]["rarc"]]
        else:
            elements = [source] + [""] * max(REMARKS[source])
            for at, row in zip(REMARKS[source], group, strict=False):
                elements[at] = row["rarc"]
            yield number, elements


def rebuild(rows: dict[str, Rows]) -> dict[int, Elements]:
    """Every segment of the file by its number: the kept text where there is one, else from typed columns."""
    kept = {row["_segment_number"]: row["segment_text"] for row in rows["remit_segment_other"]}
    headers = sorted(number for number, text in kept.items() if text[:3].upper() == "ISA")
    separators = {}  # segment number of an ISA → its element and component separator
    for number in headers:
        elements = kept[number].split(kept[number][3])
        separators[number] = (kept[number][3], elements[16])

    def at(number: int) -> tuple[str, str]:
        return separators[max(header for header in headers if header <= number)]

    found: dict[int, Elements] = {}
    for part in (_of_one_row, _of_several_rows):
        for number, values in part(rows, "\0"):
            found[number] = [cell(value).replace("\0", at(number)[1]) for value in values]
    for number, text in kept.items():
        found[number] = text.split(at(number)[0])
    return found


def _number(text: str) -> str:
    try:
        return number_text(Decimal(text)) if text and set(text) <= set("-.0123456789") else text
    except InvalidOperation:
        return text


def canonical(elements: Iterable[str], component: str) -> Elements:
    """Trimmed, empty tails cut, numbers in one spelling; everything else untouched."""
    texts = [text.strip(BLANK) for text in elements]
    segment_id = texts[0].upper()
    for at, text in enumerate(texts):
        if at in COMPOSITES.get(segment_id, ()):
            texts[at] = text = component.join(part.strip(BLANK) for part in text.split(component)).rstrip(
                component
            )
        if at in NUMBERS.get(segment_id, ()):
            texts[at] = _number(text)
    while texts and not texts[-1]:
        texts.pop()
    return texts


def split_file(data: bytes) -> list[tuple[str, Elements]]:
    """(component separator, elements) of every segment: separators from each ISA, nothing of our reader.

    For files without text between interchanges and without a terminator inside data.
    """
    text = data.decode("utf-8-sig")
    found: list[tuple[str, Elements]] = []
    while text.strip(BLANK):
        text = text.lstrip(BLANK)
        element, component, terminator = text[3], text[104], text[105]
        while text:
            piece, _, text = text.partition(terminator)
            elements = piece.strip(BLANK).replace("\r", "").replace("\n", "").split(element)
            if elements != [""]:
                found.append((component, elements))
            if elements[0].upper() == "IEA":
                break
    return found


def assert_rebuilt(data: bytes) -> Tables:
    """The tables hold every segment of ``data``, in order, none twice and none besides."""
    tables = read_tables(data)
    rebuilt, original = rebuild(tables.rows), split_file(data)
    assert sorted(rebuilt) == list(range(1, len(original) + 1))
    for number, (component, elements) in enumerate(original, start=1):
        assert canonical(rebuilt[number], component) == canonical(elements, component), number
    return tables
