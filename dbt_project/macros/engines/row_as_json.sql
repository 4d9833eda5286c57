{#- The named columns of a relation as one JSON text. -#}
{% macro row_as_json(relation, columns) %}
    {%- set cells = {} -%}
    {%- for column in columns -%}
        {%- do cells.update({column: relation ~ '.' ~ adapter.quote(column)}) -%}
    {%- endfor -%}
    {{- return(json_record(cells)) -}}
{% endmacro %}

{#- A JSON record as text; `cells` are SQL expressions of text by name. -#}
{% macro json_record(cells) %}
    {{- return(adapter.dispatch('json_record')(cells)) -}}
{% endmacro %}

{#- Cell by cell: functions of PostgreSQL take a hundred arguments at most. -#}
{% macro postgres__json_record(cells) -%}
    '{' ||
    {%- for name, cell in cells.items() %}
    '"{{ name }}":' || coalesce(cast(to_json({{ cell }}) as text), 'null')
    || {{ "',' ||" if not loop.last }}
    {%- endfor %} '}'
{%- endmacro %}

{% macro duckdb__json_record(cells) -%}
    cast(json_object(
    {%- for name, cell in cells.items() -%}
        '{{ name }}', {{ cell }}{{ ', ' if not loop.last }}
    {%- endfor -%}) as varchar)
{%- endmacro %}

{% macro spark__json_record(cells) -%}
    to_json(named_struct(
    {%- for name, cell in cells.items() -%}
        '{{ name }}', {{ cell }}{{ ', ' if not loop.last }}
    {%- endfor -%}), map('ignoreNullFields', 'false'))
{%- endmacro %}
