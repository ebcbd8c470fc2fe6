"""Handlers of the hierarchy and the claim: BHT, HL, SBR, PAT, CLM, HI (see ``segments``)."""

from ketaclaims.x12.p837.claims import Claim, OtherPayer, Values
from ketaclaims.x12.p837.transaction import Transaction

_LEVELS = {"20": "billing", "22": "subscriber", "23": "patient"}
_PARENTS = {"subscriber": "billing", "patient": "subscriber"}
_LOOPS = {"billing": "2000A", "subscriber": "2000B", "patient": "2000C"}
_DIAGNOSES = frozenset({"ABK", "ABF", "BK", "BF"})
_DOT_AFTER = 3  # characters of an ICD code before its dot
_SELF = "18"
_SBR = (
    (1, "payer_responsibility_code"),
    (2, "relationship_code"),
    (3, "insurance_group_id"),
    (4, "insurance_group_name"),
    (5, "insurance_type_code"),
    (9, "filing_indicator_code"),
)


def bht(t: Transaction, e: list[str]) -> bool:
    """What the batch is."""
    t.header |= {
        "purpose_code": e[2] or None,
        "batch_reference": e[3] or None,
        "transaction_date": t.date(e[4], "BHT04"),
        "transaction_time": e[5] or None,
        "transaction_type_code": e[6].upper() or None,
    }
    return False


def hl(t: Transaction, e: list[str]) -> bool:
    """A billing provider, subscriber or patient begins; HL02 names the level it belongs to."""
    t.close_claim()
    area = _LEVELS.get(e[3])
    if area is None:
        t.log.add("HIERARCHY", "HL03 is none of 20, 22, 23", element="HL03")
        return False
    parent = _parent(t, area, e[2]) if area in _PARENTS else None
    values: Values = {}
    if area == "billing":
        t.billing, t.subscriber, t.patient = values, {}, None
    elif area == "subscriber":
        t.billing = parent if parent is not None else t.billing
        t.subscriber, t.patient = values, None
        values["\0billing"] = t.billing
    else:
        if parent is not None:
            t.subscriber = parent
            t.billing = parent["\0billing"]
        t.patient = values
    t.remember(e[1], area, values)
    t.enter(area, _LOOPS[area], values)
    return False


def _parent(t: Transaction, area: str, number: str) -> Values | None:
    level, values = t.parents.get(number, ("", None))
    if level == _PARENTS[area]:
        return values
    t.log.add("HIERARCHY", f"HL02 names no {_PARENTS[area]} level before it", element="HL02")
    return None


def sbr(t: Transaction, e: list[str]) -> bool:
    """The insurance of the subscriber, or within a claim of another payer."""
    values: Values = {name: e[at] or None for at, name in _SBR}
    claim = t.claim
    if claim is None:
        if t.area == "subscriber":
            t.subscriber.update(values)
        else:
            t.log.add("UNEXPECTED_SEGMENT", "an SBR outside a subscriber and a claim")
        return False
    t.close_line()
    t.close_other_payer()
    claim.other_payers += 1
    t.other_payer = OtherPayer(t.cursor.place(), claim.other_payers, values)
    t.enter("other_payer", "2320", values)
    return not any(e[6:9]) and not any(e[10:])


def pat(t: Transaction, e: list[str]) -> bool:
    """The patient's relation to the subscriber."""
    if t.area == "patient":
        t.holder["relationship_code"] = e[1] or None
    return False


def clm(t: Transaction, e: list[str]) -> bool:
    """A claim begins, of the patient of the open hierarchy."""
    t.close_claim()
    t.claims += 1
    t.totals.n_clm += 1
    t.cursor.claim_index = t.claims
    charge = t.amount(e[2], "CLM02")
    t.charged += charge or 0
    t.totals.clm02 += charge or 0
    t.need(e[1], "CLM01")
    place = [part.strip() for part in e[5].split(t.component)]
    place += [""] * (3 - len(place))
    t.need(place[0], "CLM05-1")
    t.need(place[2], "CLM05-3")
    values = {**t.billing, **t.subscriber, **(t.patient or {})}
    values.pop("\0billing", None)
    values |= {
        "patient_level": "subscriber" if t.patient is None else "dependent",
        "patient_control_number": e[1] or None,
        "charge_amount": charge,
        "place_of_service_code": place[0] or None,
        "facility_qualifier": place[1] or None,
        "frequency_code": place[2] or None,
        "provider_signature_code": e[6] or None,
        "assignment_code": e[7] or None,
        "benefits_assignment_code": e[8] or None,
        "release_code": e[9] or None,
        "patient_signature_code": e[10] or None,
        "related_causes": e[11] or None,
        "special_program_code": e[12] or None,
        "delay_reason_code": e[20] or None,
    }
    t.claim = Claim(t.cursor.place(), values)
    _check_hierarchy(t, values)
    t.enter("claim", "2300", values)
    unheld = [e[3], e[4], *e[13:20], *e[21:], *place[3:]]
    return charge is not None and not any(unheld)


def _check_hierarchy(t: Transaction, values: Values) -> None:
    """A claim needs its provider and subscriber; without a patient loop the subscriber is the patient."""
    if not t.billing:
        t.log.add("HIERARCHY", "a claim without a billing provider before it", element="HL03")
    if not t.subscriber.keys() - {"\0billing"}:
        t.log.add("HIERARCHY", "a claim without a subscriber before it", element="HL03")
    elif t.patient is None and values.get("relationship_code") not in (_SELF, None):
        t.log.add("HIERARCHY", "SBR02 is not 18 and there is no patient loop", element="SBR02")


def hi(t: Transaction, e: list[str]) -> bool:
    """Up to twelve diagnoses in order; other code lists (anaesthesia, conditions) are kept as text."""
    claim = t.claim
    if claim is None:
        t.log.add("UNEXPECTED_SEGMENT", "an HI outside any claim")
        return False
    whole, seen = True, 0
    for position, text in enumerate(e[1:]):
        if not text:
            continue
        parts = [part.strip() for part in text.split(t.component)]
        if len(parts) < 2 or parts[0].upper() not in _DIAGNOSES or not parts[1]:
            whole = False
            continue
        whole &= len(parts) == 2 and seen == position
        seen += 1
        claim.diagnoses += 1
        at = t.cursor
        row = (claim.diagnoses, parts[0], _dotted(parts[1]), parts[1])
        t.tables["billed_diagnosis"].append((at.segment_number, at.st_index, at.claim_index, *row))
    return whole and seen > 0


def _dotted(code: str) -> str:
    """``F332`` → ``F33.2``: the 837P sends no dots."""
    bare = code.upper().replace(".", "").replace(" ", "")
    return f"{bare[:_DOT_AFTER]}.{bare[_DOT_AFTER:]}" if len(bare) > _DOT_AFTER else bare
