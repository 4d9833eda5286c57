{#- The columns of clients that crm_marts.toml carries as characteristics (characteristics of a source),
    as one JSON text by characteristic; null for sources that name none. -#}
{% macro further_characteristics(crm) -%}
    case _source
    {%- for name, source in var('sources').items() if source.crm == crm and source.characteristics %}
        {%- set cells = {} -%}
        {%- for characteristic, carried in source.characteristics.items() -%}
            {%- do cells.update({characteristic: text(carried.column)}) -%}
        {%- endfor %}
        when '{{ name }}' then {{ json_record(cells) }}
    {%- endfor %}
        when '' then null
    end
{%- endmacro %}
