"""One claim as the loops 2300 to 2430 of an 837P (005010X222A1)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ketaclaims.simulate.delivery.segments import Segment, composite, text
from ketaclaims.simulate.model import Patient, Row
from ketaclaims.simulate.reference import Payer
from ketaclaims.simulate.remits import Adjustment, RemitClaim, RemitLine
from ketaclaims.simulate.x12_writer import Style, amount

DX_COLUMNS = tuple(f"dx{number}" for number in range(1, 13))
MOD_COLUMNS = ("mod1", "mod2", "mod3", "mod4")
POINTER_COLUMNS = ("dx_ptr1", "dx_ptr2", "dx_ptr3", "dx_ptr4")
NO_RELEASE = ("", "", "Y", "", "", "Y")  # OI: benefits assigned, information may be released
ADDRESS = (("N3", "100 SIMULATION WAY"), ("N4", "SPRINGFIELD", "IL", "627010001"))


@dataclass(frozen=True, slots=True)
class PriorPayer:
    """What the primary payer answered to the same services: the COB of a secondary claim."""

    coverage: Row
    payer: Payer
    answer: RemitClaim


@dataclass(frozen=True, slots=True)
class SentClaim:
    """Everything one claim says: its rows as exported, whom it is for and who pays."""

    claim: Row
    lines: Sequence[Row]
    patient: Patient
    coverage: Row
    payer: Payer
    rank: str = "P"
    prior: PriorPayer | None = None


def claim_loops(sent: SentClaim, site: Sequence[Segment], style: Style) -> Iterator[Segment]:
    """Loop 2300 with its lines; ``site`` is the clinic's service facility loop 2310C."""
    claim = sent.claim
    where = composite((text(claim["pos"]), "B", text(claim["frequency"])), style)
    yield ("CLM", text(claim["pcn"]), text(claim["total_charge"]), "", "", where, "Y", "A", "Y", "Y")
    if claim.get("pa_number"):
        yield ("REF", "G1", text(claim["pa_number"]))
    if claim.get("original_icn"):
        yield ("REF", "F8", text(claim["original_icn"]))
    codes = [text(claim[column]).replace(".", "") for column in DX_COLUMNS if claim.get(column)]
    if codes:
        kinds = ["ABK", *["ABF"] * (len(codes) - 1)]
        yield ("HI", *[composite(pair, style) for pair in zip(kinds, codes, strict=True)])
    yield _rendering(text(claim["rendering_npi"]))
    yield from site
    if sent.prior is not None:
        yield from _prior_payer(sent.prior, sent.patient)
    for number, line in enumerate(sent.lines, 1):
        yield from _line(sent, line, number, style)


def person(kind: str, patient: Patient, member_id: str = "") -> Segment:
    """NM1 of the patient as the insured."""
    named = ("NM1", kind, "1", patient.last_name, patient.first_name)
    return (*named, "", "", "", "MI", member_id) if member_id else named


def subscriber(rank: str, coverage: Row, payer: Payer) -> Segment:
    """SBR of the patient's own coverage; without a group number the plan's name stands for it."""
    group = text(coverage.get("group_id"))
    # Medicare after another payer says why (12: working aged, the usual case)
    reason = "12" if rank != "P" and payer.filing == "MB" else ""
    return ("SBR", rank, "18", group, "" if group else payer.name, reason, "", "", "", payer.filing)


def _rendering(npi: str) -> Segment:
    return ("NM1", "82", "1", "STAFF", npi[-4:], "", "", "", "XX", npi)


def _prior_payer(prior: PriorPayer, patient: Patient) -> Iterator[Segment]:
    """Loops 2320, 2330A and 2330B."""
    yield subscriber("P", prior.coverage, prior.payer)
    if prior.answer.claim_level:
        yield from _adjustments(prior.answer.adjustments)
    yield ("AMT", "D", amount(prior.answer.paid))
    yield ("OI", *NO_RELEASE)
    yield person("IL", patient, text(prior.coverage["member_id"]))
    yield ("NM1", "PR", "2", prior.payer.name, "", "", "", "", "PI", prior.payer.number)
    if prior.answer.claim_level:
        yield ("DTP", "573", "D8", text(prior.answer.paid_on))


def _line(sent: SentClaim, line: Row, number: int, style: Style) -> Iterator[Segment]:
    modifiers = [text(line.get(column)) for column in MOD_COLUMNS]
    service = composite(("HC", text(line["code"]), *modifiers, text(line.get("noc_text"))), style)
    pointers = composite([text(line[column]) for column in POINTER_COLUMNS if line.get(column)], style)
    yield ("LX", str(number))
    yield ("SV1", service, text(line["charge"]), "UN", text(line["units"]), "", "", pointers)
    first, last = text(line["dos_from"]), text(line["dos_to"])
    yield ("DTP", "472", "D8", first) if first == last else ("DTP", "472", "RD8", f"{first}-{last}")
    yield ("REF", "6R", text(line["line_control"]))
    if line.get("ndc11"):
        yield ("LIN", "", "N4", text(line["ndc11"]))
        yield ("CTP", "", "", "", text(line["ndc_qty"]), text(line["ndc_uom"]))
    if line["rendering_npi"] != sent.claim["rendering_npi"]:
        yield _rendering(text(line["rendering_npi"]))
    if sent.prior is not None and not sent.prior.answer.claim_level:
        yield from _prior_line(sent.prior, sent.prior.answer.lines[number - 1], style)


def _prior_line(prior: PriorPayer, answer: RemitLine, style: Style) -> Iterator[Segment]:
    """Loop 2430: what the prior payer paid for this line, and why not more."""
    service = composite(("HC", answer.line.code, *answer.line.mods), style)
    yield ("SVD", prior.payer.number, amount(answer.paid), service, "", amount(answer.line.units))
    yield from _adjustments(answer.adjustments)
    yield ("DTP", "573", "D8", text(prior.answer.paid_on))


def _adjustments(adjustments: Iterable[Adjustment]) -> Iterator[Segment]:
    """One CAS a group, at most six reasons in each."""
    groups: defaultdict[str, defaultdict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for adjustment in adjustments:
        groups[adjustment.group][adjustment.carc] += adjustment.amount
    for group, reasons in groups.items():
        cells = [cell for carc, total in reasons.items() for cell in (carc, amount(total), "")]
        for start in range(0, len(cells), 18):
            yield ("CAS", group, *cells[start : start + 18])
