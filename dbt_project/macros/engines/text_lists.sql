{#- Distinct values as one text, sorted. -#}
{% macro sorted_list(value, separator=', ') %}
    {{- return(adapter.dispatch('sorted_list')(value, separator)) -}}
{% endmacro %}

{% macro default__sorted_list(value, separator) -%}
    string_agg(distinct {{ value }}, '{{ separator }}' order by {{ value }})
{%- endmacro %}

{% macro spark__sorted_list(value, separator) -%}
    listagg(distinct {{ value }}, '{{ separator }}') within group (order by {{ value }})
{%- endmacro %}
