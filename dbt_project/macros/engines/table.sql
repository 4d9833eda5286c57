{#- A table of the private warehouse, replaced in one transaction. dbt-duckdb builds another table beside the old one
    and renames both, for readers that this warehouse does not have: they are given published copies. -#}
{%- materialization table, adapter="duckdb" -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type="table") -%}
    {{- run_hooks(pre_hooks) -}}
    {%- call statement("main") -%}
        {%- if existing %}drop {{ existing.type }} if exists {{ existing }}; {% endif -%}
        {{ create_table_as(False, target, compiled_code) }}
    {%- endcall -%}
    {{- run_hooks(post_hooks) -}}
    {%- do adapter.commit() -%}
    {{- return({"relations": [target]}) -}}
{%- endmaterialization -%}
