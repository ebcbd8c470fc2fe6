"""Write what the EHR of a clinic exports: master data whole, the rest as it is new or has changed."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from ketaclaims.simulate.adjudicate import RemitClaim
from ketaclaims.simulate.headers import DATED, HEADERS, SNAPSHOTS
from ketaclaims.simulate.model import Administration, Cell, Claim, Clinic, Line, PriorAuth, Row, Session


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
    for row in rows:
        unknown = row.keys() - set(header)
        if unknown:
            raise ValueError(f"not in the header: {sorted(unknown)}")
        writer.writerow([cell(row.get(column)) for column in header])
    return buffer.getvalue().encode("utf-8")


def claim_status(claim: Claim, known: Sequence[RemitClaim], moment: datetime) -> str:
    """What the EHR shows for a claim, given the answers it knew at the moment."""
    if claim.superseded or claim.submitted_at > moment:
        return "draft"
    if claim.is_replaced(moment):
        return "replaced"
    if not known or known[-1].status == "22":
        return "submitted"
    return "denied" if known[-1].is_denied else "paid"


@dataclass
class Exporter:
    """Exports of one clinic in time order; remembers which claim rows it has sent."""

    clinic: Clinic
    remits: Mapping[str, Sequence[RemitClaim]]  # every answer, also future ones, by claim id
    sent: dict[tuple[str, int], str] = field(default_factory=dict)
    sent_auths: dict[str, set[int]] = field(default_factory=dict)

    def export(self, window: Window) -> dict[str, bytes]:
        """CSV content of every table of one export that has rows."""
        return {name: to_csv(HEADERS[name], rows) for name, rows in self.tables(window).items()}

    def tables(self, window: Window) -> dict[str, list[Row]]:
        """Rows of every table of one export that has any."""
        sessions = [s for s in self.clinic.sessions if window.since <= s.dos < window.until]
        sessions.sort(key=lambda s: (s.dos, s.encounter.encounter_id))
        tables: dict[str, list[Row]] = {
            name: [row for _, row in self.clinic.rows[name]] for name in SNAPSHOTS
        }
        for name in DATED:
            dated = self.clinic.rows[name]
            tables[name] = [row for day, row in dated if window.since <= day < window.until]
        tables["encounter"] = [self._encounter(s) for s in sessions]
        tables["administration"] = [self._administration(s, a) for s in sessions for a in s.administrations]
        tables["prior_auth"] = list(self._prior_auths(window.moment))
        tables["claim"], tables["claim_line"] = self._claims(window.moment)
        for rows in tables.values():
            for row in rows:
                row["clinic_id"] = self.clinic.clinic_id
        return {name: tables[name] for name in HEADERS if tables[name]}

    def _encounter(self, session: Session) -> Row:
        seen = session.encounter
        return {
            "encounter_id": seen.encounter_id, "patient_id": seen.patient_id,
            "site_id": self.clinic.site_id, "rendering_npi": seen.rendering_npi, "start_at": seen.start_at,
            "end_at": seen.end_at, "mode": "in_person", "patient_state": self.clinic.state,
            "visit_type": seen.visit_type, "status": "completed", "new_patient": seen.new_patient,
            "note_id": f"N{seen.encounter_id[1:]}", "signed_at": self.clinic.later(seen.end_at, 90),
            "em_basis": "time" if seen.em_minutes else None, "em_minutes": seen.em_minutes,
            "group_id": "G1", "specialty": "psychiatry", "scheduled_at": seen.start_at,
        }  # fmt: skip

    def _administration(self, session: Session, given: Administration) -> Row:
        is_kit = given.drug == "esketamine"
        return {
            "administration_id": given.administration_id, "encounter_id": given.encounter_id,
            "drug": given.drug, "route": given.route, "dose_mg": given.dose_mg,
            "weight_kg": given.weight_kg, "wasted_mg": Decimal(0), "ndc11": given.ndc11,
            "lot": f"LOT{session.dos:%y%m}", "container_type": "single" if is_kit else "multi",
            "acquisition": "buy_and_bill", "start_at": given.start_at, "stop_at": given.stop_at,
            "last_device_at": given.last_device_at, "discharged_at": given.discharged_at,
            "status": given.status, "given_by": given.given_by,
            "strength_mg_per_ml": given.strength_mg_per_ml, "container_count": 1,
            "ordering_npi": session.encounter.rendering_npi,
        }  # fmt: skip

    def _prior_auths(self, moment: datetime) -> Iterable[Row]:
        """Version 1 as asked for, version 2 as decided; a pended one has no decision."""
        for authorisation in self.clinic.prior_auths:
            sent = self.sent_auths.setdefault(authorisation.pa_id, set())
            if authorisation.submitted_at <= moment and 1 not in sent:
                sent.add(1)
                yield self._prior_auth(authorisation, 1)
            is_answered = authorisation.status != "pended" and authorisation.decided_at <= moment
            if is_answered and 2 not in sent:
                sent.add(2)
                yield self._prior_auth(authorisation, 2)

    def _prior_auth(self, authorisation: PriorAuth, version: int) -> Row:
        row: Row = {
            "pa_id": authorisation.pa_id, "version": version, "patient_id": authorisation.patient_id,
            "payer_id": authorisation.payer_id, "drug": authorisation.drug,
            "codes": ";".join(authorisation.codes),
            "status": "pended" if authorisation.status == "pended" else "submitted",
            "submitted_at": authorisation.submitted_at, "npi": self.clinic.npi,
            "site_id": self.clinic.site_id, "indication": authorisation.indication, "expedited": False,
        }  # fmt: skip
        if version == 2:
            row |= {"status": authorisation.status, "decided_at": authorisation.decided_at}
            if authorisation.is_decided:
                row |= {
                    "pa_number": authorisation.pa_number, "valid_from": authorisation.valid_from,
                    "valid_to": authorisation.valid_to, "units_approved": authorisation.units_approved,
                    "unit_basis": authorisation.unit_basis,
                }  # fmt: skip
        return row

    def _claims(self, moment: datetime) -> tuple[list[Row], list[Row]]:
        """Rows of claims that are new or changed, and the lines of the new ones."""
        claims: list[Row] = []
        lines: list[Row] = []
        for claim in sorted(self.clinic.claims, key=lambda c: (c.claim_id, c.version)):
            if claim.created_at > moment:
                continue
            row = self._claim(claim, moment)
            identity, content = (
                (claim.claim_id, claim.version),
                repr(sorted(row.items(), key=lambda item: item[0])),
            )
            if identity not in self.sent:
                lines += [self._line(claim, line) for line in claim.lines]
            if self.sent.get(identity) != content:
                claims.append(row)
                self.sent[identity] = content
        return claims, lines

    def _claim(self, claim: Claim, moment: datetime) -> Row:
        known = [r for r in self.remits.get(claim.claim_id, ()) if r.paid_on < moment.date()]
        is_sent = not claim.superseded and claim.submitted_at <= moment
        received = claim.submitted_at + timedelta(hours=20)
        row: Row = {
            "claim_id": claim.claim_id, "version": claim.version, "pcn": claim.pcn,
            "patient_id": claim.patient.patient_id, "coverage_id": claim.patient.coverage_id,
            "billing_npi": self.clinic.npi, "rendering_npi": claim.rendering_npi,
            "site_id": self.clinic.site_id, "pos": "11", "frequency": claim.frequency,
            "original_icn": claim.original_icn, "pa_number": claim.pa_number,
            "total_charge": claim.total_charge, "created_at": claim.created_at,
            "submitted_at": claim.submitted_at if is_sent else None,
            "payer_received_at": received if is_sent and received <= moment else None,
            "status": claim_status(claim, known, moment), "claim_type": "837P",
        }  # fmt: skip
        return row | {f"dx{number}": code for number, code in enumerate(claim.dx, 1)}

    def _line(self, claim: Claim, line: Line) -> Row:
        row: Row = {
            "claim_id": claim.claim_id, "version": claim.version, "line_no": line.line_no,
            "line_control": line.line_control, "dos_from": line.dos, "dos_to": line.dos, "code": line.code,
            "units": line.units, "charge": line.charge, "ndc11": line.ndc11, "ndc_qty": line.ndc_qty,
            "ndc_uom": line.ndc_uom, "noc_text": line.noc_text, "rendering_npi": line.rendering_npi,
            "encounter_id": line.encounter_id, "administration_id": line.administration_id,
        }  # fmt: skip
        row |= {f"mod{number}": modifier for number, modifier in enumerate(line.mods, 1)}
        return row | {f"dx_ptr{number}": pointer for number, pointer in enumerate(line.dx_ptrs, 1)}
