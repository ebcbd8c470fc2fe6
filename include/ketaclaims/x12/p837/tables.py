"""The tables an 837P becomes: one Arrow schema each, the contract with the dbt sources.

Keys: positions counted from 1 within the file (``st_index``), the transaction (``claim_index``: CLM), the
claim (``line_index``: LX; ``other_payer_index``: SBR of loop 2320) and the line (``adjudication_index``:
SVD). Amounts are exact; one that could not be read is null, its text stays in ``billed_segment_other`` and
an issue row names it. Text is as sent, trimmed. Every segment is wholly in one typed row, or its text is in
``billed_segment_other``: so the file can be put together again.
"""

import pyarrow as pa

AMOUNT = pa.decimal128(18, 2)
QUANTITY = pa.decimal128(18, 3)
T, I, D = pa.string(), pa.int32(), pa.date32()  # noqa: E741 - a legend read beside its columns


def _schema(**columns: pa.DataType) -> pa.Schema:
    head: list[pa.Field] = [
        pa.field("_file_sha256", T),
        pa.field("_commit_id", T),
        pa.field("_segment_number", pa.int64()),
    ]
    return pa.schema(head + [pa.field(name, kind) for name, kind in columns.items()])


ST = {"st_index": I}
CLAIM = {**ST, "claim_index": I}
LINE = {**CLAIM, "line_index": I}  # null line_index: the row belongs to the claim; null claim_index: above it
PLACE = {**LINE, "other_payer_index": I, "loop_id": T}  # loop of the guide, e.g. 2310B
MODIFIERS = {f"modifier_{number}": T for number in range(1, 5)}
POINTERS = {f"diagnosis_pointer_{number}": T for number in range(1, 5)}
REPRICING = {
    "repricing_method_code": T,  # HCP01
    "repriced_allowed_amount": AMOUNT,  # HCP02
    "repriced_saving_amount": AMOUNT,  # HCP03
    "repricing_organization_id": T,  # HCP04
}

BILLED_TABLES: dict[str, pa.Schema] = {
    # one row per ST: one batch of claims
    "billed_transaction": _schema(
        **ST,
        interchange_index=I,
        isa_control_number=T,
        isa_sender_id=T,
        isa_receiver_id=T,
        usage_indicator=T,  # ISA15
        gs_version=T,  # GS08
        st_control_number=T,
        purpose_code=T,  # BHT02: 00 original, 18 reissue
        batch_reference=T,  # BHT03
        transaction_date=D,  # BHT04
        transaction_time=T,  # BHT05
        transaction_type_code=T,  # BHT06: CH chargeable, RP reporting, 31 subrogation
        submitter_name=T,
        submitter_id=T,  # NM1*41
        receiver_name=T,
        receiver_id=T,  # NM1*40
        claim_count=I,
        line_count=I,
        charge_amount=AMOUNT,  # sum CLM02
        line_charge_amount=AMOUNT,  # sum SV102
        transaction_status=T,  # loaded | warned
        segment_count=I,
    ),
    # one row per CLM, with what its billing provider, subscriber and patient loops say
    "billed_claim": _schema(
        **CLAIM,
        billing_provider_npi=T,  # 2010AA NM109 where XX
        billing_provider_name=T,
        billing_provider_tax_id=T,  # REF*EI, else REF*SY
        billing_provider_taxonomy=T,  # PRV*BI
        pay_to_name=T,  # 2010AB
        pay_to_address=T,
        pay_to_postal_code=T,
        pay_to_plan_id=T,  # 2010AC
        payer_name=T,
        payer_id=T,  # 2010BB NM109
        payer_id_qualifier=T,
        payer_id_additional=T,  # 2010BB REF*2U
        payer_responsibility_code=T,  # SBR01: P, S, T, ...
        relationship_code=T,  # SBR02, of a dependent PAT01
        insurance_group_id=T,  # SBR03
        insurance_group_name=T,  # SBR04
        insurance_type_code=T,  # SBR05
        filing_indicator_code=T,  # SBR09
        subscriber_last_name=T,
        subscriber_first_name=T,
        subscriber_member_id=T,  # 2010BA NM109
        subscriber_birth_date=D,
        subscriber_sex=T,
        patient_level=T,  # subscriber: the patient is the insured; dependent: loop 2000C
        patient_last_name=T,
        patient_first_name=T,
        patient_birth_date=D,
        patient_sex=T,
        patient_state=T,
        patient_control_number=T,  # CLM01
        charge_amount=AMOUNT,  # CLM02
        place_of_service_code=T,  # CLM05-1
        facility_qualifier=T,  # CLM05-2
        frequency_code=T,  # CLM05-3
        provider_signature_code=T,  # CLM06
        assignment_code=T,  # CLM07
        benefits_assignment_code=T,  # CLM08
        release_code=T,  # CLM09
        patient_signature_code=T,  # CLM10
        related_causes=T,  # CLM11 as sent
        special_program_code=T,  # CLM12
        delay_reason_code=T,  # CLM20
        prior_authorization_number=T,  # REF*G1
        referral_number=T,  # REF*9F
        original_reference_number=T,  # REF*F8, the payer's number of the claim replaced
        clearinghouse_number=T,  # REF*D9
        repriced_claim_number=T,  # REF*9A
        medical_record_number=T,  # REF*EA
        rendering_npi=T,
        rendering_name=T,
        rendering_taxonomy=T,
        referring_npi=T,
        supervising_npi=T,
        service_facility_npi=T,
        service_facility_name=T,
        service_from_date=D,  # earliest of the lines
        service_to_date=D,  # latest of the lines
        onset_date=D,  # DTP*431
        patient_paid_amount=AMOUNT,  # AMT*F5
        **REPRICING,
        diagnosis_count=I,
        line_count=I,
        other_payer_count=I,
        line_charge_amount=AMOUNT,  # sum SV102, null without lines
        unexplained_amount=AMOUNT,  # CLM02 - sum SV102, null where one is unreadable
    ),
    # one row per LX
    "billed_claim_line": _schema(
        **LINE,
        line_number=T,  # LX01
        line_control_number=T,  # REF*6R
        procedure_qualifier=T,
        procedure_code=T,
        **MODIFIERS,
        noc_text=T,  # SV101-7
        charge_amount=AMOUNT,
        unit_code=T,  # SV103: UN, MJ
        billed_units=QUANTITY,
        place_of_service_code=T,  # SV105
        **POINTERS,  # SV107
        emergency_indicator=T,  # SV109
        epsdt_indicator=T,  # SV111
        family_planning_indicator=T,  # SV112
        copay_status_code=T,  # SV115
        service_from_date=D,  # DTP*472
        service_to_date=D,
        prior_authorization_number=T,  # REF*G1 of the line
        referral_number=T,
        ndc=T,  # LIN*N4 as sent
        ndc_quantity=QUANTITY,  # CTP04
        ndc_unit_code=T,  # CTP05-1
        prescription_number=T,  # REF*XZ
        rendering_npi=T,
        rendering_taxonomy=T,
        ordering_npi=T,
        referring_npi=T,
        supervising_npi=T,
        service_facility_npi=T,
        sales_tax_amount=AMOUNT,  # AMT*T
        **REPRICING,
        repriced_procedure_code=T,  # HCP10
        adjudication_count=I,
        other_payer_paid_amount=AMOUNT,  # sum SVD02, null without SVD
    ),
    # one row per diagnosis of an HI with ABK, ABF, BK or BF; position runs over all HI of the claim
    "billed_diagnosis": _schema(**CLAIM, position=I, qualifier=T, diagnosis_code=T, code_as_sent=T),
    # one row per SBR of loop 2320: another payer of the claim and what it did
    "billed_other_payer": _schema(
        **CLAIM,
        other_payer_index=I,
        payer_responsibility_code=T,
        relationship_code=T,
        insurance_group_id=T,
        insurance_group_name=T,
        insurance_type_code=T,
        filing_indicator_code=T,
        subscriber_last_name=T,
        subscriber_first_name=T,
        subscriber_member_id=T,
        payer_name=T,
        payer_id=T,
        payer_claim_control_number=T,  # 2330B REF*F8
        prior_authorization_number=T,  # 2330B REF*G1
        adjudicated_date=D,  # DTP*573
        paid_amount=AMOUNT,  # AMT*D
        noncovered_amount=AMOUNT,  # AMT*A8
        patient_liability_amount=AMOUNT,  # AMT*EAF
        claim_adjustment_amount=AMOUNT,  # sum of its claim-level CAS
    ),
    # one row per SVD: what another payer did with a line
    "billed_line_adjudication": _schema(
        **LINE,
        adjudication_index=I,
        payer_id=T,  # SVD01
        paid_amount=AMOUNT,
        procedure_qualifier=T,
        procedure_code=T,
        **MODIFIERS,
        description=T,  # SVD03-7
        paid_units=QUANTITY,  # SVD05
        bundled_line_number=T,  # SVD06
        adjudicated_date=D,  # DTP*573
        adjustment_amount=AMOUNT,  # sum of its CAS
        unexplained_amount=AMOUNT,  # SV102 - CAS - SVD02; null where bundled or unreadable
    ),
    # one row per CAS triplet of another payer
    "billed_adjustment": _schema(
        **LINE,
        other_payer_index=I,
        adjudication_index=I,
        level=T,  # claim | line
        sequence=I,
        group_code=T,
        carc=T,
        adjustment_amount=AMOUNT,
        adjustment_quantity=QUANTITY,
    ),
    "billed_reference": _schema(**PLACE, qualifier=T, reference_id=T, description=T),
    "billed_date": _schema(**PLACE, qualifier=T, date_format=T, from_date=D, to_date=D, date_text=T),
    "billed_amount": _schema(**PLACE, qualifier=T, amount=AMOUNT),
    "billed_party": _schema(
        **PLACE,
        entity_code=T,
        entity_type_code=T,  # NM102: 1 person, 2 organisation
        name_last_or_org=T,
        name_first=T,
        name_middle=T,
        name_prefix=T,
        name_suffix=T,
        id_qualifier=T,
        party_id=T,
    ),
    "billed_note": _schema(**PLACE, note_code=T, note_text=T),
    # one row per diagnostic; message never holds content
    "billed_issue": _schema(**LINE, code=T, severity=T, element=T, byte_offset=pa.int64(), message=T),
    # one row per segment not wholly held by the tables above, in order
    "billed_segment_other": _schema(**LINE, segment_id=T, segment_text=T),
}


def columns_of(table: str) -> tuple[str, ...]:
    """Columns of a table after the lineage and the segment number."""
    return tuple(BILLED_TABLES[table].names[3:])
