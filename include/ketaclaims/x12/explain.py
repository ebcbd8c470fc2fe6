"""The arithmetic of one claim of an 835: what was charged, taken off and paid, and what should equal what.

Nothing here names a patient: parties, references and member numbers are not even gathered.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from ketaclaims.settings import Settings
from ketaclaims.x12.inspection import Input, read_input
from ketaclaims.x12.remit_reader import RemitReading

COMMIT_ID = "explain"
REVERSAL = "22"
PATIENT, OTHER_PAYER = "PR", ("OA", "23")
SECONDARY = frozenset({"2", "3", "20", "21"})  # statuses in which another payer paid before
_CLAIM_LIMIT = 2**31  # more claims than one payment can count
_TABLES = ("remit_service_line", "remit_adjustment", "remit_remark", "remit_amount", "remit_issue")

Row = dict[str, Any]
Amount = Decimal | None  # None: an amount that could not be read


class Key(NamedTuple):
    """Where a claim stands in its file, from 1."""

    st_index: int
    claim_index: int

    def __str__(self) -> str:
        return f"{self.st_index}/{self.claim_index}"


@dataclass(slots=True)
class ClaimStory:
    """One CLP with its payment and everything below it; ``chain`` is every CLP of the file with its CLP01."""

    key: Key
    claim: Row
    payment: Row
    lines: list[Row]
    adjustments: list[Row]
    remarks: list[Row]
    amounts: list[Row]
    issues: list[Row]
    chain: list[Row]

    def adjustments_of(self, line_index: int | None) -> list[Row]:
        """CAS of a line, or of the claim itself (None)."""
        return [row for row in self.adjustments if row["line_index"] == line_index]

    def remarks_of(self, line_index: int | None) -> list[Row]:
        """Remark codes of a line, or of the claim itself (None)."""
        return [row for row in self.remarks if row["line_index"] == line_index]


@dataclass(slots=True)
class Explanation:
    """What one input says of the claim asked for; ``claim_count`` is all of its claims."""

    reading: RemitReading
    claim_count: int
    stories: list[ClaimStory]


def explain_input(given: Input, wanted: str, settings: Settings) -> Explanation:
    """Find the claims called ``wanted`` in one input: a CLP01, else a position ``payment/claim``.

    Read more than once, so that only the wanted claims' rows are ever held: to find them, to find the other
    claims of the same number where a position was given, to gather.
    """
    finder = _Finder(wanted.strip())
    reading = read_input(given, settings, finder.sink, COMMIT_ID)
    chain = finder.named
    if reading.report.status == "rejected" or not (finder.named or finder.placed):
        return Explanation(reading, reading.totals.n_clp, [])
    if not finder.named and finder.placed_number is not None:
        others = _Finder(finder.placed_number)
        read_input(given, settings, others.sink, COMMIT_ID)
        chain = others.named
    gatherer = _Gatherer(finder.named or finder.placed, chain)
    read_input(given, settings, gatherer.sink, COMMIT_ID)
    return Explanation(reading, reading.totals.n_clp, list(gatherer.stories()))


def position(wanted: str) -> Key | None:
    """The place meant by ``payment/claim``, such as ``1/3``."""
    parts = wanted.strip().split("/")
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
        return None
    return Key(int(parts[0]), int(parts[1]))


def _key(row: Row) -> Key:
    return Key(row["st_index"], row["claim_index"])


class _Finder:
    """Where the wanted claims stand. A claim named by its number wins over one at a position."""

    def __init__(self, wanted: str) -> None:
        self._number = wanted
        self._position = position(wanted)
        self.named: list[Key] = []
        self.placed: list[Key] = []
        self.placed_number: str | None = None

    def sink(self, table: str, batch: pa.RecordBatch) -> None:
        if table != "remit_claim":
            return
        is_named = pc.equal(batch.column("patient_control_number"), self._number)
        self.named += [_key(row) for row in batch.filter(is_named).to_pylist()]
        if self._position is not None:
            for row in batch.filter(_is_at(batch, [self._position])).to_pylist():
                self.placed, self.placed_number = [self._position], row["patient_control_number"]


def _is_at(batch: pa.RecordBatch, keys: Iterable[Key]) -> pa.Array:
    """Which rows belong to one of the claims; rows of a payment as a whole to none."""
    payments = pc.multiply(batch.column("st_index").cast(pa.int64()), _CLAIM_LIMIT)
    places = pc.add(payments, batch.column("claim_index").cast(pa.int64()))
    wanted = pa.array([key.st_index * _CLAIM_LIMIT + key.claim_index for key in keys], pa.int64())
    return pc.is_in(places, value_set=wanted)


class _Gatherer:
    """Rows of the wanted claims, and the CLP of every claim of the chain."""

    def __init__(self, keys: list[Key], chain: list[Key]) -> None:
        self._keys = keys
        self._payments = pa.array(sorted({key.st_index for key in keys}), pa.int32())
        self._claims = [*keys, *chain]
        self._rows: dict[str, list[Row]] = {table: [] for table in (*_TABLES, "remit_claim", "remittance")}

    def sink(self, table: str, batch: pa.RecordBatch) -> None:
        if table not in self._rows:
            return
        if table == "remittance":
            is_wanted = pc.is_in(batch.column("st_index"), value_set=self._payments)
        else:
            is_wanted = _is_at(batch, self._claims if table == "remit_claim" else self._keys)
        self._rows[table] += batch.filter(is_wanted).to_pylist()

    def stories(self) -> Iterator[ClaimStory]:
        payments = {row["st_index"]: row for row in self._rows["remittance"]}
        claims = {_key(row): row for row in self._rows["remit_claim"]}
        for key in self._keys:
            lines, adjustments, remarks, amounts, issues = (
                [row for row in self._rows[table] if _key(row) == key] for table in _TABLES
            )
            yield ClaimStory(
                key=key,
                claim=claims[key],
                payment=payments[key.st_index],
                lines=lines,
                adjustments=adjustments,
                remarks=remarks,
                amounts=amounts,
                issues=issues,
                chain=list(claims.values()),
            )


# what should equal what


class Check(NamedTuple):
    """An identity: ``parts`` (label, amount) should sum to ``stated``; None where one cannot be read."""

    parts: tuple[tuple[str, Amount], ...]
    stated_label: str
    stated: Amount

    @property
    def expected(self) -> Amount:
        """What the parts come to."""
        return total(amount for _, amount in self.parts)

    @property
    def difference(self) -> Amount:
        """``expected`` less ``stated``: 0 where it adds up."""
        if self.expected is None or self.stated is None:
            return None
        return self.expected - self.stated


def total(amounts: Iterable[Amount]) -> Amount:
    """The exact sum; None as soon as one is unreadable."""
    result = Decimal("0.00")
    for amount in amounts:
        if amount is None:
            return None
        result += amount
    return result


def adjusted(rows: Iterable[Row], group: str | None = None) -> Amount:
    """Sum of CAS amounts, of one group or of all."""
    return total(row["adjustment_amount"] for row in rows if group in (None, row["group_code"]))


def negative(amount: Amount) -> Amount:
    """The amount taken off."""
    return None if amount is None else -amount


def claim_checks(story: ClaimStory) -> Iterator[Check]:
    """The identities of the claim as a whole (domain: balancing 2 and 3)."""
    claim = story.claim
    own = [row for row in story.adjustments_of(None) if not row["is_repeat"]]
    of_lines = [row for row in story.adjustments if row["line_index"] is not None]
    yield Check(
        (
            ("charge CLP03", claim["charge_amount"]),
            ("less claim CAS", negative(adjusted(own))),
            ("less line CAS", negative(adjusted(of_lines))),
        ),
        "paid CLP04",
        claim["paid_amount"],
    )
    if story.lines:
        charges = total(line["charge_amount"] for line in story.lines)
        paid = total(line["paid_amount"] for line in story.lines)
        yield Check((("sum of line charges", charges),), "charge CLP03", claim["charge_amount"])
        parts = (("sum of line payments", paid), ("less claim CAS", negative(adjusted(own))))
        yield Check(parts, "paid CLP04", claim["paid_amount"])
    if claim["patient_responsibility_amount"] is not None and claim["claim_status_code"] != REVERSAL:
        share = (("sum of PR, claim and lines", adjusted([*own, *of_lines], PATIENT)),)
        yield Check(share, "patient share CLP05", claim["patient_responsibility_amount"])


def allowed(paid: Amount, adjustments: Iterable[Row], status: str | None) -> Amount:
    """Paid and what the patient owes; where another payer came before, also what that one settled (OA 23).

    CAS that only repeats other CAS counts for nothing.
    """
    rows = [
        row
        for row in adjustments
        if not row["is_repeat"]
        and (
            row["group_code"] == PATIENT
            or (status in SECONDARY and (row["group_code"], row["carc"]) == OTHER_PAYER)
        )
    ]
    return total([paid, adjusted(rows)])


def reversal_state(story: ClaimStory) -> str:
    """Whether this CLP takes back another, is taken back or corrects one, as far as this file says."""
    partner = _partners(story.chain).get(story.key)
    if story.claim["claim_status_code"] == REVERSAL:
        if partner is None:
            return "reverses a payment that is not in this file"
        return f"reverses claim {partner}"
    if partner is not None:
        return f"taken back by the reversal {partner}"
    earlier = [row for row in story.chain if _key(row) < story.key and row["claim_status_code"] == REVERSAL]
    if earlier:
        return f"corrects, after the reversal {_key(earlier[-1])}"
    return "neither reversed nor corrected in this file"


def _partners(chain: list[Row]) -> dict[Key, Key]:
    """Pairs of a payment and a later reversal of the same charge and payment, negated."""
    pairs: dict[Key, Key] = {}
    for at, row in enumerate(chain):
        if row["claim_status_code"] != REVERSAL:
            continue
        for original in reversed(chain[:at]):
            if _key(original) not in pairs and _negates(row, original):
                pairs[_key(row)], pairs[_key(original)] = _key(original), _key(row)
                break
    return pairs


def _negates(reversal: Row, original: Row) -> bool:
    if original["claim_status_code"] == REVERSAL:
        return False
    names = ("charge_amount", "paid_amount")
    sign = 1 if reversal["is_positive_reversal"] else -1
    return all(
        reversal[name] is not None and original[name] is not None and reversal[name] == sign * original[name]
        for name in names
    )
