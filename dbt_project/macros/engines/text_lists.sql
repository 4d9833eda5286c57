{#- Distinct values as one text, sorted. -#}
{% macro sorted_list(value, separator=', ') %}
    {{- return(adapter.dispatch('sorted_list')(value, separator)) -}}
{% endmacro %}

{% macro default__sorted_list(value, separator) -%}
    string_agg(distinct {{ value }}, '{{ separator }}' order by {{ value }})
{%- endmacro %}

{#- string_agg with both an order and distinct values takes DuckDB ten times as long. -#}
{% macro duckdb__sorted_list(value, separator) -%}
    case
        when count({{ value }}) > 0
            then array_to_string(list_sort(list_distinct(list({{ value }}))), '{{ separator }}')
    end
{%- endmacro %}

{#- Spark's listagg fails where its value is a `case`. -#}
{% macro spark__sorted_list(value, separator) -%}
    nullif(concat_ws('{{ separator }}', sort_array(collect_set({{ value }}))), '')
{%- endmacro %}
