{#
    Reading the raw store, exactly once per model.

    The ledger tables in schema raw are loaded from the commit manifests before dbt starts and do not change
    while it runs. Each incremental model records the commits it has consumed in the transaction that uses
    them, so a crash between two models heals on the next run.
#}

{# Highest commit number this model has consumed; 0 on a build from scratch. #}
{% macro consumed_through() -%}
    {%- if execute and is_incremental() -%}
        {%- set rows = run_query(
            "select coalesce(max(commit_number), 0) from raw.consumed_commit where model_name = '"
            ~ this.identifier ~ "'"
        ) -%}
        {{- rows.columns[0][0] -}}
    {%- else -%}0{%- endif -%}
{%- endmacro %}

{#
    Rows of one raw table that stand in commits this model has not consumed, of inputs that count, with the
    time their source wrote the input as _exported_at (UTC).
#}
{% macro new_raw_rows(table_name) -%}
    {%- set raw_dir = env_var('KETACLAIMS_RAW_DIR') -%}
    {%- set files = [raw_dir ~ '/empty/' ~ table_name ~ '.parquet'] -%}
    {%- if execute -%}
        {%- set found = run_query(
            "select relative_path from raw.ledger_data_file where table_name = '" ~ table_name
            ~ "' and commit_number > " ~ consumed_through() ~ " order by commit_number, relative_path"
        ) -%}
        {%- for row in found -%}{%- do files.append(raw_dir ~ '/' ~ row[0]) -%}{%- endfor -%}
    {%- endif -%}
    (
        select
            raw_rows.*,
            cast(inputs.exported_at as timestamp) as _exported_at
        from read_parquet(
            [{% for file in files %}'{{ file | replace("'", "''") }}'{{ ", " if not loop.last }}{% endfor %}],
            union_by_name = true
        ) as raw_rows
        inner join raw.ledger_input as inputs
            on
                raw_rows._file_sha256 = inputs.file_sha256
                and raw_rows._commit_id = inputs.commit_id
        where inputs.is_active
    )
{%- endmacro %}

{# pre-hook: rows of superseded inputs leave the model; a build from scratch starts over. #}
{% macro forget_superseded() -%}
    {%- if is_incremental() -%}
        {# an input found twice in one commit has two ledger rows, one of them active #}
        delete from {{ this }}
        where not exists (
            select 1
            from raw.ledger_input as inputs
            where
                inputs.file_sha256 = {{ this.identifier }}._file_sha256
                and inputs.commit_id = {{ this.identifier }}._commit_id
                and inputs.is_active
        )
    {%- else -%}
        {{ forget_consumed() }}
    {%- endif -%}
{%- endmacro %}

{# This model has consumed nothing. #}
{% macro forget_consumed() -%}
    delete from raw.consumed_commit where model_name = '{{ this.identifier }}'
{%- endmacro %}

{#
    post-hook, in the same transaction: this model has consumed every commit of the ledger, or with `through`
    (an SQL expression) those up to it.
#}
{% macro mark_consumed(through=none) -%}
    insert into raw.consumed_commit (model_name, commit_number)
    select
        '{{ this.identifier }}' as model_name,
        ledger.commit_number
    from raw.ledger_commit as ledger
    where
        ledger.commit_number > {{ consumed_through() }}
        {%- if through %}
        and ledger.commit_number <= {{ through }}
        {%- endif %}
{%- endmacro %}
