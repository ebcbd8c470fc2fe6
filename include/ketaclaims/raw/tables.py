"""Schemas of every raw table: what readers push and what our own judging and waiving append."""

import pyarrow as pa

from ketaclaims.raw.contract import LINEAGE, QUARANTINED_RECORD, REPAIRED_VALUE

# one row per change of a finding; folding them by sequence gives its present state
FINDING_EVENT = pa.schema(
    [
        *LINEAGE,
        pa.field("finding_id", pa.string()),
        pa.field("rule_id", pa.string()),
        pa.field("clinic_id", pa.string()),
        pa.field(
            "subject", pa.string()
        ),  # claim_line | claim | encounter | administration | prior_auth | remittance
        pa.field("subject_key", pa.string()),
        pa.field("status", pa.string()),  # fail | not_evaluable | resolved
        pa.field("dollars_at_stake", pa.decimal128(12, 2)),
        pa.field("evidence", pa.string()),
        pa.field("row_hash", pa.string()),
        pa.field("rule_hash", pa.string()),
        pa.field("judged_as_of", pa.date32()),
        pa.field("judged_at", pa.timestamp("us")),  # UTC
        pa.field("sequence", pa.int64()),
    ]
)

# one row per waiver of a finding by a person
WAIVER = pa.schema(
    [
        *LINEAGE,
        pa.field("finding_id", pa.string()),
        pa.field("reason", pa.string()),
        pa.field("waived_by", pa.string()),
        pa.field("waived_at", pa.timestamp("us")),  # UTC
        pa.field("expires_on", pa.date32()),
    ]
)


def raw_table_schemas() -> dict[str, pa.Schema]:
    """Every raw table by name."""
    from ketaclaims.ehr.fhir.tables import FHIR_TABLES
    from ketaclaims.ehr.schema import canonical_schemas
    from ketaclaims.reference.tables import REFERENCE_TABLES
    from ketaclaims.x12.p837.tables import BILLED_TABLES
    from ketaclaims.x12.tables import REMIT_TABLES

    return {
        **REMIT_TABLES,
        **BILLED_TABLES,
        **canonical_schemas(),
        **FHIR_TABLES,
        **REFERENCE_TABLES,
        "quarantined_record": QUARANTINED_RECORD,
        "repaired_value": REPAIRED_VALUE,
        "finding_event": FINDING_EVENT,
        "waiver": WAIVER,
    }
