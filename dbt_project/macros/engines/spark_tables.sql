{#- Spark takes one statement at a time, and its tables of Parquet are written whole or by partition. -#}

{#- dbt-spark would state constraints afterwards, which such tables do not take. -#}
{%- materialization table, adapter='spark' -%}
    {{- return(_table_written_anew()) -}}
{%- endmaterialization -%}

{#- On a server every build is a full one. -#}
{%- materialization updated_table, adapter='spark' -%}
    {{- return(_table_written_anew()) -}}
{%- endmaterialization -%}

{#- A mart: a partition for each month. The run's is overwritten whole, also by no rows at all. -#}
{%- materialization incremental, adapter='spark' -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}
    {{- run_hooks(pre_hooks) -}}
    {%- if existing -%}
        {%- set close_month = run_query(
            'select cast(close_month as string) from '
            ~ graph.nodes['model.crm_marts.run_period'].relation_name
        )[0][0] -%}
        {%- set names = model.columns | reject('equalto', 'close_month') | join(', ') -%}
        {%- do _assert_contract() -%}
        {%- do _with_declared_columns(target) -%}
        {%- call statement('main') -%}
            insert overwrite table {{ target }} partition (close_month = date '{{ close_month }}')
                ({{ names }})
            select {{ names }} from ({{ compiled_code }}) as month_rows
        {%- endcall -%}
    {%- else -%}
        {%- do _written_anew(target, 'partitioned by (close_month)') -%}
    {%- endif -%}
    {{- run_hooks(post_hooks) -}}
    {{- return({'relations': [target]}) -}}
{%- endmaterialization -%}

{% macro _table_written_anew() %}
    {%- set target = this.incorporate(type='table') -%}
    {{- run_hooks(pre_hooks) -}}
    {%- do _written_anew(target) -%}
    {{- run_hooks(post_hooks) -}}
    {{- return({'relations': [target]}) -}}
{% endmacro %}

{% macro _written_anew(target, partitions='') %}
    {%- do _assert_contract() -%}
    {%- call statement('dropped', auto_begin=False) -%}
        drop table if exists {{ target }}
    {%- endcall -%}
    {%- call statement('main') -%}
        create table {{ target }} using parquet {{ partitions }}
        {#- A contract's columns in their order; other models may describe some of theirs alone. #}
        as select {{ model.columns | join(', ') if config.get('contract').enforced else '*' }}
        from ({{ compiled_code }}) as new_rows
    {%- endcall -%}
{% endmacro %}

{% macro _assert_contract() %}
    {%- if config.get('contract').enforced -%}
        {%- do get_assert_columns_equivalent(compiled_code) -%}
    {%- endif -%}
{% endmacro %}

{#- Columns that a newer version of the model declares. -#}
{% macro _with_declared_columns(target) %}
    {%- set found = adapter.get_columns_in_relation(target) | map(attribute='name') | list -%}
    {%- for column in model.columns.values() if column.name not in found -%}
        {%- do run_query(
            'alter table ' ~ target ~ ' add columns (' ~ column.name ~ ' ' ~ column.data_type ~ ')'
        ) -%}
    {%- endfor -%}
{% endmacro %}
