"""What the rules say of charges that are not sent yet: read from the marts, told by claim."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

import duckdb

from ketaclaims.errors import KetaclaimsError
from ketaclaims.publish.database import open_warehouse
from ketaclaims.settings import Settings

# One row per open finding on charges not sent. An encounter belongs to the claim that bills it; one that no
# claim or several bill, and a PA, have no claim_id.
BEFORE_SUBMISSION = """
    select
        findings.clinic_id, claims.claim_id, lines.line_number, claims.patient_control_number,
        findings.subject, findings.subject_key, findings.rule_id, findings.rule_code, findings.rule_title,
        findings.severity, findings.finding_status, findings.evidence, findings.remediation, findings.owner,
        coalesce(payers.payer_name, findings.payer_id) as payer, findings.service_date,
        findings.procedure_code, coalesce(findings.at_stake_amount, 0) as at_stake_amount,
        coalesce(
            sum(findings.at_stake_amount) over (
                partition by findings.clinic_id, coalesce(claims.claim_id, findings.subject_key)
            ), 0
        ) as claim_at_stake_amount,
        findings.finding_id
    from marts.fct_coding_findings as findings
    left join (
        select encounter_key, min(claim_key) as claim_key
        from marts.fct_claim_lines
        group by encounter_key
        having count(distinct claim_key) = 1
    ) as visits on findings.encounter_key = visits.encounter_key
    left join marts.fct_claims as claims on coalesce(findings.claim_key, visits.claim_key) = claims.claim_key
    left join marts.fct_claim_lines as lines on findings.claim_line_key = lines.claim_line_key
    left join marts.dim_payers as payers on findings.payer_id = payers.payer_id
    where
        findings.moment = 'before_submission'
        and findings.finding_status in ('fail', 'not_evaluable')
"""


class ToFix(NamedTuple):
    """One open finding on charges not sent yet; the fields are the columns of ``ketaclaims check``."""

    clinic_id: str
    claim_id: str | None
    line_number: int | None
    subject: str
    subject_key: str
    service_date: date | None
    procedure_code: str | None
    rule_id: str
    rule_title: str
    severity: str
    status: str  # fail | not_evaluable
    evidence: str | None
    remediation: str
    at_stake_amount: Decimal
    finding_id: str


COLUMNS = ToFix._fields


class Place(NamedTuple):
    """A claim, or a record on no claim, with what to fix on it."""

    title: str
    rows: Sequence[ToFix]


@dataclass(frozen=True, slots=True)
class Check:
    """All open findings before submission; money counts once per record."""

    rows: tuple[ToFix, ...]

    @property
    def failing(self) -> tuple[ToFix, ...]:
        """Those that break a rule."""
        return tuple(row for row in self.rows if row.status == "fail")

    @property
    def fail_count(self) -> int:
        """How many must be fixed."""
        return len(self.failing)

    @property
    def places(self) -> list[Place]:
        """What to fix, claim by claim, in the order of the rows."""
        grouped = groupby(self.failing, key=lambda row: (row.clinic_id, row.claim_id or row.subject_key))
        return [_place(list(rows)) for _, rows in grouped]

    @property
    def summary(self) -> str:
        """Counts and dollars in words."""
        unknown = len(self.rows) - self.fail_count
        asked = f"{unknown} checks lack an input (--format csv names it); that is no pass." if unknown else ""
        if not self.failing:
            return f"Nothing to fix before submission. {asked}".strip()
        claims = len({(row.clinic_id, row.claim_id) for row in self.failing if row.claim_id is not None})
        money = sum((row.at_stake_amount for row in self.failing), Decimal(0))
        found = f"{self.fail_count} to fix on {claims} claims, {money:,.2f} USD at stake."
        return f"{found} {asked}".strip()


def _place(rows: list[ToFix]) -> Place:
    first, money = rows[0], sum((row.at_stake_amount for row in rows), Decimal(0))
    name = f"claim {first.claim_id}" if first.claim_id else f"{first.subject} {first.subject_key}"
    return Place(f"{first.clinic_id}, {name}: {money:,.2f} USD at stake", rows)


def before_submission(settings: Settings, clinic_id: str | None) -> Check:
    """Open, not waived findings on charges not sent, as of the last run; failing claims first, dearest first.

    Raises NO_WAREHOUSE, WAREHOUSE_BUSY, and WAREHOUSE_INCOMPLETE before the marts exist.
    """
    names = ", ".join("finding_status" if name == "status" else name for name in COLUMNS)
    sql = f"""
        select {names}
        from ({BEFORE_SUBMISSION})
        where clinic_id = $clinic_id or $clinic_id is null
        order by
            finding_status, claim_at_stake_amount desc, clinic_id, coalesce(claim_id, subject_key),
            at_stake_amount desc, line_number nulls first, rule_id, finding_id
    """
    with open_warehouse(settings.warehouse_file) as con:
        try:
            rows = con.execute(sql, {"clinic_id": clinic_id}).fetchall()
        except duckdb.Error as error:  # its message could quote data
            raise KetaclaimsError(
                "WAREHOUSE_INCOMPLETE",
                f"{type(error).__name__}: the marts are missing or of another version",
                where=str(settings.warehouse_file),
                next_step="Run the pipeline to its end, then ask again.",
            ) from None
    return Check(tuple(ToFix(*row) for row in rows))
