{#- Distinct values as one text, sorted. -#}
{% macro sorted_list(value, separator=', ') %}
    {{- return(adapter.dispatch('sorted_list')(value, separator)) -}}
{% endmacro %}

{% macro default__sorted_list(value, separator) -%}
    string_agg(distinct {{ value }}, '{{ separator }}' order by {{ value }})
{%- endmacro %}

{#- Spark's listagg fails where its value is a `case`. -#}
{% macro spark__sorted_list(value, separator) -%}
    nullif(concat_ws('{{ separator }}', sort_array(collect_set({{ value }}))), '')
{%- endmacro %}
