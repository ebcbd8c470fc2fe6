"""837P interchanges: what one clinic sent to its clearinghouse on one day, one ST per moment of sending."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from ketaclaims.simulate.delivery.claim_837 import (
    ADDRESS,
    SentClaim,
    claim_loops,
    person,
    subscriber,
)
from ketaclaims.simulate.delivery.segments import Segment, render, text
from ketaclaims.simulate.model import Clinic, Row
from ketaclaims.simulate.x12_writer import CLEARINGHOUSE, STYLES, Style

GUIDE = "005010X222A1"
RANKS = {1: "P", 2: "S", 3: "T"}
MAX_CLAIMS = 5_000  # an ST may hold no more

Key = tuple[str, int]


@dataclass
class Outbox:
    """The claims of one clinic on their way: a claim leaves once, when its row first says it was sent."""

    waiting: dict[Key, list[Row]] = field(default_factory=dict)  # lines of claims not sent yet
    gone: set[Key] = field(default_factory=set)

    def take(self, claims: Sequence[Row], lines: Sequence[Row]) -> Iterator[tuple[Row, list[Row]]]:
        """Claims of one export that were sent since the last, each with its lines."""
        for line in lines:
            self.waiting.setdefault(_key(line), []).append(line)
        for claim in claims:
            key = _key(claim)
            if claim.get("submitted_at") is not None and key not in self.gone:
                self.gone.add(key)
                yield claim, sorted(self.waiting.pop(key), key=_line_no)


def _key(row: Row) -> Key:
    version = row["version"]
    assert isinstance(version, int)
    return str(row["claim_id"]), version


def _line_no(row: Row) -> int:
    number = row["line_no"]
    assert isinstance(number, int)
    return number


def sent_at(sent: SentClaim) -> datetime:
    """When the claim went out, local to the clinic."""
    moment = sent.claim["submitted_at"]
    assert isinstance(moment, datetime)
    return moment


def write_interchanges(
    clinic: Clinic, number: int, claims: Sequence[SentClaim]
) -> Iterator[tuple[datetime, bytes]]:
    """(when it was sent, content) of one interchange a day; ``number`` is the clinic's, from 1."""
    ordered = sorted(claims, key=lambda sent: (sent_at(sent), text(sent.coverage["coverage_id"])))
    style = STYLES[(number - 1) % len(STYLES)]
    for day, members in groupby(ordered, key=lambda sent: sent_at(sent).date()):
        of_day = list(members)
        control = f"{number:03d}{day:%y%j}".rjust(9, "0")
        yield sent_at(of_day[-1]), render(_interchange(clinic, control, of_day, style), style)


def _interchange(
    clinic: Clinic, control: str, claims: Sequence[SentClaim], style: Style
) -> Iterator[Segment]:
    moment = sent_at(claims[-1])
    sender = f"{clinic.tin:<15}"
    yield (
        "ISA", "00", " " * 10, "00", " " * 10, "ZZ", sender, "ZZ", f"{CLEARINGHOUSE:<15}", f"{moment:%y%m%d}",
        f"{moment:%H%M}", style.repetition, "00501", control, "0", "P", style.component,
    )  # fmt: skip
    group = str(int(control))
    yield ("GS", "HC", clinic.tin, CLEARINGHOUSE, f"{moment:%Y%m%d}", f"{moment:%H%M}", group, "X", GUIDE)
    count = 0
    for when, members in groupby(claims, key=sent_at):
        sent = list(members)
        for start in range(0, len(sent), MAX_CLAIMS):
            count += 1
            yield from _transaction(clinic, f"{count:04d}", when, sent[start : start + MAX_CLAIMS], style)
    yield ("GE", str(count), group)
    yield ("IEA", "1", control)


def _transaction(
    clinic: Clinic, number: str, moment: datetime, claims: Sequence[SentClaim], style: Style
) -> Iterator[Segment]:
    size = 0
    for segment in _body(clinic, number, moment, claims, style):
        size += 1
        yield segment
    yield ("SE", str(size + 1), number)


def _body(
    clinic: Clinic, number: str, moment: datetime, claims: Sequence[SentClaim], style: Style
) -> Iterator[Segment]:
    """ST to the last claim: the clinic as HL 1, below it one HL a coverage, below that its claims."""
    yield ("ST", "837", number, GUIDE)
    yield ("BHT", "0019", "00", f"{moment:%y%m%d}{number}", f"{moment:%Y%m%d}", f"{moment:%H%M}", "CH")
    yield ("NM1", "41", "2", clinic.name, "", "", "", "", "46", clinic.tin)
    yield ("PER", "IC", "BILLING OFFICE", "TE", "8005550199")
    yield ("NM1", "40", "2", CLEARINGHOUSE, "", "", "", "", "46", CLEARINGHOUSE)
    yield ("HL", "1", "", "20", "1")
    yield ("NM1", "85", "2", clinic.name, "", "", "", "", "XX", clinic.npi)
    yield from ADDRESS
    yield ("REF", "EI", clinic.tin)
    # a site of the clinic under its own number; the billing provider's loop tells no site
    facility = (("NM1", "77", "2", clinic.name, "", "", "", "", "XX", clinic.npi), *ADDRESS)
    level = 1
    for _, members in groupby(claims, key=lambda sent: text(sent.coverage["coverage_id"])):
        of_coverage = list(members)
        level += 1
        yield from _subscriber(of_coverage[0], level)
        for sent in of_coverage:
            site = (*facility, ("REF", "LU", text(sent.claim["site_id"])))
            yield from claim_loops(sent, site, style)


def _subscriber(sent: SentClaim, level: int) -> Iterator[Segment]:
    patient, payer = sent.patient, sent.payer
    yield ("HL", str(level), "1", "22", "0")
    yield subscriber(sent.rank, sent.coverage, payer)
    yield person("IL", patient, text(sent.coverage["member_id"]))
    yield from ADDRESS
    yield ("DMG", "D8", f"{patient.birth_date:%Y%m%d}", patient.sex)
    yield ("NM1", "PR", "2", payer.name, "", "", "", "", "PI", payer.number)


def rank_of(coverage: Row) -> str:
    """P, S or T by the coverage's priority."""
    priority = coverage.get("priority")
    return RANKS[priority] if isinstance(priority, int) else "P"
