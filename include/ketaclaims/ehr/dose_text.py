"""Dose and weight texts to mg and kg, exactly: ``56mg``, ``0.5 mg/kg`` with a weight, ``50 mg/mL x 1 mL``.

A number without a unit is no dose, unless the profile names the unit, or counts of devices stand beside it
(only a labelled total in mg comes in devices). Zero needs no unit. Results have at most three decimals, as
the canonical column; the text itself is kept as a repaired value.
"""

import re
from decimal import ROUND_HALF_EVEN, Decimal

from ketaclaims.ehr.bad_text import BadTextError

WEIGHT_MARK = "\x1f"  # between dose and weight where both make one value
KG_PER_LB = Decimal("0.45359237")  # definition of the international pound
_MG = {"mg": Decimal(1), "mcg": Decimal("0.001"), "ug": Decimal("0.001"), "g": Decimal(1000)}
_NUMBER = r"(\d+(?:\.\d*)?|\.\d+)"
_DOSE = re.compile(rf"{_NUMBER}\s*(mg|mcg|ug|g)?(\s*/\s*kg)?\s*(?:\(\s*\d+\s*([A-Za-z ]+)\))?", re.IGNORECASE)
_VOLUME = re.compile(rf"{_NUMBER}\s*(mg|mcg|ug|g)\s*/\s*ml\s*(?:x|\*|\u00d7)\s*{_NUMBER}\s*ml", re.IGNORECASE)
_WEIGHT = re.compile(rf"{_NUMBER}\s*(kgs?|lbs?|pounds?)?\.?", re.IGNORECASE)
_PLACES = Decimal("0.001")


def dose_mg(text: str, unit: str | None = None) -> str:
    """Milligrams of a dose text, which may carry a weight behind ``WEIGHT_MARK``.

    ``unit``: the unit of bare numbers by the profile. BAD_DOSE, MISSING_UNIT, MISSING_WEIGHT, or BAD_WEIGHT.
    """
    dose, _, weight = text.partition(WEIGHT_MARK)
    volume = _VOLUME.fullmatch(dose)
    if volume:
        strength = Decimal(volume.group(1)) * _MG[volume.group(2).lower()]
        return _written(strength * Decimal(volume.group(3)))
    found = _DOSE.fullmatch(dose.strip())
    if not found:
        raise BadTextError("BAD_DOSE")
    number, given, per_kg, note = found.groups()
    amount = Decimal(number) * _factor(given or unit, note, is_zero=not Decimal(number))
    if not per_kg:
        return _written(amount)
    if not given:
        raise BadTextError("MISSING_UNIT")
    if not weight:
        raise BadTextError("MISSING_WEIGHT")
    return _written(amount * _kilograms(weight))


def weight_kg(text: str) -> str:
    """Kilograms of ``72.5``, ``72.5 kg`` or ``160 lb``; a bare number is kg."""
    return _written(_kilograms(text))


def _kilograms(text: str) -> Decimal:
    found = _WEIGHT.fullmatch(text.strip())
    if not found:
        raise BadTextError("BAD_WEIGHT")
    is_pounds = (found.group(2) or "kg").lower()[0] in "lp"
    return Decimal(found.group(1)) * (KG_PER_LB if is_pounds else 1)


def _factor(unit: str | None, note: str | None, *, is_zero: bool) -> Decimal:
    if unit:
        return _MG[unit.lower()]
    if is_zero or (note and note.strip().lower().startswith("device")):
        return _MG["mg"]
    raise BadTextError("MISSING_UNIT")


def _written(amount: Decimal) -> str:
    rounded = amount.quantize(_PLACES, ROUND_HALF_EVEN)
    text = format(rounded, "f")
    return text.rstrip("0").rstrip(".")
