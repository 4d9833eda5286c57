{#- The parts of a text as rows, in a select list; rows without a text fall away. -#}
{% macro split_list(text, separator) %}
    {{- return(adapter.dispatch('split_list')(text, separator)) -}}
{% endmacro %}

{% macro default__split_list(text, separator) -%}
    unnest(string_to_array({{ text }}, {{ text_literal(separator) }}))
{%- endmacro %}

{% macro spark__split_list(text, separator) -%}
    explode(split({{ text }}, concat('[', {{ text_literal(separator) }}, ']')))
{%- endmacro %}

{#- The items of a JSON array as rows of text (records as JSON), in a select list; rows with anything
    else fall away. -#}
{% macro json_items(json) %}
    {{- return(adapter.dispatch('json_items')(json)) -}}
{% endmacro %}

{% macro duckdb__json_items(json) -%}
    unnest(json_extract_string(
        case when json_valid({{ json }}) and {{ json }} like '[%' then {{ json }} end, '$[*]'
    ))
{%- endmacro %}

{% macro postgres__json_items(json) -%}
    jsonb_array_elements_text(cast(
        case when {{ json }} is json array then {{ json }} else '[]' end as jsonb
    ))
{%- endmacro %}

{% macro spark__json_items(json) -%}
    explode(from_json(case when {{ json }} like '[%' then {{ json }} end, 'array<string>'))
{%- endmacro %}

{#- A value of a JSON record as text, null when there is none; `name` is the key. -#}
{% macro json_value(json, name) %}
    {{- return(adapter.dispatch('json_value')(json, name)) -}}
{% endmacro %}

{% macro duckdb__json_value(json, name) -%}
    json_extract_string(
        case when json_valid({{ json }}) then {{ json }} end, {{ text_literal('$."' ~ name ~ '"') }}
    )
{%- endmacro %}

{% macro postgres__json_value(json, name) -%}
    cast(case when {{ json }} is json object then {{ json }} end as jsonb)
    ->> {{ text_literal(name) }}
{%- endmacro %}

{% macro spark__json_value(json, name) -%}
    get_json_object({{ json }}, {{ text_literal("$['" ~ name ~ "']") }})
{%- endmacro %}
