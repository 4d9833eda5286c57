{#- First 32 bits of the md5 of a text as a number from 0, the same on every engine. -#}
{% macro hash_number(text) %}{{ return(adapter.dispatch('hash_number')(text)) }}{% endmacro %}

{% macro default__hash_number(text) -%}
    cast(cast('x' || substr(md5({{ text }}), 1, 8) as bit(32)) as bigint)
{%- endmacro %}

{% macro duckdb__hash_number(text) -%}
    cast('0x' || substr(md5({{ text }}), 1, 8) as bigint)
{%- endmacro %}

{% macro spark__hash_number(text) -%}
    cast(conv(substr(md5({{ text }}), 1, 8), 16, 10) as bigint)
{%- endmacro %}
