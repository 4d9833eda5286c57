{#- Within how many days a client of this class has to be contacted to be active. -#}
{% macro active_days_of(client_class) -%}
    {%- set by_class = var('active_days_by_class') -%}
    {%- if by_class -%}
        case
        {%- for name, days in by_class | dictsort(case_sensitive=true) %}
            when {{ client_class }} = {{ text_literal(name) }} then {{ days }}
        {%- endfor %}
            else {{ var('active_days') }}
        end
    {%- else -%}
        {{ var('active_days') }}
    {%- endif -%}
{%- endmacro %}
