{#- Whether a text matches a regular expression (write [.] instead of a backslash). -#}
{% macro matches(text, pattern) %}
    {{- return(adapter.dispatch('matches')(text, pattern)) -}}
{% endmacro %}

{% macro default__matches(text, pattern) -%}
    regexp_like({{ text }}, '{{ pattern }}')
{%- endmacro %}

{% macro duckdb__matches(text, pattern) -%}
    regexp_matches({{ text }}, '{{ pattern }}')
{%- endmacro %}

{#- Whether a text is one of some constants. -#}
{% macro is_one_of(text, values) %}
    {{- return(adapter.dispatch('is_one_of')(text, values)) -}}
{% endmacro %}

{% macro default__is_one_of(text, values) -%}
    {{ text }} in ('{{ values | join("', '") }}')
{%- endmacro %}

{#- DuckDB makes a join of each list; thirty of them in a staging model are a third of its time. -#}
{% macro duckdb__is_one_of(text, values) -%}
    {%- set escaped = values | map('replace', '[', '[[]') | map('replace', '{', '[{]') -%}
    {{ matches(text, '^(' ~ escaped | join('|') ~ ')$') }}
{%- endmacro %}
