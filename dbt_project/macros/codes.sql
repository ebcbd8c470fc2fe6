{# Diagnosis code as compared: upper case, no blanks, a dot after the third character; '' is null. #}
{% macro normalised_diagnosis(column) -%}
    {%- set bare -%} upper(replace(replace({{ column }}, '.', ''), ' ', '')) {%- endset -%}
    nullif(
        case
            when length({{ bare }}) > 3 then substr({{ bare }}, 1, 3) || '.' || substr({{ bare }}, 4)
            else {{ bare }}
        end, ''
    )
{%- endmacro %}

{# Procedure code or modifier as compared: upper case, no blanks; '' is null. #}
{% macro normalised_code(column) -%}
    nullif(upper(replace({{ column }}, ' ', '')), '')
{%- endmacro %}

{# Payer id as compared, before its alias is looked up: lower case, trimmed; '' is null. #}
{% macro normalised_payer(column) -%}
    nullif(lower(trim({{ column }})), '')
{%- endmacro %}

{# Condition: the dated row holds on the date; open ends are open; an unknown date fits only an open row. #}
{% macro is_in_force(date, valid_from, valid_to) -%}
    ({{ valid_from }} is null or {{ valid_from }} <= {{ date }})
    and ({{ valid_to }} is null or {{ valid_to }} >= {{ date }})
{%- endmacro %}

{# Boolean value of a policy's text; null when it is neither yes nor no. #}
{% macro policy_flag(column) -%}
    case
        when {{ column }} in ('true', 't', 'yes', 'y', '1') then true
        when {{ column }} in ('false', 'f', 'no', 'n', '0') then false
    end
{%- endmacro %}

{# First word of a text in lower case: the name of a drug without its strength. #}
{% macro first_word(column) -%}
    nullif(regexp_extract(lower({{ column }}), '[a-z]+'), '')
{%- endmacro %}

{# Authorization number as compared: upper case, letters and digits only, no leading zeros; '' is null. #}
{% macro normalised_authorization(column) -%}
    nullif(ltrim(regexp_replace(upper({{ column }}), '[^A-Z0-9]', '', 'g'), '0'), '')
{%- endmacro %}
