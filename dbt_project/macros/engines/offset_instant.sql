{#- ISO text with an offset from UTC as UTC timestamp; null when `wall_clock` (its own reading) is
    null, because it is no moment of the calendar. -#}
{% macro offset_instant(iso, wall_clock) %}
    {{- return(adapter.dispatch('offset_instant')(iso, wall_clock)) -}}
{% endmacro %}

{% macro default__offset_instant(iso, wall_clock) -%}
    cast(case when {{ wall_clock }} is not null then {{ iso }} end as timestamp with time zone)
    at time zone 'UTC'
{%- endmacro %}

{% macro duckdb__offset_instant(iso, wall_clock) -%}
    try_cast({{ iso }} as timestamp with time zone) at time zone 'UTC'
{%- endmacro %}
