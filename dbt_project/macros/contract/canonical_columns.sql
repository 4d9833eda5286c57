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

{#- Declared columns of a canonical table out of its versions. A row that a complete load no longer
    has is deleted from then on; where rows have a validity, it ended then. -#}
{% macro canonical_columns(columns) -%}
    {%- set has_validity = 'valid_to' in columns -%}
    {%- for name in columns %}
        {%- if name == 'valid_to' %}
        coalesce(valid_to, known_to) as valid_to
        {%- elif name == 'is_deleted' and not has_validity %}
        is_deleted or known_to is not null as is_deleted
        {%- elif name == 'deleted_at' %}
        case
            {%- if not has_validity %}
            when known_to is not null then known_to
            {%- endif %}
            when is_deleted then coalesce(deleted_at, known_from)
        end as deleted_at
        {%- else %}
        {{ name }}
        {%- endif %}
        {{- ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
