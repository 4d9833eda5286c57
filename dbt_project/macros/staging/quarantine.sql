{#- Why a row is unusable: `rules` is a list of [condition, text]; null when none applies. -#}
{% macro quarantine_reason(rules) -%}
    nullif(concat_ws('; '
    {%- for condition, reason in rules %},
        case when {{ condition }} then '{{ reason }}' end
    {%- endfor %}), '')
{%- endmacro %}

{#- Rules for date columns: filled, but not a date. -#}
{% macro unreadable_dates(columns) -%}
    {%- set rules = [] -%}
    {%- for column in columns -%}
        {%- do rules.append([is_unreadable_date(column), column ~ ' is not a date']) -%}
    {%- endfor -%}
    {{ return(rules) }}
{%- endmacro %}

{#- A rule: filled, but no number. -#}
{% macro not_a_number(column) -%}
    {{ return(['not ' ~ is_number(column), column ~ ' is not a number']) }}
{%- endmacro %}
