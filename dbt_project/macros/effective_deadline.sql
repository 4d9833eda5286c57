{#- The last moment in time: a deadline that is a day ends with the last microsecond of that
    business day. -#}
{% macro effective_deadline(deadline_at, is_date) -%}
    case
        when {{ is_date }} then {{ from_business(
            "cast(cast(" ~ to_business(deadline_at) ~ " as date) + interval '1' day as timestamp)"
        ) }} - interval '0.000001' second
        else {{ deadline_at }}
    end
{%- endmacro %}
