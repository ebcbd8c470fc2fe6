"""What payers get wrong and the reader repairs beside what was sent: the marts count it once, and rightly."""

import hashlib
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from money_practice import NPI_A, claim_rows, one_line_claim
from money_rows import Payment, remit_rows
from tiny_raw import File
from warehouse import Warehouse

from ketaclaims.raw.contract import ReadContext
from ketaclaims.x12.remit_reader import read_remittances

MakeWarehouse = Callable[[str], Warehouse]
D = Decimal

ISA = f"ISA*00*{'':10}*00*{'':10}*ZZ*{'PAYER':15}*ZZ*{'CLINIC':15}*260101*1200*^*00501*000000001*0*P*:"
# paid, taken back in the manner of 4010 and paid again; a claim whose CAS repeats that of its line
FIRST = ("EFT1", "20260302", "100", "CLP*R-1*1*150*100*20*12*ICN1", "SVC*HC:90837*150*100",
         "DTM*472*20260105", "CAS*CO*45*30", "CAS*PR*2*20")  # fmt: skip
TAKEN_BACK = (
    "EFT2", "20260309", "-20",
    "CLP*R-1*22*150*100**12*ICN1", "SVC*HC:90837*150*100", "DTM*472*20260105", "CAS*CO*45*30", "CAS*PR*2*20",
    "CLP*R-1*1*150*80*0*12*ICN2", "SVC*HC:90837*150*80", "DTM*472*20260105", "CAS*CO*45*70",
)  # fmt: skip
REPEATED = ("EFT3", "20260316", "60", "CLP*R-2*1*90*60*0*12*ICN3", "CAS*CO*45*30", "SVC*HC:90837*90*60",
            "DTM*472*20260105", "CAS*CO*45*30")  # fmt: skip
# near misses: a reversal without its minus that balances as sent, one that balances neither way
AS_SENT = ("EFT4", "20260317", "40", "CLP*R-3*22*40*40**12*ICN4", "SVC*HC:90837*40*40", "DTM*472*20260105")
NEITHER = ("EFT5", "20260318", "1", "CLP*R-3*22*40*40**12*ICN4", "SVC*HC:90837*40*40", "DTM*472*20260105")


def transaction(number: int, trace: str, day: str, amount: str, *claims: str) -> list[str]:
    body = [
        f"BPR*I*{amount}*C*ACH************{day}", f"TRN*1*{trace}*1900000001", "N1*PR*AETNA*XV*AETNA",
        f"N1*PE*CLINIC*XX*{NPI_A}", "LX*1", *claims,
    ]  # fmt: skip
    return [f"ST*835*{number:04}", *body, f"SE*{len(body) + 2}*{number:04}"]


def read_as_sent(folder: Path, *transactions: tuple[str, ...]) -> File:
    """An 835 as bytes, through the reader into raw rows."""
    body = [segment for number, each in enumerate(transactions, 1) for segment in transaction(number, *each)]
    segments = [ISA, "GS*HP*PAYER*CLINIC*20260101*1200*1*X*005010X221A1", *body]
    content = "~".join([*segments, f"GE*{len(transactions)}*1", "IEA*1*000000001", ""]).encode()
    source = folder / hashlib.sha256(content).hexdigest()
    source.write_bytes(content)
    rows: dict[str, list[dict[str, Any]]] = {}

    def sink(table: str, batch: pa.RecordBatch) -> None:
        kept = [name for name in batch.schema.names if name not in ("_file_sha256", "_commit_id")]
        rows.setdefault(table, []).extend(batch.select(kept).to_pylist())

    read_remittances(source, ReadContext("-", "-"), sink)
    return File(source.name, rows)


CLINIC = File(
    "repairs-ehr",
    claim_rows(
        "CLINIC-A", NPI_A, ("R-1", "R-1", ["150"]), ("R-2", "R-2", ["90"]), ("R-3", "R-3", ["40"]),
        ("C-1", "2001", ["100"]), ("C-2", "2002", ["300"]),
    ),
)  # fmt: skip
PLB = Payment("EFT9", date(2026, 3, 23), [
    one_line_claim("2001", "100", "100", payer_number="ICN-A"),
    one_line_claim("2002", "300", "300", payer_number="ICN-B"),
], [
    ("WO", "1", "ICN-A 2001"),  # both numbers of one claim
    ("WO", "2", "ICN-A/2002"),  # of two claims
    ("L6", "-3", "EFT8          ICN-B"),  # a trace and a claim
    ("WO", "4", "ICN-A NOWHERE"),  # one of two
    ("WO", "5", "ICN-A 2001 2002"),  # three
    ("WO", "6", "ICN-A"),
])  # fmt: skip
EARLIER = Payment("EFT8", date(2026, 3, 20))


@pytest.fixture(scope="module")
def warehouse(make_warehouse: MakeWarehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    built = make_warehouse("repairs")
    folder = tmp_path_factory.mktemp("repairs")
    sent = read_as_sent(folder, FIRST, TAKEN_BACK, REPEATED, AS_SENT, NEITHER)
    built.raw.commit(CLINIC, sent, File("repairs-plb", remit_rows(EARLIER, PLB)))
    built.run("build", "--exclude", "resource_type:unit_test")  # with every data test and identity
    return built


def test_money_repaired_signs_count_negated_and_repeats_once(warehouse: Warehouse) -> None:
    assert warehouse.rows(
        "select trace_number, payment_state, payment_amount, claim_paid_amount, claim_charge_amount,"
        " unexplained_amount, event_cash_amount, event_difference_cents, claim_unexplained_amount"
        " from marts.fct_remittance_reconciliation where trace_number < 'EFT6' order by 1"
    ) == [
        ("EFT1", "counted", D(100), D(100), D(150), D(0), D(100), 0, D(0)),
        ("EFT2", "counted", D(-20), D(-20), D(0), D(0), D(-20), 0, D(0)),
        ("EFT3", "counted", D(60), D(60), D(90), D(0), D(60), 0, D(0)),
        ("EFT4", "counted", D(40), D(40), D(40), D(0), D(40), 0, D(0)),
        ("EFT5", "held", D(1), D(40), D(40), D(-39), None, None, D(0)),
    ]


def test_money_a_repaired_reversal_takes_its_original_back(warehouse: Warehouse) -> None:
    assert warehouse.rows(
        "select trace_number, chain_role, charge_amount, paid_amount, net_paid_amount, net_adjustment_amount"
        " from marts.fct_remit_chains where trace_number in ('EFT1', 'EFT2') order by chain_position"
    ) == [
        ("EFT1", "original", D(150), D(100), None, None),
        ("EFT2", "reversal", D(-150), D(-100), D(0), D(0)),
        ("EFT2", "correction", D(150), D(80), None, None),
    ]


def test_money_repairs_give_the_claims_their_right_amounts(warehouse: Warehouse) -> None:
    assert warehouse.rows(
        "select claim_id, paid_amount, contractual_amount from marts.fct_claims"
        " where claim_id like 'R-%' order by 1"
    ) == [("R-1", D(80), D(70)), ("R-2", D(60), D(30)), ("R-3", D(40), D(0))]


def test_money_two_numbers_in_one_reference_count_only_together(warehouse: Warehouse) -> None:
    assert warehouse.rows(
        "select ledger.provider_adjustment_amount, ledger.reference_kind, ledger.reference_method,"
        " ledger.reference_number_count, claims.claim_id, seconds.claim_id, payments.trace_number"
        " from marts.fct_provider_ledger as ledger"
        " left join marts.fct_claims as claims using (claim_key)"
        " left join marts.fct_claims as seconds on ledger.second_claim_key = seconds.claim_key"
        " left join marts.fct_remittance_reconciliation as payments"
        " on ledger.named_payment_key = payments.payment_key"
        " order by ledger.entry_sequence"
    ) == [
        (D(1), "claim", "two_numbers", 2, "C-1", None, None),
        (D(2), "two_references", "two_numbers", 2, "C-1", "C-2", None),
        (D(-3), "two_references", "two_numbers", 2, "C-2", None, "EFT8"),
        (D(4), "unresolved", None, 2, None, None, None),
        (D(5), "unresolved", None, 3, None, None, None),
        (D(6), "claim", "payer_control_number", 1, "C-1", None, None),
    ]
