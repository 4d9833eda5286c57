{#- A raw table of a CRM, under the name that the engine can give it. -#}
{% macro raw_table(crm, table) %}
    {{- return(adapter.dispatch('raw_table')(crm, table)) -}}
{% endmacro %}

{% macro default__raw_table(crm, table) %}
    {{- return(source(crm, table)) -}}
{% endmacro %}

{#- A name has 63 bytes, and two bytes make a Cyrillic letter; `postgres_name` copies under the same
    short name. -#}
{% macro postgres__raw_table(crm, table) %}
    {%- set relation = source(crm, table) -%}
    {%- if table.encode('utf-8') | length > 63 -%}
        {%- set short_name = table[:13] ~ '_' ~ local_md5(table)[:8] -%}
        {%- set relation = relation.incorporate(path={'identifier': short_name}) -%}
    {%- endif -%}
    {{- return(relation) -}}
{% endmacro %}

{#- The metastore takes letters of the Latin alphabet, digits and _; `spark_name` sends a table under
    the same name. -#}
{% macro spark__raw_table(crm, table) %}
    {%- set relation = source(crm, table) -%}
    {%- if not modules.re.fullmatch('[A-Za-z0-9_]+', table) -%}
        {%- set relation = relation.incorporate(path={'identifier': 'raw_' ~ local_md5(table)[:12]}) -%}
    {%- endif -%}
    {{- return(relation) -}}
{% endmacro %}

{#- Ends of the versions of a raw table's rows: _source, _key, _extracted_at, _gone_at. -#}
{% macro raw_ends(crm, table) %}
    {{- return(adapter.dispatch('raw_ends')(crm, table)) -}}
{% endmacro %}

{% macro default__raw_ends(crm, table) -%}
    (
        select
            _source,
            _key,
            _extracted_at,
            _gone_at
        from {{ raw_table(crm, table) }}
        where _gone_at is not null
    )
{%- endmacro %}

{#- Landing has them as a table; the rows lie in Parquet. -#}
{% macro duckdb__raw_ends(crm, table) %}
    {%- set relation = raw_table(crm, table) -%}
    {{- return(relation.incorporate(path={'schema': 'ends_' ~ crm})) -}}
{% endmacro %}
