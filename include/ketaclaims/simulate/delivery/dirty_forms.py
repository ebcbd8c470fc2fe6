"""Values as tired people and spreadsheets write them, without loss: the fact base on exports, section 6."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from random import Random

from ketaclaims.simulate.delivery.forms import Forms
from ketaclaims.simulate.model import Cell


@dataclass
class DirtyForms(Forms):
    """Every value is written in an unusual form with the probability ``share``; each can be read back whole.

    ``short_years``: the product's reports write years with two digits, too.
    """

    rng: Random
    share: float
    short_years: bool = False

    def _pick(self, usual: str, *unusual: str) -> str:
        return self.rng.choice(unusual) if usual and self.rng.random() < self.share else usual

    def day(self, value: Cell) -> str:
        """Also as midnight UTC of that day: a pure date has no zone."""
        if isinstance(value, date) and self.rng.random() < self.share / 4:
            return f"{value:%Y-%m-%d}T00:00:00Z"
        return self.written_on(value)

    def written_on(self, value: Cell) -> str:
        """Also ISO, without leading zeros, with a short year; no date as a date nothing happened on."""
        if not isinstance(value, date):
            return self.rng.choice(("0001-01-01", "01/01/1900")) if self.rng.random() < self.share else ""
        forms = [f"{value:%Y-%m-%d}", f"{value.month}/{value.day}/{value.year}"]
        if self.short_years:
            forms.append(f"{value:%m/%d/%y}")
        return self._pick(super().day(value), *forms)

    def clock(self, value: Cell) -> str:
        """Also with 24 hours, ISO with and without offset, without leading zeros."""
        if not isinstance(value, datetime):
            return ""
        plain = f"{value.month}/{value.day}/{value.year} {value:%I:%M %p}"
        return self._pick(
            super().clock(value),
            f"{value:%m/%d/%Y %H:%M}",
            value.isoformat(),
            f"{value:%Y-%m-%d %H:%M:%S}",
            plain,
        )

    def money(self, value: Cell) -> str:
        """Also without the sign, without the comma; negative amounts in brackets."""
        usual = super().money(value)
        if not isinstance(value, Decimal | int):
            return usual
        if value < 0:
            return self._pick(usual, f"({-value:,.2f})", f"(${-value:,.2f})", f"{value:.2f}")
        return self._pick(usual, f"{value:,.2f}", f"{value:.2f}", f"$ {value:,.2f}")

    def number(self, value: Cell) -> str:
        """Also with the zeros of a spreadsheet."""
        usual = super().number(value)
        return self._pick(usual, f"{usual}.0" if usual.lstrip("-").isdigit() else f"{usual}0")

    def amount(self, value: Cell, unit: str) -> str:
        """Also without the blank, with the unit in capitals."""
        usual = super().amount(value, unit)
        return self._pick(usual, usual.replace(" ", ""), usual.upper(), usual.replace(" ", "  "))

    def dose(self, value: Cell, weight_kg: Cell) -> str:
        """Also per kg where the weight gives the same dose, by volume, and with the devices counted."""
        usual = Forms.amount(self, value, "mg")
        if not isinstance(value, Decimal) or not usual:
            return usual
        plain = f"{value.normalize():f}"
        forms = [f"{plain}mg", f"{plain} MG", f"{plain} mg/mL x 1 mL"]
        if value % 28 == 0 and value > 0:
            forms.append(f"{plain} mg ({value / 28:f} devices)")
        for per_kg in (Decimal("0.5"), Decimal("0.8")):
            if isinstance(weight_kg, Decimal) and per_kg * weight_kg == value:
                forms.append(f"{per_kg} mg/kg")
        return self._pick(usual, *forms)

    def flag(self, value: Cell) -> str:
        """Also as Y and N, in any case."""
        usual = super().flag(value)
        return self._pick(usual, usual[:1], usual.upper(), usual.lower())

    def pressure(self, systolic: Cell, diastolic: Cell) -> str:
        """Also with blanks and with the posture."""
        usual = super().pressure(systolic, diastolic)
        return self._pick(usual, f"{systolic} / {diastolic}", f"{systolic}/{diastolic} sitting")

    def ndc(self, value: Cell) -> str:
        """Also without hyphens, and as the label's ten digits, whose hyphens tell where a zero went."""
        usual, text = super().ndc(value), str(value or "")
        short = [text]
        if len(text) == 11 and text[5] == "0":
            short.append(f"{text[:5]}-{text[6:9]}-{text[9:]}")
        return self._pick(usual, *short)

    def diagnosis(self, value: Cell) -> str:
        """Also without the dot, in small letters, with words."""
        usual = super().diagnosis(value)
        return self._pick(usual, usual.replace(".", ""), usual.lower(), f"{usual} \N{EN DASH} as diagnosed")

    def modifiers(self, values: Sequence[Cell]) -> list[str]:
        """Also as the numbers a spreadsheet makes of them."""
        return [
            self._pick(text, f"{text}.0" if text.isdigit() else text.lower(), f" {text} ")
            for text in super().modifiers(values)
        ]

    def code(self, value: Cell) -> str:
        """Also with blanks in and after it, and as the number a spreadsheet makes of it."""
        usual = super().code(value)
        as_number = f"{int(usual)}.0" if usual.isdigit() else usual.lower()
        return self._pick(usual, f"{usual} ", f"{usual[:4]} {usual[4:]}", as_number)

    def digits(self, value: Cell) -> str:
        """Also as the number a spreadsheet makes of it."""
        usual = super().digits(value)
        return self._pick(usual, f"{usual}.0")
