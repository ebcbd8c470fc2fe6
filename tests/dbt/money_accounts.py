"""A practice whose payers take back, forward and pay interest: the provider account, case by case."""

from datetime import date

from money_practice import NPI_A, NPI_B, claim_rows, one_line_claim
from money_rows import Payment, remit_rows
from tiny_raw import File

CLINIC = File(
    "accounts-ehr",
    claim_rows(
        "CLINIC-A", NPI_A,
        ("C-1", "2001", ["100"]), ("C-2", "2002", ["300"]), ("C-3", "2003", ["500"]), ("C-4", "2004", ["50"]),
        ("C-5", "2005", ["20"]),
    ),
)  # fmt: skip
OTHER_CLINIC = File("accounts-ehr-b", claim_rows("CLINIC-B", NPI_B, ("C-9", "2009", ["300"])))

# a reversal larger than the claims paid: the debt goes forward, the payment is 0
FIRST_PAID = Payment("EFT0001", date(2026, 3, 2), [one_line_claim("2002", "300", "300", payer_number="ICN2")])
OPENS = Payment("0EFT0002", date(2026, 3, 9), [
    one_line_claim("2002", "-300", "-300", status="22", payer_number="ICN2"),
    one_line_claim("2001", "100", "100", payer_number="ICN1"),
], [("FB", "-200", "0EFT0002")])  # fmt: skip
APPLIES_PART = Payment(
    "EFT0003", date(2026, 3, 16), [one_line_claim("2004", "50", "50")], [("FB", "50", "EFT0002")]
)
# on the same day as the next, and sorted after it by trace
APPLIES_REST = Payment("EFT0005", date(2026, 3, 23), [one_line_claim("2003", "500", "500")], [
    ("FB", "150", " eft 0002"), ("L6", "-3.27", "ICN1"), ("WO", "40", "2001"), ("ZZ", "1", "?"),
])  # fmt: skip
RETURNS = Payment("EFT0004", date(2026, 3, 23), [one_line_claim("2005", "20", "20")], [("72", "-40", "ICN1")])
# the same trace and claim number from another payer, and another payee of the same payer: nothing of ours
OTHER_PAYER = Payment("EFT0002", date(2026, 3, 24), [], [("WO", "-7", "ICN1")], payer="medicare")
OTHER_PAYEE = Payment("EFT0009", date(2026, 3, 24), [
    one_line_claim("2009", "300", "300"),
], [("WO", "30", "ICN1"), ("CS", "5")], payee_npi=NPI_B)  # fmt: skip

FILES = (
    CLINIC,
    OTHER_CLINIC,
    File("accounts-era-1", remit_rows(FIRST_PAID, OPENS)),
    File("accounts-era-2", remit_rows(APPLIES_PART)),
    File("accounts-era-3", remit_rows(APPLIES_REST, RETURNS)),
    File("accounts-era-4", remit_rows(OTHER_PAYER, OTHER_PAYEE)),
)
