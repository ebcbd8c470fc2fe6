"""
### Purpose
Read every new X12 835 file, once, and commit its payments, claims, lines and adjustments to the raw store.

### In → out
`landing/**` (any file whose content is X12, or nothing we know) → raw store; Asset `remittances_committed`.
What cannot be read ends in quarantine with file, position and reason: `ketaclaims quarantine list`.

### Re-run
Safe at any time, any number of times: an input is committed once by its sha256. Clear the failed task or
start a new run. A back-fill over past dates reads what is in landing now; it never doubles.

### Call
Data team. Runbooks: docs/runbooks/quarantined-files.md, docs/runbooks/held-remittances.md.
"""

from datetime import datetime

from airflow.sdk import DAG

from ketaclaims.orchestration.dag_parts import REMITTANCES, dag_defaults, ingest_tasks

with DAG(
    dag_id="ingest_remittances",
    schedule="*/15 * * * *",
    start_date=datetime(2026, 1, 1),
    doc_md=__doc__,
    **dag_defaults(["impact/tier_1", "kind/now", "feed/remits"]),
):
    ingest_tasks("remits", REMITTANCES)
