{#- A reference of Bitrix24, 0 for none, with a prefix where ids of two tables would be the same. -#}
{% macro bitrix24_id(column, prefix='') -%}
    _source || ':{{ prefix }}' || nullif({{ text(column) }}, '0')
{%- endmacro %}

{#- A moment of Bitrix24, whose last day of time (9999-12-31) means none. -#}
{% macro bitrix24_moment(column) -%}
    case
        when {{ local_time(column) }} < timestamp '9999-01-01 00:00:00'
            then {{ instant(column, 'bitrix24') }}
    end
{%- endmacro %}
