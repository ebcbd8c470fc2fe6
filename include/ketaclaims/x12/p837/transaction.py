"""One ST..SE of an 837P: its hierarchy of billing providers, subscribers and patients, and its claims."""

from ketaclaims.x12.envelope import Envelope
from ketaclaims.x12.issues import Cursor, IssueLog
from ketaclaims.x12.p837.claims import Adjudication, Claim, Line, OtherPayer, Values
from ketaclaims.x12.p837.tables import columns_of
from ketaclaims.x12.p837.totals import Totals
from ketaclaims.x12.rows import Row
from ketaclaims.x12.values import MONEY_PLACES, QUANTITY_PLACES, fit, parse_date, parse_decimal

TRANSACTION = columns_of("billed_transaction")
MOST_PARENTS = 10_000  # HL loops a later HL may still name as its parent; the guide asks for depth first


class Transaction:
    """State of one transaction; the handlers of ``segments`` change it, ``close`` makes its row.

    ``area`` is what is open: header, billing, subscriber, patient, claim, other_payer or line; ``loop`` the
    loop of the guide; ``holder`` the columns a name, reference or amount belongs to.
    """

    def __init__(
        self,
        envelope: Envelope,
        component: str,
        tables: dict[str, list[Row]],
        log: IssueLog,
        cursor: Cursor,
        totals: Totals,
    ) -> None:
        self.envelope, self.component, self.tables = envelope, component, tables
        self.log, self.cursor, self.totals = log, cursor, totals
        self.place = cursor.place()
        self.area, self.loop = "header", ""
        self.header: Values = {}
        self.holder: Values = self.header
        self.billing: Values = {}
        self.subscriber: Values = {}
        self.patient: Values | None = None
        self.parents: dict[str, tuple[str, Values]] = {}  # HL01 → level and columns
        self.claim: Claim | None = None
        self.other_payer: OtherPayer | None = None
        self.line: Line | None = None
        self.claims = self.lines = self.charged = self.line_charged = 0

    # readings of elements; a fault becomes an issue and the value null

    def amount(self, text: str, element: str, *, required: bool = True) -> int | None:
        """Cents of an amount element."""
        value = parse_decimal(text, MONEY_PLACES) if text else None
        if value is None and (text or required):
            cause = "is no plain decimal of at most two places" if text else "is missing"
            self.log.add("BAD_AMOUNT", f"{element} {cause}", element=element)
        return value

    def quantity(self, text: str, element: str) -> int | None:
        """Thousandths of an optional quantity element."""
        value = parse_decimal(text, QUANTITY_PLACES) if text else None
        if text and value is None:
            message = f"{element} is no plain decimal of at most three places"
            self.log.add("BAD_QUANTITY", message, element=element)
        return value

    def date(self, text: str, element: str) -> int | None:
        """Days of an optional CCYYMMDD element."""
        value = parse_date(text) if text else None
        if text and value is None:
            self.log.add("BAD_DATE", f"{element} is no CCYYMMDD date", element=element)
        return value

    def need(self, text: str, element: str) -> None:
        """Flag a needed text that is not there."""
        if not text:
            self.log.add("MISSING_ELEMENT", f"{element} is missing", element=element)

    # positions

    def place_columns(self) -> Row:
        """The leading columns of a row that hangs on wherever reading stands."""
        at = self.cursor
        other = self.other_payer.index if self.area == "other_payer" and self.other_payer else None
        return (at.segment_number, at.st_index, at.claim_index, at.line_index, other, self.loop or None)

    def enter(self, area: str, loop: str, holder: Values) -> None:
        """What follows belongs here."""
        self.area, self.loop, self.holder = area, loop, holder

    # the course of the transaction

    def remember(self, hl_number: str, level: str, values: Values) -> None:
        """Keep a hierarchical level that later ones may name as their parent."""
        if len(self.parents) >= MOST_PARENTS:
            del self.parents[next(iter(self.parents))]
        self.parents[hl_number] = (level, values)

    def adjudication(self) -> Adjudication | None:
        """The open SVD."""
        return self.line.adjudication if self.line else None

    def close_adjudication(self) -> None:
        """Finish the open SVD."""
        line = self.line
        if line is None or line.adjudication is None:
            return
        row = line.adjudication.row(line.values.get("charge_amount"), self.log)
        self.tables["billed_line_adjudication"].append(row)
        line.adjudication = None

    def close_other_payer(self) -> None:
        """Finish the open other payer."""
        if self.other_payer is not None:
            self.tables["billed_other_payer"].append(self.other_payer.row())
        self.other_payer = None

    def close_line(self) -> None:
        """Finish the open line, adding it to its claim."""
        line, claim = self.line, self.claim
        if line is None or claim is None:
            return
        self.close_adjudication()
        if not line.has_service:
            self.log.add("MISSING_ELEMENT", "a line without SV1", element="SV101", place=line.place)
        claim.add_line(line)
        self.tables["billed_claim_line"].append(line.row())
        self.line = None
        self.cursor.line_index = None

    def close_claim(self) -> None:
        """Finish the open claim: its line, its checks, its row."""
        self.close_line()
        self.close_other_payer()
        claim = self.claim
        if claim is None:
            return
        self.totals.n_balanced += claim.check(self.log)
        self.line_charged += claim.line_charge
        self.tables["billed_claim"].append(claim.row())
        self.claim = None
        self.cursor.claim_index = None

    def close(self, segment_count: int) -> None:
        """Finish the transaction at its SE."""
        self.close_claim()
        envelope, at = self.envelope, self.place
        if not self.claims:
            self.log.add("NO_CLAIMS", "a transaction without a claim", place=at)
        values = self.header | {name: getattr(envelope, name) for name in envelope.__slots__}
        values |= {
            "st_index": at.st_index,
            "claim_count": self.claims,
            "line_count": self.lines,
            "charge_amount": fit(self.charged),
            "line_charge_amount": fit(self.line_charged),
            "transaction_status": self.log.transaction_status,
            "segment_count": segment_count,
        }
        row = (at.segment_number, *map(values.get, TRANSACTION))
        self.tables["billed_transaction"].append(row)
