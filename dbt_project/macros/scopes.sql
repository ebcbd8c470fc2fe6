{#
    Rebuilding only what new data touch.

    A model in a by_patient folder holds rows whose content depends on the records of one patient (patient_key)
    and on reference data. int_scope_changes says which patients each commit touched; int_scope_reference holds
    one hash of all reference data. On a run a model deletes the rows of every patient touched by commits it has
    not consumed and inserts them anew, or all rows when the reference data changed. Its consumed commits and its
    reference hash are written in the same transaction.

    The ledger may already name commits that staging has not read (layers are built one after the other), so
    nothing counts as consumed here before staging has consumed it.
#}

{# on-run-start: the table of reference hashes, beside raw.consumed_commit. #}
{% macro make_scope_ledger() -%}
    create table if not exists raw.consumed_reference (model_name varchar, reference_hash varchar)
{%- endmacro %}

{# SQL: last commit that all the named models have consumed. #}
{% macro consumed_by_all(model_names) -%}
    (
        select coalesce(min(last_commits.commit_number), 0)
        from (
            select (
                select coalesce(max(consumed.commit_number), 0)
                from raw.consumed_commit as consumed
                where consumed.model_name = names.model_name
            ) as commit_number
            from (
                {%- for name in model_names %}
                select '{{ name }}' as model_name{{ " union all" if not loop.last }}
                {%- endfor %}
            ) as names
        ) as last_commits
    )
{%- endmacro %}

{# Patients touched by commits this model has not consumed; '*' stands for all. #}
{% macro changed_scopes() -%}
    select changes.scope_key
    from {{ ref('int_scope_changes') }} as changes
    where
        changes.scope_kind in ('patient', 'all')
        and changes.commit_number > {{ consumed_through() }}
{%- endmacro %}

{# Whether every row must be built anew: from scratch, other reference data, or a commit that touched all. #}
{% macro is_every_scope_changed() -%}
    {%- if not execute -%}
        {%- do ref('int_scope_changes') -%}
        {%- do ref('int_scope_reference') -%}
    {%- endif -%}
    {%- if not execute or not is_incremental() -%}
        {{ return(true) }}
    {%- endif -%}
    {%- set found = run_query(
        "select"
        ~ " (select count(*) from raw.consumed_reference as consumed inner join " ~ ref('int_scope_reference')
        ~ " as reference on consumed.reference_hash = reference.reference_hash where consumed.model_name = '"
        ~ this.identifier ~ "') as same_reference_count,"
        ~ " (select count(*) from (" ~ changed_scopes() ~ ") as scopes where scope_key = '*') as all_count"
    ) -%}
    {{ return(found.columns[0][0] == 0 or found.columns[1][0] > 0) }}
{%- endmacro %}

{# Condition: the patient's rows are built anew in this run. #}
{% macro in_changed_scopes(patient_key) -%}
    {%- if is_every_scope_changed() -%}
        true
    {%- else -%}
        {{ patient_key }} in ({{ changed_scopes() }})
    {%- endif -%}
{%- endmacro %}

{# pre-hook: rows that are built anew leave the model. #}
{% macro forget_changed_scopes() -%}
    {%- if is_incremental() -%}
        delete from {{ this }} where {{ in_changed_scopes('patient_key') }}
    {%- else -%}
        {{ forget_consumed() }}
    {%- endif -%}
{%- endmacro %}

{# post-hook: this model was built with the commits that int_scope_changes has consumed. #}
{% macro mark_scopes_consumed() -%}
    {{ mark_consumed(consumed_by_all(['int_scope_changes'])) }}
{%- endmacro %}

{# post-hook: this model was built with the reference data as they stand. #}
{% macro mark_reference() -%}
    delete from raw.consumed_reference where model_name = '{{ this.identifier }}';
    insert into raw.consumed_reference (model_name, reference_hash)
    select
        '{{ this.identifier }}' as model_name,
        reference.reference_hash
    from {{ ref('int_scope_reference') }} as reference
{%- endmacro %}

{# One hash of all rows of a relation, whatever their order; of a fixed text when it is empty. #}
{% macro relation_hash(relation) -%}
    {{ return(adapter.dispatch('relation_hash')(relation)) }}
{%- endmacro %}

{% macro default__relation_hash(relation) -%}
    (
        select md5(coalesce(string_agg(hashed.row_hash, '' order by hashed.row_hash), 'no rows'))
        from (select md5(cast(whole_row as varchar)) as row_hash from {{ relation }} as whole_row) as hashed
    )
{%- endmacro %}
