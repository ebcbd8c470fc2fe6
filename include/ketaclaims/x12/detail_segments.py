"""Handlers of the segments that describe a payment, claim or line: NM1, REF, DTM, AMT, QTY, LQ, MIA, MOA."""

import re
from collections.abc import Callable

from ketaclaims.x12.claims import Claim, Line
from ketaclaims.x12.segment_rows import key_of, party, remark
from ketaclaims.x12.transaction import Transaction
from ketaclaims.x12.values import fit

_REMARK_CODE = re.compile(r"(M|MA|N)[0-9]{1,4}")
REMARKS = {"MIA": (5, 20, 21, 22, 23), "MOA": (3, 4, 5, 6, 7)}


def nm1(t: Transaction, e: list[str]) -> bool:
    """A person or organisation of the claim; 82 with XX is the rendering NPI."""
    code, id_qualifier = e[1].upper(), e[8].upper()
    if code == "82" and t.claim is not None and id_qualifier == "XX":
        t.claim.rendering_npi = t.claim.rendering_npi or e[9] or None
    names = (e[3] or None, e[4] or None, e[5] or None, e[6] or None, e[7] or None)
    party(t, ("NM1", code or None, e[2] or None, *names, id_qualifier or None, e[9] or None))
    return not any(e[10:])


def remarks_of(source: str) -> Callable[[Transaction, list[str]], bool]:
    """Handler of the claim-level remark codes in MIA or MOA."""
    positions = REMARKS[source]

    def handle(t: Transaction, e: list[str]) -> bool:
        codes = [e[position].upper() for position in positions]
        for code in filter(None, codes):
            remark(t, source, "", code, is_claim_level=True)
        filled = [bool(code) for code in codes]
        others = any(text for at, text in enumerate(e) if at and at not in positions)
        return any(codes) and not others and filled == sorted(filled, reverse=True)

    return handle


def ref(t: Transaction, e: list[str]) -> bool:
    """A reference; some have a column of their own on their payment, claim or line."""
    qualifier, value = e[1].upper(), e[2] or None
    t.tables["remit_reference"].append((*key_of(t), qualifier or None, value, e[3] or None))
    claim = t.claim
    if claim is None:
        if qualifier == "2U" and t.party == "PR":
            t.payment.payer_id_additional = t.payment.payer_id_additional or value
        elif qualifier == "TJ":
            t.payment.payee_tax_id = value or t.payment.payee_tax_id
    elif claim.line is not None:
        if qualifier == "6R":
            claim.line.control_number = claim.line.control_number or value
    elif qualifier == "F8":
        claim.original_reference = claim.original_reference or value
    elif qualifier == "G1":
        claim.prior_authorization = claim.prior_authorization or value
    return not any(e[4:])


def dtm(t: Transaction, e: list[str]) -> bool:
    """A date; text that is no date is kept as text."""
    qualifier = e[1].upper()
    day = t.date(e[2], "DTM02")
    t.tables["remit_date"].append((*key_of(t), qualifier or None, day, e[2] or None))
    if day is not None:
        _set_date(t, qualifier, day)
    return not any(e[3:])


def _set_date(t: Transaction, qualifier: str, day: int) -> None:
    """Give a date to what it dates; the first of a kind stands."""
    claim = t.claim
    if claim is None:
        if qualifier == "405" and t.payment.production_date is None:
            t.payment.production_date = day
        return
    names: tuple[str, ...] = _CLAIM_DATES.get(qualifier, ())
    holder: Claim | Line = claim
    if not names and claim.line is not None:
        names, holder = _LINE_DATES.get(qualifier, ()), claim.line
    for name in names:
        if getattr(holder, name) is None:
            setattr(holder, name, day)


_CLAIM_DATES = {"232": ("from_date",), "233": ("to_date",), "050": ("received_date",)}
_LINE_DATES = {"472": ("from_date", "to_date"), "150": ("from_date",), "151": ("to_date",)}


def amt(t: Transaction, e: list[str]) -> bool:
    """An amount for information (B6: allowed); it moves no money, so a bad one only warns."""
    qualifier = e[1].upper()
    cents = t.amount(e[2], "AMT02", holds=False, required=False)
    if qualifier == "B6" and t.claim is not None and t.claim.line is not None:
        t.claim.line.allowed = cents if t.claim.line.allowed is None else t.claim.line.allowed
    thousandths = fit(cents * 10) if cents is not None else None
    t.tables["remit_amount"].append((*key_of(t), "AMT", qualifier or None, thousandths))
    return thousandths is not None and not any(e[3:])


def qty(t: Transaction, e: list[str]) -> bool:
    """A quantity for information."""
    value = t.quantity(e[2], "QTY02")
    t.tables["remit_amount"].append((*key_of(t), "QTY", e[1].upper() or None, value))
    return value is not None and not any(e[3:])


def lq(t: Transaction, e: list[str]) -> bool:
    """A remark code of the line, or of the claim where no line is open; some leave out its qualifier."""
    t.totals.n_lq += 1
    qualifier, code = e[1].upper(), e[2].upper()
    is_moved = not code and _REMARK_CODE.fullmatch(qualifier) is not None
    if is_moved:
        t.log.add("CODE_NORMALISED", "a remark code in place of its qualifier", element="LQ01")
        qualifier, code = "", qualifier
    else:
        t.need(qualifier, "LQ01")
        t.need(code, "LQ02")
    if not code:
        return False
    remark(t, "LQ", qualifier, code, is_claim_level=False)
    return not is_moved and not any(e[3:])
