{#- Declared columns of a canonical table plus those that tell its versions apart. -#}
{% macro contract_columns(columns) -%}
    {%- set extended = {} -%}
    {%- do extended.update(columns) -%}
    {%- do extended.update({
        'known_from': {'data_type': 'timestamp'},
        'known_to': {'data_type': 'timestamp'},
        'is_latest': {'data_type': 'boolean'},
        'is_baseline': {'data_type': 'boolean'},
    }) -%}
    {{ return(extended) }}
{%- endmacro %}

{#- Declared columns of a canonical table out of its versions: a row that a complete load no longer
    has is deleted from then on. -#}
{% macro canonical_columns(columns) -%}
    {%- for name in columns %}
        {%- if name == 'is_deleted' %}
        is_deleted or known_to is not null as is_deleted
        {%- elif name == 'deleted_at' %}
        case
            when known_to is not null then known_to
            when is_deleted then coalesce(deleted_at, known_from)
        end as deleted_at
        {%- else %}
        {{ name }}
        {%- endif %}
        {{- ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
