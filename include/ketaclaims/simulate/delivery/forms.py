"""How vendor reports write values: American dates, dollars, words instead of codes."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from ketaclaims.simulate.model import Cell

ROUTES = {
    "nasal": "Intranasal", "IV": "Intravenous", "IM": "Intramuscular", "SC": "Subcutaneous", "PO": "Oral",
    "SL": "Sublingual",
}  # fmt: skip
MODES = {"in_person": "In Person", "video": "Telehealth", "audio": "Phone"}
CONTAINERS = {"single": "Single-dose", "multi": "Multi-dose"}
ACQUISITIONS = {"buy_and_bill": "Buy and Bill", "specialty_pharmacy": "Specialty Pharmacy"}
GIVEN = {"completed": "Completed", "stopped": "Stopped", "entered_in_error": "Entered in Error"}


def words(names: Mapping[str, str], value: Cell) -> str:
    """The vendor's words for one of our codes; KeyError for a code the vendor has no words for."""
    return names[str(value)] if value not in (None, "") else ""


class Forms:
    """One vendor's usual way of writing; nothing is written as an empty cell."""

    def day(self, value: Cell) -> str:
        """MM/DD/YYYY; of a time its local date."""
        return f"{value:%m/%d/%Y}" if isinstance(value, date) else ""

    def written_on(self, value: Cell) -> str:
        """The date of a time: the report shows no clock."""
        return self.day(value)

    def clock(self, value: Cell) -> str:
        """MM/DD/YYYY hh:mm AM, local: the zone is lost."""
        return f"{value:%m/%d/%Y %I:%M %p}" if isinstance(value, datetime) else ""

    def money(self, value: Cell) -> str:
        """Dollars and cents with sign, comma and point."""
        if not isinstance(value, Decimal | int):
            return ""
        return f"-${-value:,.2f}" if value < 0 else f"${value:,.2f}"

    def number(self, value: Cell) -> str:
        """A plain decimal."""
        if isinstance(value, Decimal):
            return f"{value:f}"
        return "" if value is None else str(value)

    def amount(self, value: Cell, unit: str) -> str:
        """A quantity with its unit, such as ``84 mg``."""
        return f"{self.number(value)} {unit}" if value is not None else ""

    def dose(self, value: Cell, weight_kg: Cell) -> str:
        """A dose in mg."""
        return self.amount(value, "mg")

    def flag(self, value: Cell) -> str:
        """Yes or No."""
        return "" if value is None else "Yes" if value else "No"

    def pressure(self, systolic: Cell, diastolic: Cell) -> str:
        """Blood pressure, mmHg."""
        return f"{systolic}/{diastolic}"

    def ndc(self, value: Cell) -> str:
        """An 11-digit NDC as 5-4-2; anything else as it stands."""
        text = str(value or "")
        return f"{text[:5]}-{text[5:9]}-{text[9:]}" if len(text) == 11 else text

    def diagnosis(self, value: Cell) -> str:
        """An ICD-10-CM code with its dot."""
        return str(value or "")

    def modifiers(self, values: Sequence[Cell]) -> list[str]:
        """Up to four modifiers, one a column."""
        return [str(value or "") for value in values]

    def code(self, value: Cell) -> str:
        """A procedure code."""
        return str(value or "")

    def digits(self, value: Cell) -> str:
        """A code or id of digits, such as an NPI or a place of service."""
        return str(value or "")
