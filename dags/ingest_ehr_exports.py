"""
### Purpose
Read every new EHR export, once, into the canonical tables of the raw store.

### In → out
`landing/**` (CSV reports; other EHR kinds are quarantined until a reader exists) → raw store;
Asset `ehr_exports_committed`. A bad row is quarantined with its row number and reason, the rest loads.

### Re-run
Safe at any time, any number of times: an input is committed once by its sha256. Clear the failed task or
start a new run. A back-fill over past dates reads what is in landing now; it never doubles.

### Call
Data team. Runbook: docs/runbooks/quarantined-files.md.
"""

from datetime import datetime

from airflow.sdk import DAG

from ketaclaims.orchestration.dag_parts import EHR_EXPORTS, dag_defaults, ingest_tasks

with DAG(
    dag_id="ingest_ehr_exports",
    schedule="*/15 * * * *",
    start_date=datetime(2026, 1, 1),
    doc_md=__doc__,
    **dag_defaults(["impact/tier_1", "kind/now", "feed/ehr"]),
):
    ingest_tasks("ehr", EHR_EXPORTS)
