"""One export as a clinic of several products hands it over: vendor reports, and canonical CSV for the rest.

A row goes into a vendor report that says all it says, or else into canonical CSV; what a report leaves out
of every row (minutes of E/M, group, specialty; who scored; time of day a claim was written) is lost.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ketaclaims.simulate.delivery import vendor_billing as billing
from ketaclaims.simulate.delivery.forms import Forms
from ketaclaims.simulate.delivery.vendor_sessions import sessions
from ketaclaims.simulate.model import Cell, Patient, Row
from ketaclaims.simulate.reference import Payer

Tables = Mapping[str, Sequence[Row]]
SESSION_IDS = ("Session ID", "Administration ID", "Patient ID")
CHARGE_IDS = ("Claim ID", "Patient ID", "Encounter ID", "Patient Control Number", "Line Control Number")
PAYMENT_IDS = ("Transaction ID", "Client ID")


@dataclass(frozen=True, slots=True)
class Report:
    """One CSV report: rows by header.

    ``ids``: columns a row is known by; ``money``: the column a totals row sums; ``has_footers``: whether the
    product ends its reports with totals and a line about itself.
    """

    name: str
    rows: Sequence[Mapping[str, str]]
    ids: tuple[str, ...]
    money: str = ""
    has_footers: bool = False
    has_names: bool = False


@dataclass
class Desk:
    """What the front office of one clinic remembers: lines of claims, shown again when a claim changes."""

    people: Mapping[str, Patient]
    payers: Mapping[str, Payer]
    lines: dict[tuple[Cell, Cell], list[Row]] = field(default_factory=dict)

    def reports(self, tables: Tables, forms: Forms, billing_forms: Forms) -> tuple[list[Report], Tables]:
        """The vendor reports of one export, and the tables that stay canonical; PAs go by spreadsheet."""
        for line in tables.get("claim_line", ()):
            self.lines.setdefault((line["claim_id"], line["version"]), []).append(line)
        seen = sessions(tables, self.people, forms)
        plain, enrolled = _split(tables["patient"], billing.DEMOGRAPHICS)
        charges = billing.charges(tables.get("claim", ()), self.lines, self.people, billing_forms)
        persons = billing.demographics(plain, self.people, forms)
        policies = billing.insurances(tables["coverage"], self.payers, forms)
        payments = billing.transactions(tables.get("patient_payment", ()), self.people, forms)
        reports = [
            Report("sessions", seen.rows, SESSION_IDS, has_footers=True, has_names=True),
            Report("charges", [*charges], CHARGE_IDS, "Total Charges", has_footers=True, has_names=True),
            Report("transactions", [*payments], PAYMENT_IDS, "Amount", has_footers=True, has_names=True),
            Report("demographics", [*persons], ("id",), has_names=True),
            Report("insurances", [*policies], ("id",)),
        ]
        gone = ("administration", "claim", "claim_line", "patient_payment", "coverage", "prior_auth")
        rest: dict[str, Sequence[Row]] = {name: rows for name, rows in tables.items() if name not in gone}
        rest |= {"patient": enrolled, "encounter": seen.encounters, "observation": seen.observations}
        return [report for report in reports if report.rows], rest


def _split(rows: Iterable[Row], columns: Sequence[str]) -> tuple[list[Row], list[Row]]:
    """Rows that say nothing beyond those columns, and the others."""
    whole: list[Row] = []
    more: list[Row] = []
    for row in rows:
        says = {name for name, value in row.items() if value not in (None, "")}
        (whole if says <= set(columns) else more).append(row)
    return whole, more
