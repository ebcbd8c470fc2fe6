{#
    Records of patients as they now stand, under the patient they now belong to.

    A clinic may merge two patient ids (patient_merge). Staging keeps the id a row was sent under; from the
    intermediate layer on every row stands under the surviving id. int_scope_changes names a patient together
    with all ids ever merged with it, so the scopes of staged rows (ids as sent) and of built rows (surviving
    ids) agree.
#}

{#
    Newest versions of the records of the patients built in this run, deleted ones left out, with
    surviving_patient_key and surviving_patient_id. A record is ranked among all its versions, also those that
    stood under another patient.
#}
{% macro current_patient_rows(model_name, record_key) -%}
    (
        select
            newest.*,
            {{ surviving_patient('newest') }}
        from {{ ranked_versions(
            ref(model_name), [record_key],
            condition='versions.' ~ record_key ~ ' in (select touched.' ~ record_key
                ~ ' from ' ~ ref(model_name) ~ ' as touched where ' ~ in_changed_scopes('touched.patient_key') ~ ')'
        ) }} as newest
        left join {{ ref('int_ehr__patient_identities') }} as identities
            on newest.patient_key = identities.patient_key
        where
            newest.version_rank = 1
            and not newest.is_deleted
            and {{ in_changed_scopes('newest.patient_key') }}
    )
{%- endmacro %}

{# Columns: the patient a row belongs to now; joins int_ehr__patient_identities as identities. #}
{% macro surviving_patient(relation) -%}
            coalesce(identities.surviving_patient_key, {{ relation }}.patient_key) as surviving_patient_key,
            coalesce(identities.surviving_patient_id, {{ relation }}.patient_id) as surviving_patient_id
{%- endmacro %}
