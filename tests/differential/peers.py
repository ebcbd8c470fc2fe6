"""What other 835 tools make of a file, in the shape of our tables; and files another tool writes."""

import datetime as dt
import random
import tempfile
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
from x12_rebuild import Rows

Found = dict[str, list[tuple[Any, ...]]]

# table → our columns and the columns of oxedi that say the same; both begin with the segment number
COLUMNS = {
    "remittance": (
        "payments",
        {
            "payment_amount": "total_payment_amount",
            "trace_number": "trace_number",
            "payment_date": "payment_date",
            "payer_name": "payer_name",
            "payee_id": "payee_id",
        },
    ),
    "remit_claim": (
        "claims",
        {
            "patient_control_number": "claim_id",
            "claim_status_code": "claim_status",
            "charge_amount": "charge_amount",
            "paid_amount": "payment_amount",
            "patient_responsibility_amount": "patient_responsibility",
            "payer_claim_control_number": "payer_control_number",
        },
    ),
    "remit_service_line": (
        "services",
        {
            "procedure_code": "procedure_code",
            "charge_amount": "charge_amount",
            "paid_amount": "payment_amount",
            "paid_units": "units_paid",
            "allowed_amount": "allowed_amount",
            "line_control_number": "line_item_control_number",
            "service_from_date": "service_date",
        },
    ),
    "remit_adjustment": (
        "adjustments",
        {
            "group_code": "group_code",
            "carc": "reason_code",
            "adjustment_amount": "amount",
            "adjustment_quantity": "quantity",
        },
    ),
    "remit_provider_adjustment": (
        "provider_adjustments",
        {
            "reason_code": "reason_code",
            "reference_id": "reference_id",
            "adjustment_amount": "amount",
            "fiscal_period_date": "fiscal_period_date",
        },
    ),
}


def ours(rows: dict[str, Rows]) -> Found:
    return {
        table: [tuple(row[name] for name in names) for row in rows[table]]
        for table, (_, names) in COLUMNS.items()
    }


def of_oxedi(data: bytes) -> Found:
    """As ``ours``, by the Rust reader; its texts are bytes."""
    import oxedi

    tables = oxedi.parse(data).tables
    found: Found = {}
    for table, (theirs, names) in COLUMNS.items():
        rows = pa.table(tables[theirs]).to_pylist() if theirs in tables else []
        found[table] = [
            tuple(v.decode() if isinstance(v := row[name], bytes) else v for name in names.values())
            for row in rows
        ]
    return found


def differing_columns(first: Found, second: Found) -> set[str]:
    """``table.column`` wherever a value differs, ``table`` where the number of rows does."""
    found = set()
    for table, (_, names) in COLUMNS.items():
        if len(first[table]) != len(second[table]):
            found.add(table)
        for one, other in zip(first[table], second[table], strict=False):
            found |= {f"{table}.{name}" for name, a, b in zip(names, one, other, strict=True) if a != b}
    return found


def of_pyx12(data: bytes) -> list[list[str]]:
    """Elements of every segment by pyx12, trimmed, empty tails cut."""
    from pyx12.x12file import X12Reader

    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "input"
        source.write_bytes(data)
        found = []
        for segment in X12Reader(str(source)):
            elements = [segment.get_seg_id(), *(segment.get_value(f"{at:02}") or "" for at in range(1, 27))]
            elements = [element.strip() for element in elements]
            while not elements[-1]:
                elements.pop()
            found.append(elements)
    return found


# files written by sqllocks-shape-healthcare-standards from tables of claims

MEMBERS = 5
PAYEES = ("1234567893", "1999999984")


def money(cents: int) -> float:
    """The writer takes floats; of this size they come back to the cent."""
    return cents / 100


def practice(seed: int, claims: int) -> tuple[dict[str, list[dict[str, Any]]], Counter[str]]:
    """Tables of a made-up practice and the figures its remittance must show, in cents."""
    draw = random.Random(seed)
    figures: Counter[str] = Counter()
    tables: dict[str, list[dict[str, Any]]] = {"medical_claim": [], "medical_claim_line": []}
    tables["member"] = [
        {
            "member_id": f"M{number}", "subscriber_id": f"M{number}", "relationship_code": "18",
            "first_name": "ANY", "last_name": "BODY", "birth_date": dt.date(1980, 1, 1), "sex": "F",
        }
        for number in range(MEMBERS)
    ]  # fmt: skip
    tables["provider"] = [
        {"npi": npi, "entity_type": "2", "org_name": f"CLINIC {npi}", "tax_id": "870000001"} for npi in PAYEES
    ]
    for number in range(claims):
        status = draw.choice(["paid", "paid", "adjusted", "denied", "reversed"])
        lines = [_line(draw, f"C{number}", at, status) for at in range(1, draw.randint(1, 4) + 1)]
        tables["medical_claim_line"] += lines
        tables["medical_claim"].append(_claim(draw, f"C{number}", status, lines))
        _count(figures, status, lines)
    return tables, figures


def _line(draw: random.Random, claim: str, at: int, status: str) -> dict[str, Any]:
    allowed = draw.randint(1, 90_000)
    billed = allowed + draw.choice([0, draw.randint(1, 50_000)])
    coinsurance = draw.choice([0, draw.randint(0, allowed)])
    if status == "denied":
        allowed = coinsurance = 0
    return {
        "claim_id": claim, "line_number": at,
        "procedure_code": draw.choice(["J0013", "G2083", "99213", "96365"]),
        "service_date": dt.date(2026, draw.randint(1, 12), draw.randint(1, 28)),
        "billed_amount": money(billed),
        "units": draw.choice([1.0, 84.0, 0.5]), "modifier_1": draw.choice([None, "25"]),
        "allowed_amount": money(allowed), "paid_amount": money(allowed - coinsurance), "copay": 0.0,
        "coinsurance": money(coinsurance), "deductible": 0.0, "line_status": status,
        "denial_carc": "197" if status == "denied" else None,
        "denial_rarc": "N54" if status == "denied" else None,
    }  # fmt: skip


def _cents(lines: list[dict[str, Any]], name: str) -> int:
    return sum(int(Decimal(str(line[name])) * 100) for line in lines)


def _claim(draw: random.Random, claim: str, status: str, lines: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "claim_id": claim, "claim_type": "P", "member_id": f"M{draw.randrange(MEMBERS)}",
        "billing_npi": draw.choice(PAYEES), "service_from_date": lines[0]["service_date"],
        "service_to_date": lines[0]["service_date"], "total_billed": money(_cents(lines, "billed_amount")),
        "place_of_service": "11", "adjudication_date": dt.date(2026, 12, 31), "claim_status": status,
        "total_allowed": money(_cents(lines, "allowed_amount")),
        "total_paid": money(_cents(lines, "paid_amount")),
        "member_copay": 0.0, "member_coinsurance": money(_cents(lines, "coinsurance")),
        "member_deductible": 0.0,
    }  # fmt: skip


def _count(figures: Counter[str], status: str, lines: list[dict[str, Any]]) -> None:
    sign = -1 if status == "reversed" else 1
    charge, paid = sign * _cents(lines, "billed_amount"), sign * _cents(lines, "paid_amount")
    figures.update(n_clp=1, n_svc=len(lines), n_reversal=int(sign < 0), clp03=charge, clp04=paid)
    figures.update(svc02=charge, svc03=paid, cas=charge - paid, clp05=sign * _cents(lines, "coinsurance"))
    figures.update(n_lq=len(lines) if status == "denied" else 0)


def by_sqllocks(tables: dict[str, list[dict[str, Any]]], **options: Any) -> bytes:
    """One interchange of the tables' claims."""
    from shape_healthcare_standards.contract import contract_schema
    from shape_healthcare_standards.x12.sink import X12Remittance835Sink

    typed = {}
    for name, rows in tables.items():
        schema = contract_schema(name)
        columns = {column.name: [row.get(column.name) for row in rows] for column in schema}
        typed[name] = pa.table(columns, schema=schema)
    primary = typed.pop("medical_claim")
    with tempfile.TemporaryDirectory() as folder:
        sink = X12Remittance835Sink()
        sink.write(folder, "medical_claim", primary.to_batches(), tables=typed, **options)
        (path,) = Path(folder).iterdir()
        return path.read_bytes()
