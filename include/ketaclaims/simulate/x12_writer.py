"""Write payments as 835 (005010X221A1) interchanges, in several delimiter and newline habits."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ketaclaims.simulate.payments import Payment, RemitFile
from ketaclaims.simulate.remits import Adjustment, RemitClaim, RemitLine

Segment = Sequence[str]
CLEARINGHOUSE = "SIMCLEAR"
NO_DELIMITERS = str.maketrans(dict.fromkeys("\r\n~^|!\x1c", " "))


@dataclass(frozen=True, slots=True)
class Style:
    """Delimiters of one sender; ``newline`` follows each terminator."""

    element: str
    component: str
    repetition: str
    terminator: str
    newline: str


STYLES = (
    Style("*", ":", "^", "~", "\n"),
    Style("*", ":", "^", "~", ""),
    Style("|", ">", "!", "~", "\r\n"),
    Style("*", ":", "^", "\n", ""),
    Style("^", ":", "!", "~", "\n"),
    Style("*", ">", "^", "\x1c", ""),
)


def amount(value: Decimal) -> str:
    """An X12 decimal: no trailing zeros, no point when whole."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def write_interchange(file: RemitFile) -> bytes:
    """One ISA..IEA with one ST per payment."""
    style = STYLES[file.style % len(STYLES)]
    day = file.payments[0].paid_on
    control = f"{file.control:09d}"
    isa = (
        "ISA", "00", " " * 10, "00", " " * 10, "ZZ", f"{CLEARINGHOUSE:<15}", "ZZ", f"{'CLINICGROUP':<15}",
        f"{day:%y%m%d}", "0600", style.repetition, "00501", control, "0", "P", style.component,
    )  # fmt: skip
    group = str(file.control)
    gs = ("GS", "HP", CLEARINGHOUSE, "CLINICGROUP", f"{day:%Y%m%d}", "0600", group, "X", "005010X221A1")
    segments: list[Segment] = [isa, gs]
    for number, payment in enumerate(file.payments, 1):
        segments += _transaction(payment, f"{number:04d}", style)
    segments += [("GE", str(len(file.payments)), group), ("IEA", "1", control)]
    end = style.terminator + style.newline
    return "".join(_text(segment, style) + end for segment in segments).encode("ascii")


def _text(segment: Segment, style: Style) -> str:
    if segment[0] == "ISA":
        return style.element.join(segment)
    # a delimiter may not occur in data; components are joined by their own caller
    clean = [element.translate(NO_DELIMITERS) for element in segment]
    return style.element.join(clean).rstrip(style.element)


def _transaction(payment: Payment, number: str, style: Style) -> list[Segment]:
    body: list[Segment] = [("ST", "835", number), *_header(payment), ("LX", "1")]
    for claim in payment.claims:
        body += _claim(claim, style)
    body += _plb(payment, style)
    return [*body, ("SE", str(len(body) + 1), number)]


def _header(payment: Payment) -> Iterator[Segment]:
    payer, clinic, day = payment.payer, payment.clinic, f"{payment.paid_on:%Y%m%d}"
    if payment.amount:
        bank = ("01", "999999992", "DA", "1234567", payer.tin, "", "01", "999988880", "DA", "98765")
        yield ("BPR", "I", amount(payment.amount), "C", "ACH", "CCP", *bank, day)
    else:
        yield ("BPR", "H", "0", "C", "NON", *[""] * 11, day)
    yield ("TRN", "1", payment.trace, payer.tin)
    yield ("DTM", "405", day)
    yield ("N1", "PR", payer.name, "XV", payer.number)
    yield ("N3", "1 PAYER PLAZA")
    yield ("N4", "SPRINGFIELD", "IL", "62701")
    yield ("REF", "2U", payer.number)
    yield ("PER", "BL", "PROVIDER SERVICES", "TE", "8005550100")
    yield ("N1", "PE", clinic.name, "XX", clinic.npi)
    yield ("REF", "TJ", clinic.tin)


def _claim(remit: RemitClaim, style: Style) -> Iterator[Segment]:
    claim, patient = remit.claim, remit.claim.patient
    share = amount(remit.patient_share) if remit.status != "22" and remit.patient_share else ""
    yield (
        "CLP", claim.pcn, remit.status, amount(remit.charge), amount(remit.paid), share, remit.payer.filing,
        remit.icn, claim.pos, claim.frequency,
    )  # fmt: skip
    if remit.claim_level:
        yield from _adjustments(remit.adjustments)
    member_id = patient.secondary_member_id if remit.is_secondary else patient.member_id
    yield ("NM1", "QC", "1", patient.last_name, patient.first_name, "", "", "", "MI", member_id)
    yield ("NM1", "82", "1", "", "", "", "", "", "XX", claim.rendering_npi)
    if remit.status == "19" and patient.secondary is not None:
        yield ("NM1", "TT", "2", patient.secondary.name, "", "", "", "", "PI", patient.secondary.number)
    remarks = [*remit.rarcs, *(_claim_remarks(remit) if remit.claim_level else [])]
    if remarks:
        yield ("MOA", "", "", *remarks[:5])
    if claim.original_icn:
        yield ("REF", "F8", claim.original_icn)
    if claim.pa_number:
        yield ("REF", "G1", claim.pa_number)
    yield ("DTM", "232", f"{claim.dos:%Y%m%d}")
    yield ("DTM", "050", f"{_received(remit):%Y%m%d}")
    if not remit.claim_level:
        for line in remit.lines:
            yield from _line(line, style)


def _received(remit: RemitClaim) -> date:
    return remit.claim.submitted_at.date()


def _claim_remarks(remit: RemitClaim) -> list[str]:
    return sorted({rarc for line in remit.lines for rarc in line.rarcs})


def _line(answer: RemitLine, style: Style) -> Iterator[Segment]:
    line = answer.line
    code = style.component.join(("HC", answer.paid_code or line.code, *line.mods))
    units = "0" if answer.is_denied else amount(answer.units or line.units)
    billed = style.component.join(("HC", line.code)) if answer.paid_code else ""
    original = (billed, amount(line.units)) if answer.is_denied or billed else ()
    yield ("SVC", code, amount(answer.charge), amount(answer.paid), "", units, *original)
    yield ("DTM", "472", f"{line.dos:%Y%m%d}")
    yield from _adjustments(answer.adjustments)
    if not answer.bundled:  # an answer for several lines can name none of them
        yield ("REF", "6R", line.line_control)
    if answer.allowed > 0:
        yield ("AMT", "B6", amount(answer.allowed))
    for rarc in answer.rarcs:
        yield ("LQ", "HE", rarc)


def _adjustments(adjustments: Iterable[Adjustment]) -> Iterator[Segment]:
    """One CAS per group with up to six triplets; equal reasons of one group are summed."""
    totals: defaultdict[str, defaultdict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for adjustment in adjustments:
        totals[adjustment.group][adjustment.carc] += adjustment.amount
    for group, reasons in totals.items():
        items = list(reasons.items())
        for start in range(0, len(items), 6):
            cells: list[str] = []
            for carc, total in items[start : start + 6]:
                cells += [carc, amount(total), ""]
            yield ("CAS", group, *cells[:-1])


def _plb(payment: Payment, style: Style) -> Iterator[Segment]:
    if payment.plb:
        cells: list[str] = []
        for entry in payment.plb[:6]:
            cells += [style.component.join((entry.code, entry.reference)), amount(entry.amount)]
        yield ("PLB", payment.clinic.npi, f"{payment.paid_on.year}1231", *cells)
