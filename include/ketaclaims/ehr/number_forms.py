"""Amounts and numbers as reports write them, to plain decimal text. Nothing is rounded."""

import re
from dataclasses import dataclass
from typing import Literal

from ketaclaims.ehr.bad_text import BadTextError, Convert

Dash = Literal["bad", "zero", "empty"]


@dataclass(frozen=True, slots=True)
class NumberForm:
    """``dash``: what a lone dash means, as accounting formats print zero."""

    decimal: str = "."
    thousands: str = ","
    currency: tuple[str, ...] = ("$",)
    dash: Dash = "bad"


def money_reader(form: NumberForm) -> Convert:
    """``$1,290.00`` to 1290.00, ``(25.00)`` to -25.00."""
    return _reader(form, "BAD_AMOUNT", places=2, is_money=True)


def decimal_reader(form: NumberForm) -> Convert:
    """``1,234.5`` to 1234.5; no currency, no brackets."""
    return _reader(form, "BAD_NUMBER", places=3, is_money=False)


def integer_reader(form: NumberForm) -> Convert:
    """``25.0`` to 25: what a spreadsheet makes of a whole number."""
    return _reader(form, "BAD_INTEGER", places=0, is_money=False)


def _reader(form: NumberForm, reason: str, *, places: int, is_money: bool) -> Convert:
    thousands, point = re.escape(form.thousands), re.escape(form.decimal)
    whole = rf"\d+|\d{{1,3}}(?:{thousands}\d{{3}})+" if form.thousands else r"\d+"
    pattern = re.compile(rf"(-?)(?:({whole})(?:{point}(\d*))?|{point}(\d+))")

    def convert(text: str) -> str | None:
        if text in ("-", "\u2013", "\u2014") and form.dash != "bad":
            return "0" if form.dash == "zero" else None
        bare, is_negative = _undress(text, form) if is_money else (text, False)
        match = pattern.fullmatch(bare)
        if not match or (is_negative and match.group(1)):
            raise BadTextError(reason)
        digits = (match.group(2) or "0").replace(form.thousands, "") if form.thousands else match.group(2)
        fraction = _fraction(match.group(3) or match.group(4) or "", places, reason)
        sign = "-" if is_negative or match.group(1) else ""
        return f"{sign}{digits or '0'}{'.' if fraction else ''}{fraction}"

    return convert


def _undress(text: str, form: NumberForm) -> tuple[str, bool]:
    """Without currency signs and accounting brackets; whether the brackets said negative."""
    is_negative = text.startswith("(") and text.endswith(")")
    bare = text[1:-1].strip() if is_negative else text
    minus = "-" if bare.startswith("-") else ""
    bare = bare[len(minus) :].strip()
    for sign in form.currency:
        if bare.startswith(sign):
            bare = bare.removeprefix(sign).strip()
            break
        if bare.endswith(sign):
            bare = bare.removesuffix(sign).strip()
            break
    if minus and bare.startswith("-"):
        return "", False  # two signs: not an amount
    return minus + bare, is_negative


def _fraction(digits: str, places: int, reason: str) -> str:
    """At most ``places`` digits; further ones may only be zeros."""
    if digits[places:].strip("0"):
        raise BadTextError(reason)
    return digits[:places]
