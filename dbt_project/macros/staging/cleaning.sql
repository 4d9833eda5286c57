{#- A raw cell as text: trimmed, empty is null, as raw_versions has it, under its raw name. What comes
    out of a cell goes through filled_text first. -#}
{% macro text(column) -%}
    {{ adapter.quote(column) }}
{%- endmacro %}

{#- An id, unique over all sources: `<source>:<native id>`; the zero GUID is null. -#}
{% macro source_id(column) -%}
    _source || ':' || nullif({{ text(column) }}, '00000000-0000-0000-0000-000000000000')
{%- endmacro %}

{#- true or false, null when empty or anything else. -#}
{% macro flag(column) -%}
    {%- set lowered = 'lower(' ~ text(column) ~ ')' -%}
    case
        when {{ is_one_of(lowered, ['true', 't', '1', 'yes', 'y', 'да', '0x01']) }} then true
        when {{ is_one_of(lowered, ['false', 'f', '0', 'no', 'n', 'нет', '0x00']) }} then false
    end
{%- endmacro %}

{#- A whole number, null when empty or not one; 3,0 and 3.0 are whole too, as sheets write them. -#}
{% macro whole_number(column) -%}
    cast(case
        when {{ matches(text(column), '^[+-]?[0-9]{1,15}([.,]0+)?$') }}
            then split_part(replace({{ text(column) }}, ',', '.'), '.', 1)
    end as bigint)
{%- endmacro %}

{#- A number with decimals, null when empty or not one. The comma is a decimal comma; spaces, also
    unbreakable ones, part thousands. With both comma and point it is no number. -#}
{% macro decimal_number(column) -%}
    cast(case
        when {{ is_number(column) }} then replace({{ _digits(column) }}, ',', '.')
    end as decimal(28, 8))
{%- endmacro %}

{#- Whether a cell is a number with or without decimals; null when empty. -#}
{% macro is_number(column) -%}
    {{ matches(_digits(column), '^[+-]?[0-9]{1,15}([.,][0-9]{1,15})?$') }}
{%- endmacro %}

{#- The nearest whole number to one with decimals. Whole ones, as nearly all are, are read at a
    tenth of what a decimal costs. -#}
{% macro rounded_number(column) -%}
    coalesce({{ whole_number(column) }}, cast(round({{ decimal_number(column) }}) as bigint))
{%- endmacro %}

{% macro _digits(column) -%}
    replace(replace({{ text(column) }}, ' ', ''), chr(160), '')
{%- endmacro %}

{#- Time zone of the row's source, from crm_marts.toml: a constant where all have the same, as an
    engine looks up its rules once and not once a row. -#}
{% macro source_timezone(crm) -%}
    {%- set zones = {} -%}
    {%- for name, source in var('sources').items() if source.crm == crm -%}
        {%- do zones.update({name: source.timezone}) -%}
    {%- endfor -%}
    {%- if zones.values() | unique | list | length == 1 -%}
        '{{ zones.values() | first }}'
    {%- else -%}
        case _source
        {%- for name, zone in zones.items() %}
            when '{{ name }}' then '{{ zone }}'
        {%- endfor %} end
    {%- endif -%}
{%- endmacro %}
