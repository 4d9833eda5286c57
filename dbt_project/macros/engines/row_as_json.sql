{#- The named columns of a relation as one JSON text. -#}
{% macro row_as_json(relation, columns) %}
    {{- return(adapter.dispatch('row_as_json')(relation, columns)) -}}
{% endmacro %}

{% macro duckdb__row_as_json(relation, columns) -%}
    cast(json_object(
    {%- for column in columns -%}
        '{{ column }}', {{ relation }}.{{ adapter.quote(column) }}{{ ', ' if not loop.last }}
    {%- endfor -%}) as varchar)
{%- endmacro %}
