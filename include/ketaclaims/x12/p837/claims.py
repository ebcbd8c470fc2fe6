"""One claim (CLM), its lines, other payers and adjudications while they are read.

``values`` are columns by name; amounts in cents, days, ``None`` what could not be read. A sum is of what
could be read; a difference with an unreadable part is unknown, never guessed.
"""

from dataclasses import dataclass, field
from typing import Any

from ketaclaims.x12.issues import IssueLog, Place
from ketaclaims.x12.p837.tables import columns_of
from ketaclaims.x12.rows import Row
from ketaclaims.x12.values import decimal_text, fit

Values = dict[str, Any]

CLAIM = columns_of("billed_claim")
LINE = columns_of("billed_claim_line")
OTHER_PAYER = columns_of("billed_other_payer")
ADJUDICATION = columns_of("billed_line_adjudication")
_INHERITED = ("last_name", "first_name", "birth_date", "sex", "state")  # of the subscriber who is the patient


def row_of(names: tuple[str, ...], place: Place, values: Values) -> Row:
    """A row by column name; positions come from the place."""
    values["st_index"], values["claim_index"] = place.st_index, place.claim_index
    values["line_index"] = place.line_index
    return (place.segment_number, *map(values.get, names))


@dataclass(slots=True)
class Adjudication:
    """An SVD: another payer's answer on a line."""

    place: Place
    index: int
    values: Values
    is_bundled: bool
    adjusted: int = 0
    adjustments: int = 0
    is_readable: bool = True

    def row(self, line_charge: int | None, log: IssueLog) -> Row:
        """The billed_line_adjudication row; a difference is an issue."""
        paid = self.values.get("paid_amount")
        self.values["adjudication_index"] = self.index
        self.values["adjustment_amount"] = fit(self.adjusted)
        if line_charge is not None and paid is not None and self.is_readable and not self.is_bundled:
            difference = line_charge - self.adjusted - paid
            self.values["unexplained_amount"] = fit(difference)
            if difference and self.adjustments:
                message = f"SV102 less CAS is off SVD02 by {decimal_text(difference)}"
                log.add("COB_UNBALANCED", message, place=self.place)
        return row_of(ADJUDICATION, self.place, self.values)


@dataclass(slots=True)
class OtherPayer:
    """An SBR of loop 2320."""

    place: Place
    index: int
    values: Values
    adjusted: int = 0
    adjustments: int = 0

    def row(self) -> Row:
        """The billed_other_payer row."""
        self.values["other_payer_index"] = self.index
        self.values["claim_adjustment_amount"] = fit(self.adjusted)
        return row_of(OTHER_PAYER, self.place, self.values)


@dataclass(slots=True)
class Line:
    """An LX; ``has_service`` once its SV1 was seen."""

    place: Place
    values: Values
    has_service: bool = False
    adjudications: int = 0
    other_paid: int = 0
    adjudication: Adjudication | None = None

    def row(self) -> Row:
        """The billed_claim_line row."""
        self.values["adjudication_count"] = self.adjudications
        if self.adjudications:
            self.values["other_payer_paid_amount"] = fit(self.other_paid)
        return row_of(LINE, self.place, self.values)


@dataclass(slots=True)
class Claim:
    """A CLM; ``values`` begin with what its provider, subscriber and patient loops said."""

    place: Place
    values: Values
    lines: int = 0
    other_payers: int = 0
    diagnoses: int = 0
    line_charge: int = 0
    is_readable: bool = True
    dates: list[int] = field(default_factory=list)

    def add_line(self, line: Line) -> None:
        """Count a finished line in."""
        charge = line.values.get("charge_amount")
        self.is_readable &= charge is not None
        self.line_charge += charge or 0
        days = (line.values.get("service_from_date"), line.values.get("service_to_date"))
        self.dates += [day for day in days if day is not None]

    def unexplained(self) -> int | None:
        """CLM02 - sum SV102, null where one of them is unreadable or there is no line."""
        charge: int | None = self.values["charge_amount"]
        return charge - self.line_charge if charge is not None and self.is_readable and self.lines else None

    def row(self) -> Row:
        """The billed_claim row."""
        values = self.values
        if values["patient_level"] == "subscriber":
            for name in _INHERITED:
                values[f"patient_{name}"] = values.get(f"subscriber_{name}")
        values["service_from_date"] = min(self.dates, default=None)
        values["service_to_date"] = max(self.dates, default=None)
        values["diagnosis_count"], values["line_count"] = self.diagnoses, self.lines
        values["other_payer_count"] = self.other_payers
        values["line_charge_amount"] = fit(self.line_charge) if self.lines else None
        values["unexplained_amount"] = fit(self.unexplained())
        return row_of(CLAIM, self.place, values)

    def check(self, log: IssueLog) -> bool:
        """Whether the claim is the sum of its lines; else an issue says why not."""
        if not self.lines:
            log.add("NO_LINES", "a claim without a service line", place=self.place)
        difference = self.unexplained()
        if difference:
            message = f"the sum of SV102 is off CLM02 by {decimal_text(-difference)}"
            log.add("CLAIM_UNBALANCED", message, place=self.place)
        return difference == 0
