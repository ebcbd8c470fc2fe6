"""The raw tables a published reference file becomes. Every row carries the first day of its release."""

import pyarrow as pa

from ketaclaims.raw.contract import LINEAGE

T, D = pa.string(), pa.date32()


def _schema(**columns: pa.DataType) -> pa.Schema:
    head = [*LINEAGE, pa.field("_row_number", pa.int64())]
    return pa.schema([*head, *(pa.field(name, kind) for name, kind in columns.items())])


REFERENCE_TABLES: dict[str, pa.Schema] = {
    # one row per file: the table it is of, and the days it speaks for
    "reference_release": _schema(
        reference_table=T, release_date=D, covers_to_date=D, row_count=pa.int64(), release_stated_by=T
    ),
    # one row per NCCI pair and effective date, practitioner setting
    "reference_ptp_pair": _schema(
        release_date=D,
        column_1_code=T,
        column_2_code=T,
        is_older_than_1996=pa.bool_(),
        effective_date=D,
        deletion_date=D,
        modifier_indicator=T,  # 0 never, 1 a modifier may part them, 9 not applicable
        rationale=T,
    ),
    # one row per code with a medically unlikely edit, practitioner setting
    "reference_mue": _schema(
        release_date=D,
        code=T,
        mue_units=pa.int32(),
        adjudication_indicator=T,  # 1 line, 2 absolute day, 3 day
        rationale=T,
    ),
    # one row per code of a code set
    "reference_code": _schema(
        release_date=D,
        code_system=T,  # HCPCS, modifier, ICD-10-CM
        code=T,
        is_billable=pa.bool_(),
        add_date=D,
        action_effective_date=D,
        termination_date=D,
    ),
    # one row per CARC or RARC
    "reference_reason_code": _schema(
        release_date=D, code_type=T, code=T, start_date=D, last_modified_date=D, stop_date=D
    ),
}
