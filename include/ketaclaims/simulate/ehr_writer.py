"""Write what the EHR of a clinic exports: master data whole, the rest as it is new or has changed."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from ketaclaims.simulate.ehr_rows import (
    RECEIVED_AFTER,
    administration_row,
    claim_row,
    encounter_row,
    line_row,
    prior_auth_row,
)
from ketaclaims.simulate.headers import DATED, HEADERS, SNAPSHOTS
from ketaclaims.simulate.model import Cell, Claim, Clinic, Row
from ketaclaims.simulate.remits import RemitClaim


@dataclass(frozen=True, slots=True)
class Window:
    """One export: services of ``since <= day < until``, claims and PAs as they stood at ``moment``."""

    label: str
    since: date
    until: date
    moment: datetime


def cell(value: Cell) -> str:
    """One CSV cell: ISO dates and offsets, plain decimals, true/false, empty for nothing."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def to_csv(header: Sequence[str], rows: Iterable[Row]) -> bytes:
    """Rows as CSV under exactly that header; a column the header lacks is a fault of the simulator."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    known = frozenset(header)
    for row in rows:
        if not known.issuperset(row):
            raise ValueError(f"not in the header: {sorted(row.keys() - known)}")
        get = row.get
        writer.writerow([cell(get(column)) for column in header])
    return buffer.getvalue().encode("utf-8")


def claim_status(claim: Claim, known: Sequence[RemitClaim], moment: datetime) -> str:
    """What the EHR shows for a claim, given the answers it knew at the moment."""
    if claim.superseded or claim.submitted_at > moment:
        return "draft"
    if claim.is_replaced(moment):
        return "replaced"
    own = [remit for remit in known if not remit.is_secondary]
    if not own or own[-1].status == "22":
        return "submitted"
    return "denied" if own[-1].is_denied else "paid"


@dataclass
class Exporter:
    """Exports of one clinic in time order; remembers which claim rows it has sent."""

    clinic: Clinic
    remits: Mapping[str, Sequence[RemitClaim]]  # every answer, also future ones, by claim id
    sent: dict[tuple[str, int], tuple[str, bool]] = field(default_factory=dict)
    sent_auths: dict[str, set[int]] = field(default_factory=dict)

    def tables(self, window: Window) -> dict[str, list[Row]]:
        """Rows of every table of one export; an empty table is left out."""
        clinic = self.clinic
        sessions = [s for s in clinic.sessions if window.since <= s.dos < window.until]
        sessions.sort(key=lambda s: (s.dos, s.encounter.encounter_id))
        tables: dict[str, list[Row]] = {name: [row for _, row in clinic.rows[name]] for name in SNAPSHOTS}
        for name in DATED:
            dated = clinic.rows[name]
            tables[name] = [row for day, row in dated if window.since <= day < window.until]
        tables["encounter"] = [encounter_row(clinic, s.encounter) for s in sessions]
        tables["administration"] = [administration_row(a) for s in sessions for a in s.administrations]
        tables["prior_auth"] = list(self._prior_auths(window.moment))
        tables["claim"], tables["claim_line"] = self._claims(window.moment)
        for rows in tables.values():
            for row in rows:
                row["clinic_id"] = clinic.clinic_id
        return {name: tables[name] for name in HEADERS if tables[name]}

    def export(self, window: Window) -> dict[str, bytes]:
        """CSV content of every table of one export that has rows."""
        return {name: to_csv(HEADERS[name], rows) for name, rows in self.tables(window).items()}

    def _prior_auths(self, moment: datetime) -> Iterator[Row]:
        """Every version that came to be known; a pended one has no decision."""
        for authorisation in self.clinic.prior_auths:
            sent = self.sent_auths.setdefault(authorisation.pa_id, set())
            is_answered = authorisation.status != "pended" and authorisation.decided_at <= moment
            amended = authorisation.amended_at
            known = (
                authorisation.submitted_at <= moment,
                is_answered,
                is_answered and authorisation.is_decided and amended is not None and amended <= moment,
            )
            for version, is_known in enumerate(known, 1):
                if is_known and version not in sent:
                    sent.add(version)
                    yield prior_auth_row(authorisation, version)

    def _claims(self, moment: datetime) -> tuple[list[Row], list[Row]]:
        """Rows of claims that are new or changed, and the lines of the new ones."""
        claims: list[Row] = []
        lines: list[Row] = []
        for claim in sorted(self.clinic.claims, key=lambda c: (c.claim_id, c.version)):
            if claim.created_at > moment:
                continue
            known = [r for r in self.remits.get(claim.claim_id, ()) if r.paid_on < moment.date()]
            status = claim_status(claim, known, moment)
            identity = (claim.claim_id, claim.version)
            content = (status, claim.submitted_at + RECEIVED_AFTER <= moment)
            if identity not in self.sent:
                lines += [line_row(claim, line) for line in claim.lines]
            if self.sent.get(identity) != content:
                claims.append(claim_row(self.clinic, claim, status, moment))
                self.sent[identity] = content
        return claims, lines
