{#- The named columns of a relation as one JSON text. -#}
{% macro row_as_json(relation, columns) %}
    {{- return(adapter.dispatch('row_as_json')(relation, columns)) -}}
{% endmacro %}

{#- Cell by cell: functions of PostgreSQL take a hundred arguments at most. -#}
{% macro postgres__row_as_json(relation, columns) -%}
    '{' ||
    {%- for column in columns %}
    '"{{ column }}":' || coalesce(
        cast(to_json({{ relation }}.{{ adapter.quote(column) }}) as text), 'null'
    ) || {{ "',' ||" if not loop.last }}
    {%- endfor %} '}'
{%- endmacro %}

{% macro duckdb__row_as_json(relation, columns) -%}
    cast(json_object(
    {%- for column in columns -%}
        '{{ column }}', {{ relation }}.{{ adapter.quote(column) }}{{ ', ' if not loop.last }}
    {%- endfor -%}) as varchar)
{%- endmacro %}
