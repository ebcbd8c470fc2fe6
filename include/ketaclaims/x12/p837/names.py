"""Which loop of the guide a name stands in, and which columns names and references fill."""

# area, NM101 → loop of 005010X222A1
LOOPS: dict[tuple[str, str], str] = {
    ("header", "41"): "1000A",
    ("header", "40"): "1000B",
    ("billing", "85"): "2010AA",
    ("billing", "87"): "2010AB",
    ("billing", "PE"): "2010AC",
    ("subscriber", "IL"): "2010BA",
    ("subscriber", "PR"): "2010BB",
    ("patient", "QC"): "2010CA",
    ("claim", "DN"): "2310A",
    ("claim", "P3"): "2310A",
    ("claim", "82"): "2310B",
    ("claim", "77"): "2310C",
    ("claim", "DQ"): "2310D",
    ("claim", "PW"): "2310E",
    ("claim", "45"): "2310F",
    ("other_payer", "IL"): "2330A",
    ("other_payer", "PR"): "2330B",
    ("other_payer", "DN"): "2330C",
    ("other_payer", "P3"): "2330C",
    ("other_payer", "82"): "2330D",
    ("other_payer", "77"): "2330E",
    ("other_payer", "DQ"): "2330F",
    ("other_payer", "85"): "2330G",
    ("line", "82"): "2420A",
    ("line", "QB"): "2420B",
    ("line", "77"): "2420C",
    ("line", "DQ"): "2420D",
    ("line", "DK"): "2420E",
    ("line", "DN"): "2420F",
    ("line", "P3"): "2420F",
    ("line", "PW"): "2420G",
    ("line", "45"): "2420H",
}
OWN_LOOP = {  # what references, dates and notes of an area belong to before any name
    "header": "",
    "billing": "2000A",
    "subscriber": "2000B",
    "patient": "2000C",
    "claim": "2300",
    "other_payer": "2320",
    "line": "2400",
}

# loop → columns of NM103, NM104 and NM109, None: not kept as a column
NAMES: dict[str, tuple[str | None, str | None, str | None]] = {
    "1000A": ("submitter_name", None, "submitter_id"),
    "1000B": ("receiver_name", None, "receiver_id"),
    "2010AA": ("billing_provider_name", None, None),
    "2010AB": ("pay_to_name", None, None),
    "2010AC": (None, None, "pay_to_plan_id"),
    "2010BA": ("subscriber_last_name", "subscriber_first_name", "subscriber_member_id"),
    "2010BB": ("payer_name", None, "payer_id"),
    "2010CA": ("patient_last_name", "patient_first_name", None),
    "2310B": ("rendering_name", None, None),
    "2310C": ("service_facility_name", None, None),
    "2330A": ("subscriber_last_name", "subscriber_first_name", "subscriber_member_id"),
    "2330B": ("payer_name", None, "payer_id"),
}
# loop → column of NM109 where NM108 is XX (an NPI)
NPIS: dict[str, str] = {
    "2010AA": "billing_provider_npi",
    "2310A": "referring_npi",
    "2310B": "rendering_npi",
    "2310C": "service_facility_npi",
    "2310D": "supervising_npi",
    "2420A": "rendering_npi",
    "2420C": "service_facility_npi",
    "2420D": "supervising_npi",
    "2420E": "ordering_npi",
    "2420F": "referring_npi",
}
# loop → REF01 → column; 2420x and 2310x references are rows of billed_reference only
_LINE_NUMBERS = {
    "6R": "line_control_number",
    "G1": "prior_authorization_number",
    "9F": "referral_number",
    "XZ": "prescription_number",
}
REFERENCES: dict[str, dict[str, str]] = {
    "2010AA": {"EI": "billing_provider_tax_id", "SY": "billing_provider_tax_id"},
    "2010BB": {"2U": "payer_id_additional"},
    "2300": {
        "G1": "prior_authorization_number",
        "F8": "original_reference_number",
        "9F": "referral_number",
        "D9": "clearinghouse_number",
        "9A": "repriced_claim_number",
        "EA": "medical_record_number",
    },
    "2330B": {"F8": "payer_claim_control_number", "G1": "prior_authorization_number"},
    "2400": _LINE_NUMBERS,
    "2410": _LINE_NUMBERS,
}
# area, AMT01 → column
AMOUNTS: dict[tuple[str, str], str] = {
    ("claim", "F5"): "patient_paid_amount",
    ("other_payer", "D"): "paid_amount",
    ("other_payer", "A8"): "noncovered_amount",
    ("other_payer", "EAF"): "patient_liability_amount",
    ("line", "T"): "sales_tax_amount",
}
# loop → column of PRV03
TAXONOMIES = {
    "2000A": "billing_provider_taxonomy",
    "2310B": "rendering_taxonomy",
    "2420A": "rendering_taxonomy",
}
# loop → DMG02 and DMG03
DEMOGRAPHICS = {
    "2010BA": ("subscriber_birth_date", "subscriber_sex"),
    "2010CA": ("patient_birth_date", "patient_sex"),
}
STATES = {"2010BA": "subscriber_state", "2010CA": "patient_state"}  # N402
