"""Handlers of the segments that carry a claim's money: LX, CLP, CAS, SVC (see ``segments``)."""

from collections.abc import Sequence

from ketaclaims.x12.claims import REVERSAL, Claim, Line
from ketaclaims.x12.segment_rows import codes, key_of
from ketaclaims.x12.transaction import Transaction
from ketaclaims.x12.values import BLANKS, split_composite

_GROUP_CODES = frozenset({"CO", "OA", "PI", "PR"})
_GROUP_CODE_4010 = "CR"
_STATUS_CODES = frozenset({"1", "2", "3", "4", "19", "20", "21", "22", "23", "25"})
_TRIPLETS = (2, 5, 8, 11, 14, 17)
_MODIFIERS = 4
_MOST_HELD = 20_000  # adjustments of one claim that are looked at for repeats


def lx(t: Transaction, e: list[str]) -> bool:
    """A header number: groups claims, and closes the one before."""
    t.close_claim()
    t.lx_number = e[1] or None
    return False


def clp(t: Transaction, e: list[str]) -> bool:
    """A claim begins."""
    t.close_claim()
    t.claims += 1
    t.cursor.claim_index = t.claims
    status = e[2].upper()
    charge, paid = t.amount(e[3], "CLP03"), t.amount(e[4], "CLP04")
    share = t.amount(e[5], "CLP05", holds=False, required=False)
    t.claim = Claim(
        place=t.cursor.place(),
        control_number=e[1] or None,
        status=status or None,
        charge=charge,
        paid=paid,
        patient_share=share,
        texts=(*codes(e, 6), e[7] or None, *codes(e, 8, 9)),
        lx_number=t.lx_number,
    )
    _count_claim(t, t.claim)
    for position in (1, 2, 7):
        t.need(e[position], f"CLP{position:02d}")
    if status and status not in _STATUS_CODES:
        t.log.add("UNKNOWN_CLAIM_STATUS", "CLP02 is no claim status of the 835", element="CLP02")
    if status == REVERSAL and ((charge or 0) > 0 or (paid or 0) > 0):
        t.log.add("HABIT_4010", "a reversal with positive amounts", element="CLP03")
    return None not in (charge, paid) and (share is not None or not e[5]) and not any(e[10:])


def _count_claim(t: Transaction, claim: Claim) -> None:
    charge, paid = claim.charge or 0, claim.paid or 0
    t.is_readable &= claim.paid is not None
    t.charged += charge
    t.paid += paid
    t.reversed_positive += paid if claim.is_positive_reversal else 0
    t.totals.n_clp += 1
    t.totals.n_reversal += claim.status == REVERSAL
    t.totals.clp03 += charge
    t.totals.clp04 += paid
    t.totals.clp05 += claim.patient_share or 0


def cas(t: Transaction, e: list[str]) -> bool:
    """Up to six adjustments of the open line, else of the claim; by position: payers leave holes."""
    claim = t.claim
    if claim is None:
        t.log.add("MISPLACED_MONEY", "a CAS outside any claim")
        return False
    group = e[1].upper()
    _check_group(t, group)
    whole, hole, seen = not any(e[20:]), False, 0
    for position in _TRIPLETS:
        triplet = e[position : position + 3]
        if not any(triplet):
            hole = True
            continue
        seen += 1
        whole &= _triplet(t, claim, group, position, triplet) and not hole
    return whole and seen > 0


def _check_group(t: Transaction, group: str) -> None:
    if group == _GROUP_CODE_4010:
        t.log.add("HABIT_4010", "group code CR", element="CAS01")
    elif group not in _GROUP_CODES:
        t.log.add("UNKNOWN_GROUP_CODE", "CAS01 is no group code of the 835", element="CAS01")


def _triplet(t: Transaction, claim: Claim, group: str, position: int, triplet: Sequence[str]) -> bool:
    reason, text, quantity_text = triplet
    amount = t.amount(text, f"CAS{position + 1:02d}")
    quantity = t.quantity(quantity_text, f"CAS{position + 2:02d}")
    t.need(reason, f"CAS{position:02d}")
    code = reason.upper()
    glued = bool(group) and code.startswith(group) and code[len(group) :].isdigit()
    if glued:
        t.log.add("CODE_NORMALISED", "group code in front of the reason", element=f"CAS{position:02d}")
        code = code[len(group) :]
    holder: Claim | Line = claim.line or claim
    holder.adjustments += 1
    holder.adjusted += amount or 0
    holder.is_readable &= amount is not None
    if group == "PR":
        claim.patient_adjusted += amount or 0
    t.totals.n_cas_adj += 1
    t.totals.cas += amount or 0
    level = "line" if claim.line else "claim"
    values = (level, holder.adjustments, group or None, code or None, amount, quantity)
    claim.held.append((*key_of(t), *values))
    if len(claim.held) == _MOST_HELD:
        t.tables["remit_adjustment"] += claim.release()
    return amount is not None and (quantity is not None or not quantity_text) and not glued


def svc(t: Transaction, e: list[str]) -> bool:
    """A service line begins."""
    claim = t.claim
    if claim is None:
        t.log.add("MISPLACED_MONEY", "an SVC outside any claim")
        return False
    claim.close_line(t.tables["remit_service_line"], t.log)
    claim.lines += 1
    t.cursor.line_index = claim.lines
    charge, paid = t.amount(e[2], "SVC02"), t.amount(e[3], "SVC03")
    units, original_units = t.quantity(e[5], "SVC05"), t.quantity(e[7], "SVC07")
    procedure, whole = _procedure(t, e[1])
    original = split_composite(e[6], t.component)[0]
    claim.line = Line(
        place=t.cursor.place(),
        charge=charge,
        paid=paid,
        procedure=procedure,
        revenue_code=e[4] or None,
        paid_units=units,
        original_code=(original[1].upper() or None) if len(original) > 1 else None,
        original_units=original_units,
    )
    t.totals.n_svc += 1
    t.totals.svc02 += charge or 0
    t.totals.svc03 += paid or 0
    readable = (
        None not in (charge, paid)
        and (units is not None or not e[5])
        and (original_units is not None or not e[7])
    )
    return whole and readable and not e[6] and not any(e[8:])


def _procedure(t: Transaction, text: str) -> tuple[tuple[str | None, ...], bool]:
    """Qualifier, code and four modifiers of SVC01; whether that is all of it."""
    t.need(text, "SVC01")
    parts, odd = split_composite(text, t.component)
    modifiers = [part.upper() for part in parts[2:6] if part]
    tail = any(parts[6:])
    if any("," in modifier for modifier in modifiers):
        pieces = [piece.strip(BLANKS) for modifier in modifiers for piece in modifier.split(",")]
        modifiers = [piece for piece in pieces if piece]
        odd = True
    if odd:
        t.log.add("CODE_NORMALISED", "SVC01 is not written as the 835 asks", element="SVC01")
    hole = [bool(part) for part in parts[2:6]] != sorted((bool(part) for part in parts[2:6]), reverse=True)
    head = [part.upper() for part in parts[:2]]
    padded = [*head, *[""] * (2 - len(head)), *modifiers[:_MODIFIERS], *[""] * (_MODIFIERS - len(modifiers))]
    return tuple(part or None for part in padded), not (odd or tail or hole or len(modifiers) > _MODIFIERS)
