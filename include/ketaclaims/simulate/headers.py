"""Headers of the canonical exports, typed here from the fact base (EHR exports, section 5)."""

_COLUMNS = {
    "patient": """
        patient_id birth_date sex state rems_patient_id rems_enrolled_on deceased_on
    """,
    "coverage": """
        coverage_id patient_id payer_id line_of_business member_id group_id priority eff_from eff_to
        behavioral_carveout
    """,
    "provider": """
        npi type taxonomy name
    """,
    "provider_credential": """
        npi kind number state payer_id schedule_iii eff_from eff_to
    """,
    "site": """
        site_id npi pos_default state timezone rems_site_id rems_from rems_to ownership
    """,
    "encounter": """
        encounter_id patient_id site_id rendering_npi supervising_npi start_at end_at mode
        patient_state visit_type status new_patient note_id signed_at amended_at em_basis em_minutes
        supervisor_on_site group_id specialty scheduled_at
    """,
    "administration": """
        administration_id encounter_id drug route dose_mg weight_kg wasted_mg ndc11 lot
        container_type acquisition start_at stop_at last_device_at discharged_at status given_by
        strength_mg_per_ml container_count ordering_npi
    """,
    "observation": """
        observation_id patient_id encounter_id kind instrument item_count value_num sbp dbp taken_at
        scored_by
    """,
    "medication_trial": """
        trial_id patient_id drug class max_dose_mg start_on stop_on weeks episode_no augmentation
        outcome improvement_pct source evidence_ref
    """,
    "prior_auth": """
        pa_id version patient_id payer_id pa_number drug codes status submitted_at decided_at
        valid_from valid_to units_approved unit_basis npi site_id indication expedited
    """,
    "claim": """
        claim_id version pcn patient_id coverage_id billing_npi rendering_npi site_id pos frequency
        original_icn pa_number dx1 dx2 dx3 dx4 dx5 dx6 dx7 dx8 dx9 dx10 dx11 dx12 total_charge
        created_at submitted_at payer_received_at status claim_type primary_eob_on
    """,
    "claim_line": """
        claim_id version line_no line_control dos_from dos_to code mod1 mod2 mod3 mod4 units charge
        dx_ptr1 dx_ptr2 dx_ptr3 dx_ptr4 rev_code ndc11 ndc_qty ndc_uom noc_text rendering_npi
        encounter_id administration_id ndc_qualifier
    """,
    "time_log": """
        time_id encounter_id npi activity start_at end_at minutes patient_id service_month
    """,
    "payer_policy": """
        payer_id line_of_business parameter value valid_from valid_to recorded_at source confidence
    """,
    "fee_schedule": """
        payer_id lob code mod pos eff_from eff_to allowed charge
    """,
    "rems_form": """
        encounter_id submitted_at form_type
    """,
    "notice": """
        patient_id type signed_on
    """,
    "patient_payment": """
        payment_id patient_id claim_id paid_on amount kind method
    """,
    "payer_config": """
        payer_id lob eff_from esketamine_model pa_required pa_crosswalk trd_n trial_weeks distinct_classes
        needs_oral_ad covered_dx iv_ketamine_covered ndc_required ndc_uom_esketamine timely_days appeal_days
        telehealth_mod mod_jz_required eff_to
    """,
    "bank_deposit": """
        deposit_id deposited_on amount trace payee
    """,
    "benefit_check": """
        check_id patient_id coverage_id payer_id verified_on drug plan_active network_status pa_required
        deductible_left out_of_pocket_left copay coinsurance_pct reference
    """,
    "appeal": """
        appeal_id claim_id line_no level sent_on decided_on outcome requested_amount recovered_amount reason
    """,
    "cash_sale": """
        sale_id patient_id package_id kind sold_on sessions amount encounter_id superbill_given
    """,
    "superbill": """
        superbill_id patient_id encounter_id given_on service_on billing_npi rendering_npi tax_id pos dx codes
        charge paid
    """,
    "superbill_outcome": """
        superbill_id patient_id sent_on decided_on outcome reimbursed_amount reason
    """,
    "session_documentation": """
        encounter_id has_indication has_history has_vitals has_dose_mg_per_kg has_rate has_duration
        has_dissociation has_status_after has_plan has_high_bp_note em_note_id em_note_overlap_pct
    """,
    "prescription": """
        prescription_id patient_id encounter_id prescriber_npi drug route prescribed_on is_for_home
    """,
    "diagnosis": """
        diagnosis_id patient_id encounter_id code code_system rank status onset_on abated_on recorded_on
    """,
    "patient_merge": """
        patient_id surviving_patient_id merged_on
    """,
}
HEADERS: dict[str, tuple[str, ...]] = {
    table: ("clinic_id", *columns.split()) for table, columns in _COLUMNS.items()
}
SNAPSHOTS = (
    "patient", "coverage", "payer_config", "provider", "provider_credential", "site", "payer_policy",
    "fee_schedule", "diagnosis", "patient_merge",
)  # fmt: skip
DATED = (
    "observation", "medication_trial", "time_log", "rems_form", "notice", "patient_payment", "bank_deposit",
    "benefit_check", "appeal", "cash_sale", "superbill", "superbill_outcome", "session_documentation",
    "prescription",
)  # fmt: skip
