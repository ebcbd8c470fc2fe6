"""Handlers of names, references, dates and amounts at whatever level they stand (see ``segments``)."""

from ketaclaims.x12.p837 import names
from ketaclaims.x12.p837.claims import Values
from ketaclaims.x12.p837.transaction import Transaction
from ketaclaims.x12.values import parse_date

_NPI = "XX"
_DATE_LENGTH = 8


def nm1(t: Transaction, e: list[str]) -> bool:
    """A name: of whom, the level and NM101 say."""
    entity = e[1].upper()
    loop = names.LOOPS.get((t.area, entity))
    if loop is None:
        t.log.add("UNEXPECTED_SEGMENT", "an NM1 of a kind that may not stand here")
        t.loop = names.OWN_LOOP[t.area] + "?"
    else:
        t.loop = loop
        _fill_names(t, loop, e)
    t.tables["billed_party"].append((*t.place_columns(), *[text or None for text in e[1:10]]))
    return not any(e[10:])


def _fill_names(t: Transaction, loop: str, e: list[str]) -> None:
    columns = zip(names.NAMES.get(loop, ()), (e[3], e[4], e[9]), strict=False)
    found: Values = {name: text for name, text in columns if name and text}
    if loop in names.NPIS and e[8].upper() == _NPI and e[9]:
        found[names.NPIS[loop]] = e[9]
    if loop == "2010BB":
        found["payer_id_qualifier"] = e[8] or None
    for name, text in found.items():
        t.holder.setdefault(name, text)
    if loop == "2010AA" and not (e[8].upper() == _NPI and e[9]):
        t.log.add("MISSING_ELEMENT", "the billing provider has no NPI", element="NM109")


def n3(t: Transaction, e: list[str]) -> bool:
    """A street; that of the pay-to address is a column."""
    if t.loop == "2010AB":
        t.holder.setdefault("pay_to_address", e[1] or None)
    return False


def n4(t: Transaction, e: list[str]) -> bool:
    """A place; states of patients and the pay-to postal code are columns."""
    if t.loop == "2010AB":
        t.holder.setdefault("pay_to_postal_code", e[3] or None)
    elif t.loop in names.STATES:
        t.holder.setdefault(names.STATES[t.loop], e[2].upper() or None)
    return False


def dmg(t: Transaction, e: list[str]) -> bool:
    """Birth date and sex of subscriber or patient."""
    columns = names.DEMOGRAPHICS.get(t.loop)
    if columns is not None:
        t.holder[columns[0]] = t.date(e[2], "DMG02")
        t.holder[columns[1]] = e[3].upper() or None
    return False


def prv(t: Transaction, e: list[str]) -> bool:
    """The speciality of a provider."""
    column = names.TAXONOMIES.get(t.loop)
    if column is not None and e[3]:
        t.holder.setdefault(column, e[3])
    return False


def ref(t: Transaction, e: list[str]) -> bool:
    """A number. One with REF04 is another payer's number and fills no column."""
    loop = names.OWN_LOOP[t.area] if t.area == "claim" else t.loop
    column = names.REFERENCES.get(loop, {}).get(e[1].upper())
    if column is not None and e[2] and not e[4]:
        t.holder.setdefault(column, e[2])
    row = (*t.place_columns(), *(text or None for text in e[1:4]))
    t.tables["billed_reference"].append(row)
    return not any(e[4:])


def dtp(t: Transaction, e: list[str]) -> bool:
    """A date (D8), a range (RD8) or a date with time (DT)."""
    begin, _, end = e[3].partition("-") if e[2].upper() == "RD8" else (e[3], "", "")
    first = _day(t, begin)
    last = _day(t, end) if end else first
    qualifier = e[1].upper()
    if qualifier == "472" and t.line is not None:
        t.line.values.setdefault("service_from_date", first)
        t.line.values.setdefault("service_to_date", last)
        if first is not None and last is not None and last < first:
            t.log.add("BAD_DATE", "DTP03 ends before it begins", element="DTP03")
    elif qualifier == "573":
        _adjudicated(t, first)
    elif qualifier == "431" and t.area == "claim":
        t.holder.setdefault("onset_date", first)
    row = (*t.place_columns(), e[1] or None, e[2] or None, first, last, e[3] or None)
    t.tables["billed_date"].append(row)
    return not any(e[4:])


def _day(t: Transaction, text: str) -> int | None:
    day = parse_date(text[:_DATE_LENGTH])
    if day is None:
        t.log.add("BAD_DATE", "DTP03 is no date of its format", element="DTP03")
    return day


def _adjudicated(t: Transaction, day: int | None) -> None:
    adjudication = t.adjudication()
    if adjudication is not None:
        adjudication.values.setdefault("adjudicated_date", day)
    elif t.other_payer is not None:
        t.other_payer.values.setdefault("adjudicated_date", day)


def amt(t: Transaction, e: list[str]) -> bool:
    """An amount beside the charges."""
    qualifier = e[1].upper()
    amount = t.amount(e[2], "AMT02")
    column = names.AMOUNTS.get((t.area, qualifier)) if t.adjudication() is None else None
    if column is not None:
        t.holder.setdefault(column, amount)
    if t.area == "claim" and qualifier == "F5":
        t.totals.amt_f5 += amount or 0
    elif t.area == "other_payer" and qualifier == "D":
        t.totals.amt_d += amount or 0
    t.tables["billed_amount"].append((*t.place_columns(), e[1] or None, amount))
    return amount is not None and not any(e[3:])


def nte(t: Transaction, e: list[str]) -> bool:
    """A note in free text."""
    t.tables["billed_note"].append((*t.place_columns(), e[1] or None, e[2] or None))
    return not any(e[3:])


def hcp(t: Transaction, e: list[str]) -> bool:
    """What a repricer made of the claim or line."""
    if t.area not in ("claim", "line"):
        t.log.add("UNEXPECTED_SEGMENT", "an HCP outside any claim")
        return False
    t.holder |= {
        "repricing_method_code": e[1] or None,
        "repriced_allowed_amount": t.amount(e[2], "HCP02", required=False),
        "repriced_saving_amount": t.amount(e[3], "HCP03", required=False),
        "repricing_organization_id": e[4] or None,
    }
    if t.area == "line":
        t.holder["repriced_procedure_code"] = e[10] or None
    return False
