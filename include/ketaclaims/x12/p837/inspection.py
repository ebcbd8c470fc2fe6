"""What ``claims inspect`` says of one 837P: figures, the first claims, payers, what is wrong."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from ketaclaims.raw.contract import InputReport, ReadContext
from ketaclaims.settings import Settings
from ketaclaims.x12.file_reading import Progress
from ketaclaims.x12.inspection import COMMIT_ID, Input, issue_objects
from ketaclaims.x12.p837.reader import KIND, READER, READER_VERSION, ClaimsReading, read_claims
from ketaclaims.x12.p837.totals import MONEY, Totals
from ketaclaims.x12.values import decimal_text

CLAIMS_SHOWN = 20
_CENTS = 100


@dataclass(slots=True)
class PayerSum:
    """Claims of one payer and what they charge, in cents."""

    claims: int = 0
    charge: int = 0


@dataclass(slots=True)
class Inspection:
    """``claims`` are the first billed_claim rows, ``codes`` counts lines by procedure code."""

    label: str
    sha256: str
    reading: ClaimsReading
    claims: list[dict[str, Any]] = field(default_factory=list)
    payers: dict[tuple[str, str], PayerSum] = field(default_factory=dict)
    codes: Counter[str] = field(default_factory=Counter)

    def take(self, table: str, batch: pa.RecordBatch) -> None:
        """A sink that keeps the first claims and adds up the rest."""
        if table == "billed_claim":
            self.claims += batch.slice(0, max(0, CLAIMS_SHOWN - len(self.claims))).to_pylist()
            for row in batch.select(["payer_id", "payer_name", "charge_amount"]).to_pylist():
                payer = (row["payer_id"] or "", row["payer_name"] or "")
                found = self.payers.setdefault(payer, PayerSum())
                found.claims += 1
                found.charge += int((row["charge_amount"] or 0) * _CENTS)
        elif table == "billed_claim_line":
            self.codes.update(code or "?" for code in batch.column("procedure_code").to_pylist())


def inspect_input(given: Input, settings: Settings, on_progress: Progress | None = None) -> Inspection:
    """Read one input under the settings, but that the test flag is only a warning."""
    empty = InputReport("rejected", KIND, READER, READER_VERSION)
    inspection = Inspection(given.label, given.sha256, ClaimsReading(empty, Totals()))
    if given.reject is not None:
        report = InputReport("rejected", KIND, READER, READER_VERSION, issues=(given.reject,))
        inspection.reading = ClaimsReading(report, Totals())
        return inspection
    context = ReadContext(
        file_sha256=given.sha256,
        commit_id=COMMIT_ID,
        accept_test_files=True,
        max_segment_bytes=settings.max_segment_bytes,
    )
    inspection.reading = read_claims(given.path, context, inspection.take, on_progress)
    return inspection


def as_json(inspection: Inspection) -> dict[str, Any]:
    """Figures as decimal strings, counts as numbers; no patient is named."""
    report, totals = inspection.reading.report, inspection.reading.totals
    return {
        "file": inspection.label,
        "sha256": inspection.sha256,
        "status": report.status,
        "n_st": totals.n_st,
        "totals": {
            "n_clm": totals.n_clm,
            "n_lx": totals.n_lx,
            **{name: decimal_text(getattr(totals, name)) for name in MONEY},
        },
        "balanced": totals.is_balanced,
        "payers": [
            {
                "payer_id": number,
                "payer_name": name,
                "n_clm": found.claims,
                "clm02": decimal_text(found.charge),
            }
            for (number, name), found in sorted(inspection.payers.items())
        ],
        "issues": issue_objects(report),
    }
