"""Handlers of the service line and of other payers' money: LX, SV1, LIN, CTP, SVD, CAS (see ``segments``)."""

from ketaclaims.x12.p837.claims import Adjudication, Line, OtherPayer, Values
from ketaclaims.x12.p837.transaction import Transaction
from ketaclaims.x12.values import split_composite

_GROUP_CODES = frozenset({"CO", "OA", "PI", "PR"})
_TRIPLETS = (2, 5, 8, 11, 14, 17)
_MODIFIERS = 4
_PROCEDURE = ("procedure_qualifier", "procedure_code", *(f"modifier_{n}" for n in range(1, 5)))
_SERVICE, _ANSWERED = (*_PROCEDURE, "noc_text"), (*_PROCEDURE, "description")
_PROCEDURE_PARTS = len(_SERVICE)
_POINTERS = tuple(f"diagnosis_pointer_{n}" for n in range(1, 5))


def lx(t: Transaction, e: list[str]) -> bool:
    """A service line begins."""
    claim = t.claim
    if claim is None:
        t.log.add("UNEXPECTED_SEGMENT", "an LX outside any claim")
        return False
    t.close_line()
    t.close_other_payer()
    claim.lines += 1
    t.lines += 1
    t.totals.n_lx += 1
    t.cursor.line_index = claim.lines
    t.line = Line(t.cursor.place(), {"line_number": e[1] or None})
    t.enter("line", "2400", t.line.values)
    return False


def sv1(t: Transaction, e: list[str]) -> bool:
    """What was done and what it costs."""
    line = t.line
    if line is None or line.has_service:
        cause = "a second SV1 in one line" if line else "an SV1 outside any line"
        t.log.add("MISPLACED_MONEY", cause)
        return False
    line.has_service = True
    line.place = line.place._replace(segment_number=t.cursor.segment_number)
    charge, units = t.amount(e[2], "SV102"), t.quantity(e[4], "SV104")
    t.totals.sv102 += charge or 0
    procedure, whole = _procedure(t, e[1], "SV101")
    pointers = [part.strip() for part in e[7].split(t.component)]
    line.values |= zip(_SERVICE, procedure, strict=True)
    line.values |= {
        "charge_amount": charge,
        "unit_code": e[3] or None,
        "billed_units": units,
        "place_of_service_code": e[5] or None,
        **{name: text or None for name, text in zip(_POINTERS, pointers, strict=False)},
        "emergency_indicator": e[9] or None,
        "epsdt_indicator": e[11] or None,
        "family_planning_indicator": e[12] or None,
        "copay_status_code": e[15] or None,
    }
    readable = charge is not None and (units is not None or not e[4])
    unheld = [e[6], e[8], e[10], e[13], e[14], *e[16:], *pointers[4:]]
    return whole and readable and not any(unheld)


def _procedure(t: Transaction, text: str, element: str) -> tuple[list[str | None], bool]:
    """Qualifier, code, four modifiers and description; whether that is all of it."""
    t.need(text, element)
    parts, odd = split_composite(text, t.component)
    if odd:
        t.log.add("CODE_NORMALISED", f"{element} is not written as the 837P asks", element=element)
    if len(parts) > 1:
        t.need(parts[1], f"{element}-2")
    padded = parts[:_PROCEDURE_PARTS] + [""] * (_PROCEDURE_PARTS - len(parts))
    return [part or None for part in padded], not (odd or any(parts[_PROCEDURE_PARTS:]))


def lin(t: Transaction, e: list[str]) -> bool:
    """The drug of the line: its NDC."""
    if t.line is None:
        t.log.add("UNEXPECTED_SEGMENT", "an LIN outside any line")
        return False
    t.loop = "2410"
    if e[2].upper() == "N4" and e[3]:
        t.line.values.setdefault("ndc", e[3])
    return False


def ctp(t: Transaction, e: list[str]) -> bool:
    """How much of the drug."""
    if t.line is not None and t.loop == "2410" and "ndc_quantity" not in t.line.values:
        t.line.values["ndc_quantity"] = t.quantity(e[4], "CTP04")
        t.line.values["ndc_unit_code"] = e[5].split(t.component)[0].strip().upper() or None
    return False


def svd(t: Transaction, e: list[str]) -> bool:
    """What another payer did with the line."""
    line = t.line
    if line is None:
        t.log.add("MISPLACED_MONEY", "an SVD outside any line")
        return False
    t.close_adjudication()
    line.adjudications += 1
    paid, units = t.amount(e[2], "SVD02"), t.quantity(e[5], "SVD05")
    line.other_paid += paid or 0
    t.totals.svd02 += paid or 0
    procedure, whole = _procedure(t, e[3], "SVD03") if e[3] else ([None] * _PROCEDURE_PARTS, True)
    values: Values = dict(zip(_ANSWERED, procedure, strict=True))
    values |= {"payer_id": e[1] or None, "paid_amount": paid, "paid_units": units}
    values["bundled_line_number"] = e[6] or None
    line.adjudication = Adjudication(t.cursor.place(), line.adjudications, values, is_bundled=bool(e[6]))
    t.loop = "2430"
    readable = paid is not None and (units is not None or not e[5])
    return whole and readable and not e[4] and not any(e[7:])


def cas(t: Transaction, e: list[str]) -> bool:
    """Up to six adjustments of another payer, of a line or of the claim; by position: payers leave holes."""
    holder: Adjudication | OtherPayer | None = t.adjudication() if t.line else t.other_payer
    if holder is None:
        t.log.add("MISPLACED_MONEY", "a CAS without another payer's answer before it")
        return False
    if e[1].upper() not in _GROUP_CODES:
        t.log.add("UNKNOWN_GROUP_CODE", "CAS01 is no group code", element="CAS01")
    whole, hole, seen = not any(e[20:]), False, 0
    for position in _TRIPLETS:
        triplet = e[position : position + 3]
        if not any(triplet):
            hole = True
            continue
        seen += 1
        whole &= _triplet(t, holder, e[1], position, triplet) and not hole
    return whole and seen > 0


def _triplet(
    t: Transaction, holder: Adjudication | OtherPayer, group: str, position: int, triplet: list[str]
) -> bool:
    reason, text, quantity_text = triplet
    amount = t.amount(text, f"CAS{position + 1:02d}")
    quantity = t.quantity(quantity_text, f"CAS{position + 2:02d}")
    holder.adjustments += 1
    holder.adjusted += amount or 0
    t.totals.cas += amount or 0
    place: tuple[int | None, int | None, str] = (holder.index, None, "claim")
    if isinstance(holder, Adjudication):
        holder.is_readable &= amount is not None
        place = (None, holder.index, "line")
    at = t.cursor
    values = (holder.adjustments, group or None, reason or None, amount, quantity)
    row = (at.segment_number, at.st_index, at.claim_index, at.line_index, *place, *values)
    t.tables["billed_adjustment"].append(row)
    return amount is not None and (quantity is not None or not quantity_text)
