"""The practice of the money tests: two clinics, each money case in a claim of its own."""

from datetime import date
from typing import Any

from money_rows import Claim, Line, Payment, remit_rows
from tiny_raw import File

NPI_A, NPI_B = "1000000001", "2000000002"
DAY = date(2026, 3, 2)  # date of service of every line
FULL = [("CO", "45", "20")]


def claim_rows(
    clinic_id: str, npi: str, *claims: tuple[str, str, list[str]], **changes: dict[str, Any]
) -> dict[str, Any]:
    """Claims (claim_id, patient control number, line charges) of one clinic as canonical rows."""
    rows: dict[str, Any] = {"claim": [], "claim_line": []}
    for claim_id, number, charges in claims:
        rows["claim"].append(
            {
                "clinic_id": clinic_id,
                "claim_id": claim_id,
                "version": 1,
                "pcn": number,
                "patient_id": f"P-{claim_id}",
                "coverage_id": "COV",
                "billing_npi": npi,
                "total_charge": sum(int(charge) for charge in charges),
                "status": "submitted",
                "frequency": "1",
                **changes.get(claim_id, {}),
            }
        )
        rows["claim_line"] += [
            {
                "clinic_id": clinic_id,
                "claim_id": claim_id,
                "version": 1,
                "line_no": line_no,
                "line_control": f"{number}-{line_no}",
                "dos_from": DAY,
                "code": "99214",
                "units": 1,
                "charge": int(charge),
            }
            for line_no, charge in enumerate(charges, start=1)
        ]
    rows["coverage"] = [
        {"clinic_id": clinic_id, "coverage_id": "COV", "patient_id": f"P-{claim_id}", "payer_id": "aetna",
         "line_of_business": "commercial"}
        for claim_id, *_ in claims[:1]
    ]  # fmt: skip
    return rows


def one_line(
    number: str, charge: str, paid: str, *adjustments: tuple[str, str, str], line_no: int = 1
) -> Line:
    return Line("99214", charge, paid, adjustments, control=f"{number}-{line_no}", service_date=DAY)


def one_line_claim(
    number: str, charge: str, paid: str, *adjustments: tuple[str, str, str], **more: Any
) -> Claim:
    """A claim of one line."""
    return Claim(number, charge, paid, [one_line(number, charge, paid, *adjustments)], **more)


CLINIC_A = File(
    "ehr-a",
    claim_rows(
        "CLINIC-A", NPI_A,
        ("C-PAID", "1001", ["100"]), ("C-SHARE", "1002", ["100"]), ("C-DENIED", "1003", ["120"]),
        ("C-PARTIAL", "1004", ["100"]), ("C-WHOLE", "1005", ["200", "100"]),
        ("C-WHOLE-PAID", "1006", ["200", "150"]),
        ("C-REVERSED", "1007", ["100"]), ("C-REWORKED", "1008", ["200"]), ("C-REOPENED", "1009", ["100"]),
        ("C-ORPHAN", "1010", ["70"]), ("C-SECOND", "1011", ["100"]), ("C-RELEASED", "1012", ["40"]),
        ("C-LATE", "1013", ["10"]), ("C-REPLACED", "1014", ["90"]),
        ("C-ONE-LINE", "1015", ["60"]), ("C-AGAIN", "1016", ["75"]),
        **{"C-REPLACED": {"status": "replaced"}},
    ),
)  # fmt: skip
CLINIC_B = File(
    "ehr-b",
    claim_rows(
        "CLINIC-B",
        NPI_B,
        ("C-PAID", "1001", ["100"]),
        ("C-TWICE-1", "TWICE", ["50"]),
        ("C-TWICE-2", "TWICE", ["50"]),
    ),
)

PAID_1 = Payment("PAID-1", date(2026, 3, 10), [
    one_line_claim("1001", "100", "80", ("CO", "45", "15"), ("CO", "ZZ9", "5"), payer_number="ICN1"),
    one_line_claim("1002", "100", "0", ("PR", "1", "100")),
    one_line_claim("1004", "100", "60", ("CO", "151", "40")),
    one_line_claim("NOT-OURS", "60", "55", ("CO", "45", "5")),
], [("WO", "25.10"), ("L6", "-1.15")])  # fmt: skip
WHOLE = Payment("WHOLE", date(2026, 3, 11), [
    Claim("1005", "300", "0", adjustments=[("CO", "16", "300")]),
    Claim("0000001006", "350", "300", adjustments=[("CO", "45", "50")]),
    Claim("1015", "60", "50", adjustments=[("CO", "45", "10")]),
    one_line_claim("1016", "75", "0", ("CO", "29", "75"), payer_number="ICN16"),
])  # fmt: skip
FIRST_ANSWERS = Payment("FIRST", date(2026, 3, 12), [
    one_line_claim("1007", "100", "80", ("CO", "45", "20"), payer_number="ICN7"),
    one_line_claim("1008", "200", "100", ("CO", "45", "100"), payer_number="ICN8"),
    one_line_claim("1009", "100", "0", ("CO", "252", "0"), ("CO", "16", "100"), payer_number="ICN9"),
    Claim("1011", "100", "80", [Line("99214", "100", "80", [("PR", "2", "20")], service_date=DAY)]),
])  # fmt: skip
# the payer lost our number of the reversal of 1007; 1008 is corrected by the same payment that takes it back
REVERSALS = Payment("REVERSALS", date(2026, 3, 20), [
    Claim("0", "-100", "-80", [Line("99214", "-100", "-80", [("CO", "45", "-20")], service_date=DAY)],
          status="22", payer_number="ICN7"),
    one_line_claim("1008", "-200", "-100", ("CO", "45", "-100"), status="22", payer_number="ICN8"),
    one_line_claim("1008", "200", "150", ("CO", "45", "50"), payer_number="ICN8B"),
], [])  # fmt: skip
# taken back and corrected on one day in two payments: the correction alone here, the reversal in the next
CORRECTION = Payment(
    "CORRECTION",
    date(2026, 3, 21),
    [one_line_claim("1009", "100", "90", ("CO", "45", "10"), payer_number="ICN9B")],
)
TAKEN_BACK = Payment("TAKEN-BACK", date(2026, 3, 21), [
    one_line_claim("1009", "-100", "0", ("CO", "252", "0"), ("CO", "16", "-100"),
                   status="22", payer_number="ICN9"),
    one_line_claim("1010", "-70", "-70", status="22", payer_number="ICN10"),
], [], amount="-70")  # fmt: skip
SECONDARY = Payment(
    "SECONDARY",
    date(2026, 4, 1),
    [one_line_claim("1011", "100", "20", ("OA", "23", "80"), status="2")],
    payer="medicare",
)
# answered anew without a reversal, as payers do after a denial
ANEW = Payment("ANEW", date(2026, 4, 2), [one_line_claim("1016", "75", "75", payer_number="ICN16B")])
CLINIC_B_PAID = Payment("PAID-B", date(2026, 3, 10), [
    one_line_claim("1001", "100", "44", ("CO", "45", "56")), one_line_claim("TWICE", "50", "50"),
], payee_npi=NPI_B)  # fmt: skip

CONFLICT_1A = Payment(
    "CONFLICT-1", date(2026, 3, 15), [one_line_claim("1012", "40", "33", ("CO", "45", "7"))]
)
CONFLICT_1B = Payment(
    "CONFLICT-1", date(2026, 3, 15), [one_line_claim("1012", "40", "34", ("CO", "45", "6"))]
)
CONFLICT_2A = Payment("CONFLICT-2", date(2026, 3, 16), [one_line_claim("1013", "10", "9", ("CO", "45", "1"))])
CONFLICT_2B = Payment("CONFLICT-2", date(2026, 3, 16), [one_line_claim("1013", "10", "8", ("CO", "45", "2"))])
UNBALANCED = Payment(
    "UNBALANCED",
    date(2026, 3, 17),
    [one_line_claim("1013", "10", "9", ("CO", "45", "1"))],
    amount="9.01",
    transaction_status="held",
)
# no money moves: one made-up trace for two remits of other content
NO_MONEY_1 = Payment(
    "0", date(2026, 3, 18), [one_line_claim("1003", "120", "0", ("CO", "197", "120"))], method="NON"
)
NO_MONEY_2 = Payment(
    "0", date(2026, 3, 18), [one_line_claim("1014", "90", "0", ("CO", "29", "90"))], method="NON"
)

RELEASED = File("era-released", remit_rows(CONFLICT_1A))
HELD_FILES = (
    File("era-conflict", remit_rows(CONFLICT_1B, CONFLICT_2A, UNBALANCED)),
    File("era-conflict-2", remit_rows(CONFLICT_2B)),
)
FILES = (
    CLINIC_A,
    CLINIC_B,
    File("era-1", remit_rows(PAID_1, WHOLE)),
    File("era-1-again", remit_rows(PAID_1)),
    File("era-2", remit_rows(FIRST_ANSWERS, CORRECTION)),
    File("era-3", remit_rows(TAKEN_BACK, REVERSALS)),
    File("era-4", remit_rows(SECONDARY, CLINIC_B_PAID, ANEW)),
    File("era-5", remit_rows(NO_MONEY_1)),
    File("era-6", remit_rows(NO_MONEY_2)),
    RELEASED,
    *HELD_FILES,
)
