"""The EHR's report against the 837P sent."""

from decimal import Decimal
from typing import Any

from billed_rows import batch_837, claim_837, line_837
from rule_case_kit import Case, Chart, billed, hit, near, unknown


def sent(chart: Chart, *, is_readable: bool = True, **line: Any) -> None:
    """One visit of 100 dollars in the EHR, and an 837P whose line says what ``line`` says."""
    npi = f"77-{chart.case_id}"  # of this case alone: the NPI tells the clinic
    chart.visit()
    claim_id = chart.bill(
        billed("99214", charge=Decimal("100.00")), billing_npi=npi, total_charge=Decimal("100.00")
    )
    row = line_837("99214", "1", "100", **line)
    claim = claim_837(f"PCN-{claim_id}", row, billing_provider_npi=npi)
    if not is_readable:
        row["charge_amount"] = claim["claim"]["charge_amount"] = None
    chart.send(batch_837(claim))


CASES: list[Case] = [
    hit("ehr-differs-from-837p", "another code was sent", lambda c: sent(c, procedure_code="99213")),
    near("ehr-differs-from-837p", "both say the same", sent),
    unknown("ehr-differs-from-837p", "the charge sent is unreadable", lambda c: sent(c, is_readable=False)),
]
