{#- A raw cell as text: trimmed, empty is null. `column` is the raw name. -#}
{% macro text(column) -%}
    nullif(trim({{ adapter.quote(column) }}), '')
{%- endmacro %}

{#- An id, unique over all sources: `<source>:<native id>`; the zero GUID is null. -#}
{% macro source_id(column) -%}
    _source || ':' || nullif({{ text(column) }}, '00000000-0000-0000-0000-000000000000')
{%- endmacro %}

{#- true or false, null when empty or anything else. -#}
{% macro flag(column) -%}
    case
        when lower({{ text(column) }}) in ('true', '1', 'yes', 'да') then true
        when lower({{ text(column) }}) in ('false', '0', 'no', 'нет') then false
    end
{%- endmacro %}

{#- A whole number, null when empty or not one. -#}
{% macro whole_number(column) -%}
    cast(case
        when {{ matches(text(column), '^[+-]?[0-9]{1,15}$') }} then {{ text(column) }}
    end as bigint)
{%- endmacro %}

{#- A date cell as text; null when empty or a vendor's way of saying so (1C, MySQL). -#}
{% macro date_text(column) -%}
    nullif(nullif({{ text(column) }}, '0001-01-01T00:00:00'), '0000-00-00 00:00:00')
{%- endmacro %}

{#- A cell as timestamp of the source's own clock; null when empty or not a date. -#}
{% macro local_time(column) -%}
    {{ parse_timestamp(date_text(column)) }}
{%- endmacro %}

{#- A cell as UTC instant, read in the time zone of the row's source unless it says Z itself. -#}
{% macro instant(column, crm) -%}
    case
        when {{ date_text(column) }} like '%Z' then {{ local_time(column) }}
        else {{ to_utc(local_time(column), source_timezone(crm)) }}
    end
{%- endmacro %}

{#- Time zone of the row's source, from crm_marts.toml. -#}
{% macro source_timezone(crm) -%}
    case _source
    {%- for name, source in var('sources').items() if source.crm == crm %}
        when '{{ name }}' then '{{ source.timezone }}'
    {%- endfor %} end
{%- endmacro %}

{#- Whether a local timestamp carries no time of day. -#}
{% macro is_midnight(local) -%}
    {{ local }} = cast(cast({{ local }} as date) as timestamp)
{%- endmacro %}
