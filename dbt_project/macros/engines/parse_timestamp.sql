{#- Text to timestamp, null when it is no moment of the calendar: ISO, or dd.mm.yyyy with or without
    a time. An offset from UTC is left aside: the clock's own reading. Dates with slashes are nobody's
    guess. -#}
{% macro parse_timestamp(text) %}
    {{- return(adapter.dispatch('parse_timestamp')(text)) -}}
{% endmacro %}

{#- Where no cast is safe, the calendar is checked by pattern first. -#}
{% macro default__parse_timestamp(text) -%}
    {%- set turned = turned_date(text) -%}
    cast(case
        when {{ is_in_calendar(text) }} then {{ text }}
        when {{ matches(text, dotted_timestamp_pattern()) }} and {{ is_in_calendar(turned) }}
            then {{ turned }}
    end as timestamp)
{%- endmacro %}

{#- One pattern and a safe cast: a fifth of the time. -#}
{% macro duckdb__parse_timestamp(text) -%}
    case
        when {{ matches(text, iso_timestamp_pattern()) }} then try_cast({{ text }} as timestamp)
        when {{ matches(text, dotted_timestamp_pattern()) }}
            then try_strptime(
                {{ text }}, ['%d.%m.%Y', '%d.%m.%Y %H:%M', '%d.%m.%Y %H:%M:%S']
            )
    end
{%- endmacro %}

{#- As little SQL as can be: Spark makes Java of it, for each date of a row, and Java compiles no long
    method. Its cast takes days and months of one digit. -#}
{% macro spark__parse_timestamp(text) -%}
    try_cast(case
        when {{ matches(text, iso_timestamp_pattern()) }} then {{ text }}
        when {{ matches(text, dotted_timestamp_pattern()) }}
            then {{ replaced_groups(
                text, '^([0-9]+)[.]([0-9]+)[.]([0-9]+)', [3, '-', 2, '-', 1]
            ) }}
    end as timestamp_ntz)
{%- endmacro %}

{#- Text that says its offset to a UTC timestamp; null when it is no moment of the calendar. -#}
{% macro parse_instant(text) %}
    {{- return(adapter.dispatch('parse_instant')(text)) -}}
{% endmacro %}

{% macro default__parse_instant(text) -%}
    (
        cast(case when {{ is_in_calendar(text) }} then {{ text }} end as timestamp with time zone)
        at time zone 'UTC'
    )
{%- endmacro %}

{% macro duckdb__parse_instant(text) -%}
    (
        try_cast(case
            when {{ matches(text, iso_timestamp_pattern()) }} then {{ text }}
        end as timestamp with time zone) at time zone 'UTC'
    )
{%- endmacro %}

{% macro spark__parse_instant(text) -%}
    cast(try_cast(case
        when {{ matches(text, iso_timestamp_pattern()) }} then {{ text }}
    end as timestamp_ltz) as timestamp_ntz)
{%- endmacro %}

{% macro is_in_calendar(iso) -%}
    {%- set leap = '^([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-' -%}
    (
        {{ matches(iso, iso_timestamp_pattern()) }}
        and not {{ matches(iso, '^[0-9]{4}-(02-3|(04|06|09|11)-31)') }}
        and (not {{ matches(iso, '^[0-9]{4}-02-29') }} or {{ matches(iso, leap) }})
    )
{%- endmacro %}

{#- dd.mm.yyyy, or d.m.yyyy, in front of a text as yyyy-mm-dd. -#}
{% macro turned_date(text) -%}
    {%- set turned = replaced_groups(
        text, '^([0-9]{1,2})[.]([0-9]{1,2})[.]([0-9]{4})( |$)', [3, '-', 2, '-', 1, 4]
    ) -%}
    {%- set long_month = replaced_groups(turned, '^([0-9]{4})-([0-9])-', [1, '-0', 2, '-']) -%}
    {{ replaced_groups(long_month, '^([0-9]{4}-[0-9]{2})-([0-9])( |$)', [1, '-0', 2, 3]) }}
{%- endmacro %}

{#- 2026-03-05, 2026-03-05T14:30, 2026-03-05 8:00:00.123456, with Z, UTC or an offset behind the
    time; there is no year 0. -#}
{% macro iso_timestamp_pattern() -%}
    {{- return(
        '^' ~ _year_pattern()
        ~ '-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])'
        ~ '([T ]([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?'
        ~ '( ?UTC|Z|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?)?)?$'
    ) -}}
{%- endmacro %}

{#- 05.03.2026, 5.3.2026 8:05, 05.03.2026 23:59:59. -#}
{% macro dotted_timestamp_pattern() -%}
    {{- return(
        '^(0?[1-9]|[12][0-9]|3[01])[.](0?[1-9]|1[0-2])[.]' ~ _year_pattern()
        ~ '( ([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?)?$'
    ) -}}
{%- endmacro %}

{% macro _year_pattern() -%}
    {{- return('([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])') -}}
{%- endmacro %}
