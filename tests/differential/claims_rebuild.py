"""Puts an 837P together again from its tables, to compare with the original split without our reader."""

import tempfile
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
from x12_rebuild import BLANK, Elements, Rows, cell, number_text, split_file

from ketaclaims.raw.contract import ReadContext
from ketaclaims.x12.p837.reader import ClaimsReading, read_claims
from ketaclaims.x12.p837.tables import BILLED_TABLES

NUMBERS = {
    "CLM": (2,),
    "SV1": (2, 4),
    "SVD": (2, 5),
    "CAS": tuple(at for at in range(3, 20) if at % 3 != 2),
    "AMT": (2,),
}
COMPOSITES = {"CLM": (5,), "SV1": (1, 7), "SVD": (3,), "HI": tuple(range(1, 13))}
MODIFIERS = ("modifier_1", "modifier_2", "modifier_3", "modifier_4")
PROCEDURE = ("procedure_qualifier", "procedure_code", *MODIFIERS)
CLM_06 = (
    "provider_signature_code", "assignment_code", "benefits_assignment_code", "release_code",
    "patient_signature_code", "related_causes", "special_program_code",
)  # fmt: skip
PARTY = (
    "entity_code", "entity_type_code", "name_last_or_org", "name_first", "name_middle", "name_prefix",
    "name_suffix", "id_qualifier", "party_id",
)  # fmt: skip
SBR = (
    "payer_responsibility_code", "relationship_code", "insurance_group_id", "insurance_group_name",
    "insurance_type_code",
)  # fmt: skip
PLAIN = (
    ("billed_reference", "REF", ("qualifier", "reference_id", "description")),
    ("billed_date", "DTP", ("qualifier", "date_format", "date_text")),
    ("billed_amount", "AMT", ("qualifier", "amount")),
    ("billed_party", "NM1", PARTY),
    ("billed_note", "NTE", ("note_code", "note_text")),
)


def read_claim_tables(data: bytes) -> tuple[ClaimsReading, dict[str, Rows]]:
    """Read bytes as the pipeline does, test files too."""
    rows: dict[str, Rows] = {name: [] for name in BILLED_TABLES}

    def sink(table: str, batch: pa.RecordBatch) -> None:
        assert batch.schema.equals(BILLED_TABLES[table])
        batch.validate(full=True)
        rows[table].extend(batch.to_pylist())

    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "input"
        source.write_bytes(data)
        reading = read_claims(source, ReadContext("f" * 64, "commit", accept_test_files=True), sink)
    assert {name: len(found) for name, found in rows.items() if found} == dict(reading.report.rows)
    return reading, rows


def _joined(row: dict[str, Any], *names: str) -> str:
    return "\0".join(row[name] or "" for name in names).rstrip("\0")


def _segment(rows: dict[str, Rows]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for table, segment_id, names in PLAIN:
        for row in rows[table]:
            found[row["_segment_number"]] = [segment_id, *(row[name] for name in names)]
    for row in rows["billed_claim"]:
        place = _joined(row, "place_of_service_code", "facility_qualifier", "frequency_code")
        head = ["CLM", row["patient_control_number"], row["charge_amount"], "", "", place]
        tail = [*(row[name] for name in CLM_06), *[""] * 7, row["delay_reason_code"]]
        found[row["_segment_number"]] = head + tail
    for row in rows["billed_claim_line"]:
        pointers = _joined(row, *(f"diagnosis_pointer_{n}" for n in range(1, 5)))
        head = ["SV1", _joined(row, *PROCEDURE, "noc_text"), row["charge_amount"], row["unit_code"]]
        middle = [row["billed_units"], row["place_of_service_code"], "", pointers, ""]
        tail = [row["emergency_indicator"], "", row["epsdt_indicator"], row["family_planning_indicator"]]
        found[row["_segment_number"]] = [*head, *middle, *tail, "", "", row["copay_status_code"]]
    for row in rows["billed_other_payer"]:
        values = [row[name] for name in SBR]
        found[row["_segment_number"]] = ["SBR", *values, "", "", "", row["filing_indicator_code"]]
    for row in rows["billed_line_adjudication"]:
        procedure = _joined(row, *PROCEDURE, "description")
        money = [row["payer_id"], row["paid_amount"], procedure, "", row["paid_units"]]
        found[row["_segment_number"]] = ["SVD", *money, row["bundled_line_number"]]
    for number, group in _grouped(rows["billed_adjustment"], "sequence"):
        names = ("carc", "adjustment_amount", "adjustment_quantity")
        found[number] = ["CAS", group[0]["group_code"], *(row[name] for row in group for name in names)]
    for number, group in _grouped(rows["billed_diagnosis"], "position"):
        found[number] = ["HI", *(_joined(row, "qualifier", "code_as_sent") for row in group)]
    return found


def _grouped(rows: Rows, order: str) -> list[tuple[int, Rows]]:
    groups: dict[int, Rows] = defaultdict(list)
    for row in rows:
        groups[row["_segment_number"]].append(row)
    return [(number, sorted(group, key=lambda row: row[order])) for number, group in groups.items()]


def rebuild(rows: dict[str, Rows]) -> dict[int, Elements]:
    """Every segment by its number: the kept text where there is one, else from typed columns."""
    kept = {row["_segment_number"]: row["segment_text"] for row in rows["billed_segment_other"]}
    header = next(text for text in kept.values() if text.startswith("ISA"))
    element, component = header[3], header.split(header[3])[16]
    typed = {
        number: [cell(value).replace("\0", component) for value in values]
        for number, values in _segment(rows).items()
    }
    return typed | {number: text.split(element) for number, text in kept.items()}


def canonical(elements: Elements, component: str) -> Elements:
    """Trimmed, empty tails cut, numbers in one spelling: nothing else is taken from the original."""
    texts = [text.strip(BLANK) for text in elements]
    segment_id = texts[0] = texts[0].upper()
    for at in COMPOSITES.get(segment_id, ()):
        if at < len(texts):
            parts = [part.strip(BLANK) for part in texts[at].split(component)]
            texts[at] = component.join(parts).rstrip(component)
    for at in NUMBERS.get(segment_id, ()):
        if at < len(texts) and texts[at] and set(texts[at]) <= set("-.0123456789"):
            try:
                texts[at] = number_text(Decimal(texts[at]))
            except ArithmeticError:
                continue
    while texts and not texts[-1]:
        texts.pop()
    return texts


def assert_rebuilt(data: bytes) -> tuple[ClaimsReading, dict[str, Rows]]:
    """The tables hold every segment of ``data``, in order, none twice and none besides."""
    reading, rows = read_claim_tables(data)
    rebuilt, original = rebuild(rows), split_file(data)
    assert sorted(rebuilt) == list(range(1, len(original) + 1))
    for number, (component, elements) in enumerate(original, start=1):
        assert canonical(rebuilt[number], component) == canonical(elements, component), number
    return reading, rows
