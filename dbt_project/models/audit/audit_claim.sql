{# A view over the stored facts. Topics are joined as in audit_service_line. #}
{{ config(materialized='view') }}

select
    {{ all_but('facts', ['facts_hash']) }},
    {{ row_hash(['facts.facts_hash']) }} as row_hash,
    cast(null as date) as recheck_on
from {{ ref('int_ehr__claim_facts') }} as facts
