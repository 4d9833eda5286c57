{#- ISO text to timestamp, null when it is not a moment of the calendar. No engine's own cast is
    both safe and the same on all three, so the calendar is checked by pattern before the cast. -#}
{% macro parse_timestamp(text) -%}
    {%- set time = '([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?Z?)?' -%}
    {%- set leap = '^([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-' -%}
    cast(case
        when {{ matches(text, '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])' ~ time ~ '$') }}
            and not {{ matches(text, '^[0-9]{4}-(02-3|(04|06|09|11)-31)') }}
            and (
                not {{ matches(text, '^[0-9]{4}-02-29') }}
                or {{ matches(text, leap) }}
            )
            then replace({{ text }}, 'Z', '')
    end as timestamp)
{%- endmacro %}
