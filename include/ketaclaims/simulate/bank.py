"""What the clinic's bank shows: credits of the payers' transfers, some late, some without a match."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from ketaclaims.simulate.model import Clinic, Row
from ketaclaims.simulate.payments import Payment

LATE_DAYS = 9
SETTLED_DAYS = 15  # so long before the end, a credit that will come has come
LATE_EVERY, MISSING_EVERY = 19, 31
STRAY_AMOUNT = Decimal("412.66")


def deposit(clinic: Clinic, payments: Sequence[Payment], until: date, *, with_errors: bool) -> list[Row]:
    """Add the bank's credits to the clinic; the truth, one row per payment with money or stray credit.

    Without errors every transfer arrives within three days under its trace.
    """
    told: list[Row] = []
    paid = [payment for payment in payments if payment.amount > 0]
    for number, payment in enumerate(paid):
        settled = payment.paid_on < until - timedelta(days=SETTLED_DAYS)
        day: date | None = payment.paid_on + timedelta(days=number % 4)
        state = "matched"
        if with_errors and settled and number % LATE_EVERY == LATE_EVERY - 1:
            day, state = payment.paid_on + timedelta(days=LATE_DAYS), "late"
        elif with_errors and settled and number % MISSING_EVERY == MISSING_EVERY - 1:
            day, state = None, "missing_deposit"
        if day is not None:
            _credit(clinic, day, payment.amount, payment.trace)
        if day is not None and day >= until:
            state = "awaited"
        if payment.paid_on < until:
            told.append(_told(clinic, payment.trace, payment.amount, payment.paid_on, day, state))
    if with_errors and told:
        trace = f"9{paid[0].trace[1:]}"  # a transfer whose 835 never came
        day = paid[len(told) // 3].paid_on
        _credit(clinic, day, STRAY_AMOUNT, trace)
        told.append(_told(clinic, trace, STRAY_AMOUNT, None, day, "missing_era"))
    return told


def _credit(clinic: Clinic, day: date, amount: Decimal, trace: str) -> None:
    row: Row = {
        "deposit_id": clinic.new_id("BD"), "deposited_on": day, "amount": amount, "trace": trace,
        "payee": clinic.name,
    }  # fmt: skip
    clinic.rows["bank_deposit"].append((day, row))


def _told(
    clinic: Clinic, trace: str, amount: Decimal, paid_on: date | None, deposited_on: date | None, state: str
) -> Row:
    return {
        "clinic_id": clinic.clinic_id, "trace": trace, "amount": amount, "payment_date": paid_on,
        "deposited_on": deposited_on, "state": state,
    }  # fmt: skip
