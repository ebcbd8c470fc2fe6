"""Records as the rows an export shows: without ``clinic_id``, which every row of a file shares."""

from datetime import datetime, timedelta

from ketaclaims.simulate.model import (
    Administration,
    Claim,
    Clinic,
    Encounter,
    Line,
    PriorAuth,
    Row,
)

RECEIVED_AFTER = timedelta(hours=20)


def encounter_row(clinic: Clinic, seen: Encounter) -> Row:
    """One visit."""
    return {
        "encounter_id": seen.encounter_id, "patient_id": seen.patient_id,
        "site_id": seen.site_id or clinic.site_id, "rendering_npi": seen.rendering_npi,
        "supervising_npi": seen.supervising_npi, "start_at": seen.start_at, "end_at": seen.end_at,
        "mode": seen.mode, "patient_state": seen.patient_state, "visit_type": seen.visit_type,
        "status": seen.status, "new_patient": seen.new_patient, "note_id": f"N{seen.encounter_id[1:]}",
        "signed_at": seen.signed_at, "amended_at": seen.amended_at, "em_basis": seen.em_basis or None,
        "em_minutes": seen.em_minutes, "supervisor_on_site": seen.supervisor_on_site, "group_id": "G1",
        "specialty": seen.specialty, "scheduled_at": seen.scheduled_at,
    }  # fmt: skip


def administration_row(given: Administration) -> Row:
    """One drug given."""
    return {
        "administration_id": given.administration_id, "encounter_id": given.encounter_id,
        "drug": given.drug, "route": given.route, "dose_mg": given.dose_mg, "weight_kg": given.weight_kg,
        "wasted_mg": given.wasted_mg, "ndc11": given.ndc11, "lot": given.lot,
        "container_type": given.container_type, "acquisition": given.acquisition,
        "start_at": given.start_at, "stop_at": given.stop_at, "last_device_at": given.last_device_at,
        "discharged_at": given.discharged_at, "status": given.status, "given_by": given.given_by,
        "strength_mg_per_ml": given.strength_mg_per_ml, "container_count": given.container_count,
        "ordering_npi": given.ordering_npi,
    }  # fmt: skip


def prior_auth_row(authorisation: PriorAuth, version: int) -> Row:
    """Version 1 as asked for, 2 as decided, 3 as amended afterwards."""
    codes = authorisation.codes if version == 3 else authorisation.first_codes or authorisation.codes
    row: Row = {
        "pa_id": authorisation.pa_id, "version": version, "patient_id": authorisation.patient_id,
        "payer_id": authorisation.payer_id, "drug": authorisation.drug, "codes": ";".join(codes),
        "status": "pended" if authorisation.status == "pended" else "submitted",
        "submitted_at": authorisation.submitted_at, "npi": authorisation.npi,
        "site_id": authorisation.site_id, "indication": authorisation.indication,
        "expedited": authorisation.expedited,
    }  # fmt: skip
    if version > 1:
        row |= {"status": authorisation.status, "decided_at": authorisation.decided_at}
        if authorisation.is_decided:
            row |= {
                "pa_number": authorisation.pa_number, "valid_from": authorisation.valid_from,
                "valid_to": authorisation.valid_to, "units_approved": authorisation.units_approved,
                "unit_basis": authorisation.unit_basis,
            }  # fmt: skip
    return row


def claim_row(clinic: Clinic, claim: Claim, status: str, moment: datetime) -> Row:
    """One claim as it stood at that moment."""
    is_sent = not claim.superseded and claim.submitted_at <= moment
    received = claim.submitted_at + RECEIVED_AFTER
    row: Row = {
        "claim_id": claim.claim_id, "version": claim.version, "pcn": claim.pcn,
        "patient_id": claim.patient.patient_id, "coverage_id": claim.patient.coverage_id,
        "billing_npi": claim.billing_npi, "rendering_npi": claim.rendering_npi, "site_id": claim.site_id,
        "pos": claim.pos, "frequency": claim.frequency, "original_icn": claim.original_icn,
        "pa_number": claim.pa_number, "total_charge": claim.total_charge, "created_at": claim.created_at,
        "submitted_at": claim.submitted_at if is_sent else None,
        "payer_received_at": received if is_sent and received <= moment else None,
        "status": status, "claim_type": claim.claim_type, "primary_eob_on": claim.primary_eob_on,
    }  # fmt: skip
    for number, code in enumerate(claim.dx, 1):
        row[f"dx{number}"] = code
    return row


def line_row(claim: Claim, line: Line) -> Row:
    """One claim line."""
    row: Row = {
        "claim_id": claim.claim_id, "version": claim.version, "line_no": line.line_no,
        "line_control": line.line_control, "dos_from": line.dos, "dos_to": line.dos, "code": line.code,
        "units": line.units, "charge": line.charge, "rev_code": line.rev_code, "ndc11": line.ndc11,
        "ndc_qty": line.ndc_qty, "ndc_uom": line.ndc_uom, "noc_text": line.noc_text,
        "rendering_npi": line.rendering_npi, "encounter_id": line.encounter_id,
        "administration_id": line.administration_id, "ndc_qualifier": line.ndc_qualifier,
    }  # fmt: skip
    for number, modifier in enumerate(line.mods, 1):
        row[f"mod{number}"] = modifier
    for number, pointer in enumerate(line.dx_ptrs, 1):
        row[f"dx_ptr{number}"] = pointer
    return row
