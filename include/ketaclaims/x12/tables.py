"""The tables an 835 becomes (design 4.3): one Arrow schema each, the contract with the dbt sources.

Keys: a row is found by (``_file_sha256``, ``st_index``, ``claim_index``, ``line_index``, ...): positions,
counted from 1 within the file (``st_index``), the transaction (``claim_index``) and the claim
(``line_index``). Amounts are exact; an amount that could not be read is null, its text stays in
``remit_segment_other`` and an issue row names it. Text is as sent, trimmed.
"""

import pyarrow as pa

AMOUNT = pa.decimal128(18, 2)
QUANTITY = pa.decimal128(18, 3)
T, I, D, B = pa.string(), pa.int32(), pa.date32(), pa.bool_()  # noqa: E741 - a legend read beside its columns


def _schema(**columns: pa.DataType) -> pa.Schema:
    head: list[pa.Field] = [
        pa.field("_file_sha256", T),
        pa.field("_commit_id", T),
        pa.field("_segment_number", pa.int64()),
    ]
    return pa.schema(head + [pa.field(name, kind) for name, kind in columns.items()])


ST = {"st_index": I}
CLAIM = {**ST, "claim_index": I}
LINE = {
    **CLAIM,
    "line_index": I,
}  # null line_index: the row belongs to the claim; null claim_index: to the payment

REMIT_TABLES: dict[str, pa.Schema] = {
    # one row per ST: one payment of one payer to one payee
    "remittance": _schema(
        **ST,
        interchange_index=I,  # which ISA of the file
        isa_control_number=T,
        isa_sender_id=T,
        isa_receiver_id=T,
        usage_indicator=T,  # ISA15
        gs_version=T,  # GS08
        st_control_number=T,
        handling_code=T,  # BPR01
        payment_amount=AMOUNT,  # BPR02
        credit_debit_code=T,  # BPR03
        payment_method_code=T,  # BPR04
        payment_date=D,  # BPR16
        trace_number=T,  # TRN02
        originator_id=T,  # TRN03
        currency_code=T,
        production_date=D,  # DTM*405
        payer_name=T,
        payer_id=T,  # N1*PR04, else REF*2U, else TRN03
        payee_name=T,
        payee_id_qualifier=T,
        payee_id=T,  # N1*PE04
        payee_tax_id=T,  # REF*TJ, or N1*PE04 when FI
        payment_identity=T,  # md5: payer id, payee, TRN02, BPR16, BPR02, content hash (design 4.2)
        payment_reference=T,  # md5: payer id, payee, TRN02, BPR16: same reference, other identity = CONFLICT
        content_hash=T,  # canonical elements ST..SE, decimals normalised, control segments left out
        claim_count=I,
        claim_charge_amount=AMOUNT,  # sum CLP03
        claim_paid_amount=AMOUNT,  # sum CLP04
        provider_adjustment_amount=AMOUNT,  # sum PLB
        unexplained_amount=AMOUNT,  # BPR02 - sum CLP04 + sum PLB, signs repaired where they are
        transaction_status=T,  # loaded | warned | held
        segment_count=I,
        is_reversal_sign_repaired=B,  # counts with every positive reversal negated: only so it balances
    ),
    # one row per CLP
    "remit_claim": _schema(
        **CLAIM,
        patient_control_number=T,  # CLP01
        claim_status_code=T,  # CLP02
        charge_amount=AMOUNT,
        paid_amount=AMOUNT,
        patient_responsibility_amount=AMOUNT,  # CLP05 as sent
        filing_indicator_code=T,  # CLP06
        payer_claim_control_number=T,  # CLP07
        facility_type_code=T,
        frequency_code=T,
        statement_from_date=D,  # DTM 232
        statement_to_date=D,  # DTM 233
        received_date=D,  # DTM 050
        original_reference_number=T,  # REF*F8
        prior_authorization_number=T,  # REF*G1
        rendering_npi=T,  # NM1*82 09
        lx_number=T,
        claim_adjustment_amount=AMOUNT,  # sum of claim-level CAS, repeats left out
        line_adjustment_amount=AMOUNT,  # sum of all line CAS of the claim
        line_charge_amount=AMOUNT,  # sum SVC02, null without lines
        line_paid_amount=AMOUNT,  # sum SVC03, null without lines
        unexplained_amount=AMOUNT,  # CLP03 - all CAS but repeats - CLP04
        is_positive_reversal=B,  # CLP02 22 with charge and paid not negative (4010 habit)
    ),
    # one row per SVC
    "remit_service_line": _schema(
        **LINE,
        line_control_number=T,  # REF*6R
        procedure_qualifier=T,
        procedure_code=T,  # as adjudicated, SVC01-2
        modifier_1=T,
        modifier_2=T,
        modifier_3=T,
        modifier_4=T,
        charge_amount=AMOUNT,
        paid_amount=AMOUNT,
        revenue_code=T,
        paid_units=QUANTITY,  # SVC05 as sent, null when absent
        original_procedure_code=T,  # SVC06-2
        original_units=QUANTITY,  # SVC07
        service_from_date=D,  # DTM 472 or 150
        service_to_date=D,  # DTM 472 or 151
        allowed_amount=AMOUNT,  # AMT*B6 as sent
        adjustment_amount=AMOUNT,  # sum of the line's CAS
        unexplained_amount=AMOUNT,  # SVC02 - CAS - SVC03
    ),
    # one row per CAS triplet
    "remit_adjustment": _schema(
        **LINE,
        level=T,  # claim | line
        sequence=I,  # 1.. within its claim or line
        group_code=T,  # CAS01
        carc=T,
        adjustment_amount=AMOUNT,
        adjustment_quantity=QUANTITY,
        is_repeat=B,  # claim-level CAS that only repeats the lines' and so counts for nothing
    ),
    # one row per RARC
    "remit_remark": _schema(**LINE, source=T, sequence=I, qualifier=T, rarc=T),  # source MOA|MIA|LQ
    # one row per PLB pair
    "remit_provider_adjustment": _schema(
        **ST,
        sequence=I,
        provider_id=T,
        fiscal_period_date=D,
        reason_code=T,  # PLB03-1
        reference_id=T,  # PLB03-2
        adjustment_amount=AMOUNT,  # positive lowers the payment
    ),
    "remit_reference": _schema(**LINE, qualifier=T, reference_id=T, description=T),
    "remit_date": _schema(**LINE, qualifier=T, date_value=D, date_text=T),
    # one row per AMT or QTY; kind = AMT | QTY
    "remit_amount": _schema(**LINE, kind=T, qualifier=T, amount=QUANTITY),
    # one row per N1 or NM1
    "remit_party": _schema(
        **LINE,
        segment_id=T,
        entity_code=T,
        entity_type_code=T,  # NM102: 1 person, 2 organisation; null for N1
        name_last_or_org=T,
        name_first=T,
        name_middle=T,
        name_prefix=T,
        name_suffix=T,
        id_qualifier=T,
        party_id=T,
    ),
    # one row per diagnostic; message never holds content
    "remit_issue": _schema(**LINE, code=T, severity=T, element=T, byte_offset=pa.int64(), message=T),
    # one row per segment not wholly held by the tables above, in order
    "remit_segment_other": _schema(**LINE, segment_id=T, segment_text=T),
}
