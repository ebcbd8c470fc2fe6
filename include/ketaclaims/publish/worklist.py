"""Private work lists: what to do next, with the identifiers a biller needs to find the claim or the PA.

They come from the marts of the private warehouse, so they are private files; they are never published.
"""

import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb

from ketaclaims.errors import KetaclaimsError
from ketaclaims.publish.check import BEFORE_SUBMISSION
from ketaclaims.publish.database import open_warehouse
from ketaclaims.publish.output import write_csv
from ketaclaims.settings import Settings

# what each list is worked by: the most money, or the nearest end, first
QUERIES = {
    "denials": """
        select
            denials.clinic_id, claims.claim_id, denials.patient_control_number,
            denials.payer_claim_control_number,
            coalesce(payers.payer_name, denials.payer_id) as payer, denials.service_date,
            denials.procedure_code, denials.denied_date, denials.denial_extent, denials.group_code,
            denials.carc, denials.carc_desc, denials.first_rarc, denials.charge_amount,
            denials.denial_amount, denials.appealability, denials.recommended_action
        from marts.fct_denials as denials
        left join marts.fct_claims as claims on denials.claim_key = claims.claim_key
        left join marts.dim_payers as payers on denials.payer_key = payers.payer_key
        order by denials.denial_amount desc, denials.denied_date, denials.denial_key
    """,
    "prior-auths": """
        select
            auths.clinic_id, auths.prior_auth_id, auths.prior_authorization_number,
            coalesce(payers.payer_name, auths.payer_id) as payer, auths.drug_name,
            auths.prior_auth_status, auths.coverage_state, auths.valid_from_date,
            auths.valid_to_date, auths.days_left, auths.approved_units, auths.used_units,
            auths.units_left, auths.unit_basis_code, auths.last_use_date
        from marts.fct_prior_auths as auths
        left join marts.dim_payers as payers on auths.payer_key = payers.payer_key
        where auths.coverage_state in ('running', 'used_up', 'not_started')
        order by auths.valid_to_date, auths.units_left nulls last, auths.prior_auth_key
    """,
    "findings": """
        select
            findings.clinic_id, findings.rule_code, findings.rule_title, findings.severity,
            findings.finding_status, findings.subject, findings.subject_key,
            coalesce(payers.payer_name, findings.payer_id) as payer, findings.service_date,
            findings.procedure_code, findings.at_stake_amount, findings.evidence,
            findings.remediation, findings.owner, findings.first_seen_at, findings.finding_id
        from marts.fct_coding_findings as findings
        left join marts.dim_payers as payers on findings.payer_id = payers.payer_id
        where findings.finding_status in ('fail', 'not_evaluable')
        order by findings.finding_status, findings.at_stake_amount desc nulls last, findings.finding_id
    """,
    "scrub": f"""
        select
            findings.clinic_id, findings.claim_id, findings.line_number, findings.patient_control_number,
            findings.subject, findings.subject_key, findings.payer, findings.service_date,
            findings.procedure_code, findings.rule_code, findings.rule_title, findings.severity,
            findings.finding_status, findings.evidence, findings.remediation, findings.owner,
            findings.at_stake_amount, findings.finding_id
        from ({BEFORE_SUBMISSION}) as findings
        order by findings.finding_status, findings.claim_at_stake_amount desc, findings.claim_id nulls last,
            findings.at_stake_amount desc, findings.line_number nulls first, findings.finding_id
    """,
    "unmatched-remits": """
        select
            remits.clinic_id, coalesce(payers.payer_name, remits.payer_id) as payer, remits.trace_number,
            remits.event_date as payment_date, remits.patient_control_number,
            remits.payer_claim_control_number, claims.claim_id, remits.unmatched_level,
            remits.unmatched_reason, remits.procedure_code, remits.service_date, remits.charge_amount,
            remits.paid_amount, remits.next_step
        from marts.fct_unmatched_remits as remits
        left join marts.fct_claims as claims on remits.claim_key = claims.claim_key
        left join marts.dim_payers as payers on remits.payer_key = payers.payer_key
        order by abs(remits.paid_amount) desc, abs(remits.charge_amount) desc, remits.unmatched_remit_key
    """,
    "reversals": """
        select
            chains.clinic_id, coalesce(payers.payer_name, chains.payer_id) as payer, claims.claim_id,
            chains.patient_control_number, chains.payer_claim_control_number, chains.trace_number,
            chains.event_date as payment_date, chains.chain_role, chains.net_charge_amount,
            chains.net_paid_amount, chains.net_adjustment_amount, chains.next_step
        from marts.fct_remit_chains as chains
        left join marts.fct_claims as claims on chains.claim_key = claims.claim_key
        left join marts.dim_payers as payers on chains.payer_key = payers.payer_key
        where chains.chain_role in ('orphan_reversal', 'mismatched_reversal')
        order by abs(chains.net_paid_amount) desc, chains.remit_claim_key
    """,
    "deposits": """
        select
            deposits.clinic_id, coalesce(payers.payer_name, deposits.payer_id) as payer,
            deposits.trace_number, deposits.deposit_id, deposits.payment_date, deposits.deposited_date,
            deposits.payment_amount, deposits.deposit_amount, deposits.trace_difference_amount,
            deposits.days_to_deposit, deposits.deposit_state, deposits.next_step
        from marts.fct_deposits as deposits
        left join marts.dim_payers as payers on deposits.payer_key = payers.payer_key
        where deposits.deposit_state not in ('matched', 'awaited', 'not_evaluable')
        order by coalesce(deposits.payment_amount, deposits.deposit_amount) desc, deposits.deposit_match_key
    """,
    "provider-ledger": """
        select
            ledger.clinic_id, coalesce(payers.payer_name, ledger.payer_id) as payer, ledger.payee_npi,
            ledger.trace_number, ledger.payment_date, ledger.provider_adjustment_code, ledger.reason_label,
            ledger.provider_adjustment_amount, ledger.payment_effect, ledger.is_usual_effect,
            ledger.provider_adjustment_reference_number, ledger.reference_kind, claims.claim_id,
            ledger.open_balance_amount, ledger.chain_open_amount, ledger.recommended_action
        from marts.fct_provider_ledger as ledger
        left join marts.fct_claims as claims on ledger.claim_key = claims.claim_key
        left join marts.dim_payers as payers on ledger.payer_key = payers.payer_key
        order by payer, ledger.payee_npi, ledger.payment_date, ledger.trace_number, ledger.payment_key,
            ledger.entry_sequence
    """,
}


def write_worklist(settings: Settings, name: str, out: Path) -> int:
    """Write one list (a key of QUERIES) as CSV, 0600, replacing ``out`` whole; returns its number of rows.

    Raises WAREHOUSE_BUSY while the warehouse is being written, WAREHOUSE_INCOMPLETE before the marts exist,
    and when the folder of ``out`` cannot be written.
    """
    with open_warehouse(settings.warehouse_file) as con:
        try:
            cursor = con.execute(QUERIES[name])
            rows = cursor.fetchall()
        except duckdb.Error as error:  # its message could quote data
            raise KetaclaimsError(
                "WAREHOUSE_INCOMPLETE",
                f"{type(error).__name__}: the marts of this list are missing or of another version",
                where=str(settings.warehouse_file),
                next_step="Run the pipeline to its end, then ask again.",
            ) from None
        columns = [column[0] for column in cursor.description or ()]
    write_private_csv(out, columns, rows)
    return len(rows)


def write_private_csv(out: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write a CSV readable by this user only, replacing ``out`` whole. Raises CANNOT_WRITE."""
    try:
        descriptor, temporary = tempfile.mkstemp(dir=out.absolute().parent, prefix=f".{out.name}.")  # 0600
        try:
            with os.fdopen(descriptor, "w", newline="") as file:
                write_csv(file, columns, rows)
            Path(temporary).replace(out)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError as error:
        raise KetaclaimsError(
            "CANNOT_WRITE",
            error.strerror or "write failed",
            where=str(out),
            next_step="Choose another --out.",
        ) from None
