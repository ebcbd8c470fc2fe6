{# Wall clock and its offset in minutes → UTC; null when the offset is unknown. #}
{% macro to_utc(local_time, offset_minutes) -%}
    {{ return(adapter.dispatch('to_utc')(local_time, offset_minutes)) }}
{%- endmacro %}

{% macro default__to_utc(local_time, offset_minutes) -%}
    cast({{ local_time }} as timestamp) - (interval '1' minute) * cast({{ offset_minutes }} as integer)
{%- endmacro %}

{# Wall clock of a named IANA zone → UTC. The zone must be one that is_known_zone accepts, or null. #}
{% macro zone_to_utc(local_time, zone) -%}
    {{ return(adapter.dispatch('zone_to_utc')(local_time, zone)) }}
{%- endmacro %}

{% macro default__zone_to_utc(local_time, zone) -%}
    (({{ local_time }} at time zone {{ zone }}) at time zone 'UTC')
{%- endmacro %}

{% macro spark__zone_to_utc(local_time, zone) -%}
    to_utc_timestamp({{ local_time }}, {{ zone }})
{%- endmacro %}

{# UTC → wall clock of a named IANA zone. #}
{% macro utc_to_zone(utc_time, zone) -%}
    {{ return(adapter.dispatch('utc_to_zone')(utc_time, zone)) }}
{%- endmacro %}

{% macro default__utc_to_zone(utc_time, zone) -%}
    (({{ utc_time }} at time zone 'UTC') at time zone {{ zone }})
{%- endmacro %}

{% macro spark__utc_to_zone(utc_time, zone) -%}
    from_utc_timestamp({{ utc_time }}, {{ zone }})
{%- endmacro %}

{# Date of <moment>_utc or, without an offset, of <moment>_local at a place; as sent where its zone is unknown. #}
{% macro local_date(moment, zone) -%}
    cast(coalesce({{ utc_to_zone(moment ~ '_utc', zone) }}, {{ moment }}_local) as date)
{%- endmacro %}

{# Whole minutes from one time to a later one, rounded down; negative when they stand the other way round. #}
{% macro minutes_between(earlier, later) -%}
    {{ return(adapter.dispatch('minutes_between')(earlier, later)) }}
{%- endmacro %}

{% macro default__minutes_between(earlier, later) -%}
    cast(floor(date_diff('second', {{ earlier }}, {{ later }}) / 60.0) as integer)
{%- endmacro %}

{% macro spark__minutes_between(earlier, later) -%}
    cast(floor((unix_timestamp({{ later }}) - unix_timestamp({{ earlier }})) / 60.0) as integer)
{%- endmacro %}

{# Days from one date to another; negative when the second is earlier. #}
{% macro days_between(earlier, later) -%}
    {{ return(adapter.dispatch('days_between')(earlier, later)) }}
{%- endmacro %}

{% macro default__days_between(earlier, later) -%}
    date_diff('day', {{ earlier }}, {{ later }})
{%- endmacro %}

{% macro spark__days_between(earlier, later) -%}
    datediff({{ later }}, {{ earlier }})
{%- endmacro %}

{# The business date of the run. #}
{% macro as_of_date() -%}
    cast('{{ var("as_of_date") }}' as date)
{%- endmacro %}

{# One row per IANA zone the engine can convert: time_zone. #}
{% macro known_time_zones() -%}
    {{ return(adapter.dispatch('known_time_zones')()) }}
{%- endmacro %}

{% macro default__known_time_zones() -%}
    select distinct engine_zones.name as time_zone
    from pg_timezone_names() as engine_zones
{%- endmacro %}

{# Whole weekdays from Monday 1970-01-05 to the day: the difference of two counts the business days between them. #}
{% macro weekdays_to(day) -%}
    (
        5 * cast(floor({{ days_between("cast('1970-01-05' as date)", day) }} / 7.0) as integer)
        + least({{ days_between("cast('1970-01-05' as date)", day) }} % 7 + 1, 5)
    )
{%- endmacro %}
