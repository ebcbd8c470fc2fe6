"""Small values everybody needs: NPIs with their check digit, whole cents, business days."""

from datetime import date, timedelta
from decimal import Decimal


def make_npi(number: int) -> str:
    """A ten-digit NPI with its Luhn check digit (prefix 80840, as CMS defines it)."""
    body = f"1{number:08d}"
    total = 0
    for position, digit in enumerate(reversed("80840" + body)):
        value = int(digit) * (2 if position % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return body + str(-total % 10)


def cents(amount: Decimal) -> Decimal:
    """Round half up to whole cents."""
    return (amount + Decimal("0.005")).quantize(Decimal("0.01"), rounding="ROUND_DOWN")


def years_before(day: date, years: int) -> date:
    """The same day that many years earlier; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=day.day - 1)


def business_days_before(day: date, count: int) -> date:
    """That many weekdays earlier."""
    while count:
        day -= timedelta(days=1)
        count -= day.weekday() < 5
    return day
