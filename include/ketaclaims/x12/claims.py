"""One claim (CLP) and one service line (SVC) while they are read: their sums and what they do not add up to.

Amounts are cents; ``None`` is an amount that could not be read. A sum is of what could be read; a difference
with an unreadable part is unknown, never guessed.
"""

from collections import Counter
from dataclasses import dataclass, field

from ketaclaims.x12.issues import IssueLog, Place
from ketaclaims.x12.rows import Row
from ketaclaims.x12.values import decimal_text, fit

REVERSAL = "22"


@dataclass(slots=True)
class Line:
    """A service line; ``procedure`` is qualifier, code and four modifiers."""

    place: Place
    charge: int | None
    paid: int | None
    procedure: tuple[str | None, ...]
    revenue_code: str | None
    paid_units: int | None
    original_code: str | None
    original_units: int | None
    control_number: str | None = None
    from_date: int | None = None
    to_date: int | None = None
    allowed: int | None = None
    adjusted: int = 0
    adjustments: int = 0
    remarks: int = 0
    is_readable: bool = True

    def unexplained(self) -> int | None:
        """SVC02 - CAS - SVC03, null where one of them is unreadable."""
        if self.charge is None or self.paid is None or not self.is_readable:
            return None
        return self.charge - self.adjusted - self.paid

    def row(self) -> Row:
        """The remit_service_line row."""
        at = self.place
        return (
            at.segment_number,
            at.st_index,
            at.claim_index,
            at.line_index,
            self.control_number,
            *self.procedure,
            self.charge,
            self.paid,
            self.revenue_code,
            self.paid_units,
            self.original_code,
            self.original_units,
            self.from_date,
            self.to_date,
            self.allowed,
            fit(self.adjusted),
            fit(self.unexplained()),
        )


@dataclass(slots=True)
class Claim:
    """A claim; ``texts`` are CLP06 to CLP09."""

    place: Place
    control_number: str | None
    status: str | None
    charge: int | None
    paid: int | None
    patient_share: int | None
    texts: tuple[str | None, ...]
    lx_number: str | None
    from_date: int | None = None
    to_date: int | None = None
    received_date: int | None = None
    original_reference: str | None = None
    prior_authorization: str | None = None
    rendering_npi: str | None = None
    adjusted: int = 0  # claim level, what repeats the lines left out once that is known
    line_adjusted: int = 0
    line_charge: int = 0
    line_paid: int = 0
    patient_adjusted: int = 0  # group PR, both levels
    lines: int = 0
    adjustments: int = 0
    remarks: int = 0
    is_readable: bool = True
    line: Line | None = None
    held: list[Row] = field(default_factory=list)  # its remit_adjustment rows, without is_repeat
    is_held_whole: bool = True

    @property
    def is_positive_reversal(self) -> bool:
        """A reversal written as 4010 had it: charge and paid without their minus."""
        amounts = (self.charge or 0, self.paid or 0)
        return self.status == REVERSAL and min(amounts) >= 0 and max(amounts) > 0

    def close_line(self, rows: list[Row], log: IssueLog) -> None:
        """Add the open line to the claim and to the table."""
        line = self.line
        if line is None:
            return
        self.line = None
        self.line_adjusted += line.adjusted
        self.line_charge += line.charge or 0
        self.line_paid += line.paid or 0
        self.is_readable &= line.is_readable and line.charge is not None and line.paid is not None
        difference = line.unexplained()
        if difference:
            message = f"SVC02 less CAS is off SVC03 by {decimal_text(difference)}"
            log.add("LINE_UNBALANCED", message, place=line.place)
        if fit(line.adjusted) is None or fit(difference) != difference:
            log.add("BAD_AMOUNT", "a sum of the line is too large to hold", place=line.place)
        rows.append(line.row())

    def unexplained(self) -> int | None:
        """CLP03 - all CAS - CLP04, null where one of them is unreadable."""
        if self.charge is None or self.paid is None or not self.is_readable:
            return None
        return self.charge - self.adjusted - self.line_adjusted - self.paid

    def release(self) -> list[Row]:
        """Adjustments held so far, as sent: of a claim with too many to look for repeats."""
        rows, self.held, self.is_held_whole = self.held, [], False
        return [(*row, False) for row in rows]

    def close_adjustments(self, log: IssueLog) -> list[Row]:
        """The remit_adjustment rows; claim-level CAS that repeats the lines' is marked and no longer counts.

        Only where the claim does not add up with it and does without (domain: what real payers get wrong).
        """
        rows, self.held = self.held, []
        repeated = self._repeated(rows)
        if repeated:
            amount = sum(repeated.values())
            self.adjusted -= amount
            self.patient_adjusted -= sum(cents for (group, _), cents in repeated.items() if group == "PR")
            message = f"claim-level CAS of {decimal_text(amount)} repeats the CAS of the lines"
            log.add("REPEATED_ADJUSTMENT", message, place=self.place)
        return [(*row, row[4] == "claim" and (row[6], row[7]) in repeated) for row in rows]

    def _repeated(self, rows: list[Row]) -> dict[tuple[str | None, str | None], int]:
        """Cents of claim-level CAS by code that equal those of the lines, where they are all the excess."""
        excess = self.unexplained()
        if not excess or not self.lines or not self.is_held_whole:
            return {}
        sums: dict[str, Counter[tuple[str | None, str | None]]] = {"claim": Counter(), "line": Counter()}
        for row in rows:
            sums[row[4]][row[6], row[7]] += row[8]
        shared = sums["claim"].keys() & sums["line"].keys()
        found = {code: sums["claim"][code] for code in shared if sums["claim"][code] == sums["line"][code]}
        return found if sum(found.values()) == -excess else {}

    def _sums(self) -> tuple[int | None, ...]:
        """The sum columns of remit_claim; those of the lines are null without lines."""
        lines = (self.line_charge, self.line_paid) if self.lines else (None, None)
        return (self.adjusted, self.line_adjusted, *lines, self.unexplained())

    def check(self, log: IssueLog) -> None:
        """The claim's identities (domain: balancing 2 and 3)."""
        if any(fit(value) != value for value in self._sums()):
            log.add("BAD_AMOUNT", "a sum of the claim is too large to hold", place=self.place)
        if self.unexplained() is None or self.charge is None or self.paid is None:
            return
        differences = {"CLP03 less all CAS is off CLP04": self.unexplained()}
        if self.lines:
            differences["the sum of SVC02 is off CLP03"] = self.line_charge - self.charge
            differences["the sum of SVC03 less claim CAS is off CLP04"] = (
                self.line_paid - self.adjusted - self.paid
            )
        wrong = [f"{what} by {decimal_text(value)}" for what, value in differences.items() if value]
        if wrong:
            log.add("CLAIM_UNBALANCED", "; ".join(wrong), place=self.place)
        if (
            self.patient_share is not None
            and self.status != REVERSAL
            and self.patient_share != self.patient_adjusted
        ):
            message = (
                f"CLP05 is {decimal_text(self.patient_share)}, PR is {decimal_text(self.patient_adjusted)}"
            )
            log.add("PATIENT_SHARE", message, element="CLP05", place=self.place)

    def row(self) -> Row:
        """The remit_claim row."""
        at = self.place
        return (
            at.segment_number,
            at.st_index,
            at.claim_index,
            self.control_number,
            self.status,
            self.charge,
            self.paid,
            self.patient_share,
            *self.texts,
            self.from_date,
            self.to_date,
            self.received_date,
            self.original_reference,
            self.prior_authorization,
            self.rendering_npi,
            self.lx_number,
            *(fit(value) for value in self._sums()),
            self.is_positive_reversal,
        )
