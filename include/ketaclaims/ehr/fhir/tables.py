"""Raw tables of FHIR inputs beside the canonical ones."""

from collections.abc import Mapping

import pyarrow as pa

from ketaclaims.raw.contract import LINEAGE

_AT = pa.timestamp("us")
# _row_number of every row of a FHIR input: line number + LINE_FACTOR x place of the row within its line and
# table, from 0; so line = _row_number % LINE_FACTOR, and no two rows of a table share a number
LINE_FACTOR = 1_000_000_000_000

# one row per resource that became no canonical row: nothing is lost, and it is said why
FHIR_RESOURCE_OTHER = pa.schema(
    [
        *LINEAGE,
        pa.field("_row_number", pa.int64()),
        pa.field("exported_at", _AT),
        pa.field("clinic_id", pa.string()),
        pa.field("resource_type", pa.string()),
        pa.field("resource_id", pa.string()),
        pa.field("reason_code", pa.string()),  # not_mapped | not_selected | missing_value | bundle | deleted
        pa.field("column_name", pa.string()),  # the canonical column that has no value
        pa.field("resource_text", pa.string()),  # JSON (PHI)
    ]
)

# one row per version of a resource others point to by its id: what the pointer stands for
FHIR_DIRECTORY = pa.schema(
    [
        *LINEAGE,
        pa.field("_row_number", pa.int64()),
        pa.field("exported_at", _AT),
        pa.field("clinic_id", pa.string()),
        pa.field("resource_type", pa.string()),
        pa.field("resource_id", pa.string()),
        pa.field("npi", pa.string()),
        pa.field("name", pa.string()),  # of the organisation, clinician or drug
        pa.field("ndc11", pa.string()),
        pa.field("taxonomy", pa.string()),
        pa.field("points_to", pa.string()),  # of a PractitionerRole: NPI or Practitioner/<id>
        pa.field("source_system", pa.string()),
        pa.field("record_version", pa.int64()),
        pa.field("is_deleted", pa.bool_()),
        pa.field("known_from", _AT),
        pa.field("known_from_utc_offset_minutes", pa.int32()),
    ]
)

FHIR_TABLES: Mapping[str, pa.Schema] = {
    "fhir_resource_other": FHIR_RESOURCE_OTHER,
    "fhir_directory": FHIR_DIRECTORY,
}
