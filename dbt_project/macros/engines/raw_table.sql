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
