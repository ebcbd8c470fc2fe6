"""Handlers of the segments of a payment: BPR, TRN, CUR, N1, PLB (see ``segments``)."""

from ketaclaims.x12.segment_rows import codes, party
from ketaclaims.x12.transaction import Transaction
from ketaclaims.x12.values import parse_date, split_composite

_PAIRS = (3, 5, 7, 9, 11, 13)


def bpr(t: Transaction, e: list[str]) -> bool:
    """The payment; always kept as text too, for its bank accounts."""
    payment = t.payment
    if payment.place is not None:
        t.log.add("MISPLACED_MONEY", "a second BPR in one transaction")
        return False
    payment.place = t.cursor.place()
    payment.handling, payment.credit_debit, payment.method = codes(e, 1, 3, 4)
    payment.amount = t.amount(e[2], "BPR02")
    payment.date_text, payment.date = e[16], parse_date(e[16])
    t.totals.bpr02 += payment.amount or 0
    if payment.amount is not None and payment.amount < 0:
        t.log.add("NEGATIVE_PAYMENT", "BPR02 is negative", element="BPR02")
    return False


def trn(t: Transaction, e: list[str]) -> bool:
    """The trace number; the first one counts."""
    if t.payment.trace is None:
        t.payment.trace, t.payment.originator = e[2] or None, e[3] or None
    return False


def cur(t: Transaction, e: list[str]) -> bool:
    """A currency other than USD."""
    t.payment.currency = t.payment.currency or e[2].upper() or None
    return False


def n1(t: Transaction, e: list[str]) -> bool:
    """The payer (PR), the payee (PE) or another party; the first of each counts."""
    payment = t.payment
    t.party = e[1].upper()
    if t.party == "PR" and payment.payer_name is None and payment.payer_id is None:
        payment.payer_name, payment.payer_id = e[2] or None, e[4] or None
    elif t.party == "PE" and payment.payee_name is None and payment.payee_id is None:
        payment.payee_name, payment.payee_qualifier, payment.payee_id = (
            e[2] or None,
            e[3].upper() or None,
            e[4] or None,
        )
        if payment.payee_qualifier == "FI":
            payment.payee_tax_id = payment.payee_tax_id or payment.payee_id
    names = (e[2] or None, None, None, None, None)
    party(t, ("N1", t.party or None, None, *names, e[3].upper() or None, e[4] or None))
    return not any(e[5:])


def plb(t: Transaction, e: list[str]) -> bool:
    """Up to six provider-level adjustments; positive lowers the payment."""
    t.close_claim()
    at = t.cursor
    date = t.date(e[2], "PLB02")
    whole = date is not None and not any(e[15:])
    hole = False
    for position in _PAIRS:
        composite, text = e[position : position + 2]
        if not composite and not text:
            hole = True
            continue
        whole &= not hole
        parts, foreign = split_composite(composite, t.component)
        amount = t.amount(text, f"PLB{position + 1:02d}")
        t.is_readable &= amount is not None
        whole &= amount is not None and not foreign and not any(parts[2:])
        t.provider_pairs += 1
        t.totals.n_plb_adj += 1
        t.totals.plb += amount or 0
        t.provider_adjusted += amount or 0
        reference = parts[1] if len(parts) > 1 else ""
        row = (at.segment_number, at.st_index, t.provider_pairs, e[1] or None, date)
        t.tables["remit_provider_adjustment"].append(
            (*row, parts[0].upper() or None, reference or None, amount)
        )
    return whole and bool(e[3] or e[4])
