{#- The last moment in time: a deadline that is a day ends with the last microsecond of that
    business day. -#}
{% macro effective_deadline(deadline_at, is_date) -%}
    case
        when {{ is_date }} then {{ end_of_day("cast(" ~ to_business(deadline_at) ~ " as date)") }}
        else {{ deadline_at }}
    end
{%- endmacro %}

{#- The last microsecond of a business day, UTC. -#}
{% macro end_of_day(day) -%}
    {{ from_business("cast(" ~ day ~ " + interval '1' day as timestamp)") }}
    - interval '0.000001' second
{%- endmacro %}
