"""Many times the rows of a simulated practice, for benchmarks: every clinic copied under further ids.

``clinic_id`` is part of every key, so each copy is a whole practice with the same verdicts as its original.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from ketaclaims.errors import KetaclaimsError
from ketaclaims.simulate.headers import HEADERS

if TYPE_CHECKING:
    import duckdb

# columns that tell a record from others of its clinic, where it is not the first column alone
KEYS: dict[str, tuple[str, ...]] = {
    "payer_config": ("payer_id", "lob", "eff_from"),
    "provider_credential": ("npi", "kind", "number"),
    "prior_auth": ("pa_id", "version"),
    "claim": ("claim_id", "version"),
    "claim_line": ("claim_id", "version", "line_no"),
    "payer_policy": ("payer_id", "line_of_business", "parameter", "valid_from", "recorded_at"),
    "fee_schedule": ("payer_id", "lob", "code", "mod", "pos", "eff_from"),
    "rems_form": ("encounter_id", "form_type"),
    "notice": ("patient_id", "type", "signed_on"),
}
FORMATS = {"parquet": "FORMAT parquet, COMPRESSION zstd", "csv": "FORMAT csv, HEADER"}


def expand(source: Path, out: Path, copies: int, kind: str = "parquet") -> dict[str, int]:
    """Write one file per canonical table with every clinic of ``source`` that many times; rows by table.

    Of a record exported more than once the last export counts. Raises KetaclaimsError when ``source`` holds
    no simulation or ``out`` is not empty.
    """
    exports = source / "landing" / "ehr"
    if not exports.is_dir():
        raise KetaclaimsError(
            "NO_SIMULATION",
            "the folder holds no simulation",
            where=str(source),
            next_step="Run `ketaclaims simulate` first.",
        )
    if out.exists() and any(out.iterdir()):
        raise KetaclaimsError(
            "FOLDER_NOT_EMPTY", "the folder is not empty", where=str(out), next_step="Choose a new folder."
        )
    out.mkdir(parents=True, exist_ok=True)
    import duckdb

    with duckdb.connect() as connection:
        return {
            table: _expand_table(connection, exports, table, out / f"{table}.{kind}", copies)
            for table in HEADERS
            if any(exports.glob(f"*/{table}_[0-9]*.csv"))
        }


def _expand_table(
    connection: "duckdb.DuckDBPyConnection", exports: Path, table: str, target: Path, copies: int
) -> int:
    """Rows written. What is interpolated is ours: column names, and the target with its quotes doubled."""
    header = HEADERS[table]
    key = ", ".join(f'"{column}"' for column in ("clinic_id", *KEYS.get(table, header[1:2])))
    rest = ", ".join(f'"{column}"' for column in header[1:])
    quoted = str(target).replace("'", "''")
    written = connection.execute(
        f"""
        copy (
            with exported as (
                select *, row_number() over (partition by {key} order by filename desc) as age
                from read_csv(
                    $files, header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
                    columns = $columns, filename = true
                )
            )

            select exported.clinic_id || '_' || lpad(cast(copies.range as varchar), 4, '0') as clinic_id,
                {rest}
            from exported
            cross join range($copies) as copies
            where exported.age = 1
        ) to '{quoted}' ({FORMATS[target.suffix[1:]]})
        """,
        {
            "files": f"{exports}/*/{table}_[0-9]*.csv",
            "columns": dict.fromkeys(header, "VARCHAR"),
            "copies": copies,
        },
    ).fetchone()
    assert written is not None
    return int(written[0])
