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

{#- The first match of a pattern replaced by its groups, named by number, and by constant texts. -#}
{% macro replaced_groups(text, pattern, parts) -%}
    {%- set sign = group_sign() -%}
    {%- set replacement = [] -%}
    {%- for part in parts -%}
        {%- do replacement.append(sign ~ part if part is number else part) -%}
    {%- endfor -%}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ replacement | join }}')
{%- endmacro %}

{% macro group_sign() %}{{ return(adapter.dispatch('group_sign')()) }}{% endmacro %}
{% macro default__group_sign() %}{{ return('\\') }}{% endmacro %}
{% macro spark__group_sign() %}{{ return('$') }}{% endmacro %}

{#- Whether a text is one of some constants. -#}
{% macro is_one_of(text, values) %}
    {{- return(adapter.dispatch('is_one_of')(text, values)) -}}
{% endmacro %}

{% macro default__is_one_of(text, values) -%}
    {{ text }} in ('{{ values | join("', '") }}')
{%- endmacro %}

{#- DuckDB makes a join of each list; thirty of them in a staging model are a third of its time. -#}
{% macro duckdb__is_one_of(text, values) -%}
    case {{ text }}
    {%- for value in values %} when '{{ value }}' then true{% endfor %}
        else case when {{ text }} is not null then false end
    end
{%- endmacro %}

{#- A text without spaces at its ends; null when nothing is left. -#}
{% macro filled_text(text) %}
    {{- return(adapter.dispatch('filled_text')(text)) -}}
{% endmacro %}

{% macro default__filled_text(text) -%}
    nullif(trim({{ text }}), '')
{%- endmacro %}

{#- Trimming costs twenty times what looking costs. Bytes as many as characters are ASCII, of whose
    characters DuckDB trims the space alone. -#}
{% macro duckdb__filled_text(text) -%}
    nullif(case
        when
            strlen({{ text }}) = length({{ text }})
            and not starts_with({{ text }}, ' ') and not ends_with({{ text }}, ' ')
            then {{ text }}
        else trim({{ text }})
    end, '')
{%- endmacro %}
