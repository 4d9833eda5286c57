{#- A UTC timestamp as the wall clock of the business time zone. -#}
{% macro to_business(utc) %}
    {%- set zone = "'" ~ var('business_timezone') ~ "'" -%}
    {{- return(_as_it_is(utc) if _is_utc(zone) else adapter.dispatch('to_local')(utc, zone)) -}}
{% endmacro %}

{#- The wall clock of the business time zone as a UTC timestamp. -#}
{% macro from_business(local) %}
    {{- return(to_utc(local, "'" ~ var('business_timezone') ~ "'")) -}}
{% endmacro %}

{#- A wall clock reading as a UTC timestamp; `zone` is an SQL expression. -#}
{% macro to_utc(local, zone) %}
    {{- return(_as_it_is(local) if _is_utc(zone) else adapter.dispatch('to_utc')(local, zone)) -}}
{% endmacro %}

{#- A clock in UTC is read as it stands, which half of the CRMs have; a step by the zone's rules costs
    four times what reading the date does. -#}
{% macro _is_utc(zone) %}{{ return(zone | trim == "'UTC'") }}{% endmacro %}
{% macro _as_it_is(moment) %}{{ return('(' ~ moment ~ ')') }}{% endmacro %}

{% macro default__to_local(utc, zone) -%}
    (({{ utc }}) at time zone 'UTC' at time zone {{ zone }})
{%- endmacro %}

{% macro default__to_utc(local, zone) -%}
    (({{ local }}) at time zone {{ zone }} at time zone 'UTC')
{%- endmacro %}

{#- Only the step by the zone's own rules costs: UTC and the moment with a time zone are kept as the
    same number. -#}
{% macro duckdb__to_local(utc, zone) -%}
    (make_timestamptz(epoch_us({{ utc }})) at time zone {{ zone }})
{%- endmacro %}

{% macro duckdb__to_utc(local, zone) -%}
    make_timestamp(epoch_us(({{ local }}) at time zone {{ zone }}))
{%- endmacro %}

{#- convert_timezone would look up the zone by its name for every row, though it be a constant. A
    timestamp_ltz is the same number: sessions are in UTC. -#}
{% macro spark__to_local(utc, zone) -%}
    cast(from_utc_timestamp(cast({{ utc }} as timestamp_ltz), {{ zone }}) as timestamp_ntz)
{%- endmacro %}

{% macro spark__to_utc(local, zone) -%}
    cast(to_utc_timestamp(cast({{ local }} as timestamp_ltz), {{ zone }}) as timestamp_ntz)
{%- endmacro %}
