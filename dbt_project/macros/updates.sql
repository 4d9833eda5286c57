{#- A run brings the relations of an earlier one up to date where it can: of interactions, which are
    most of a warehouse, only the changed ones are read and written anew (materialization
    updated_table). orchestration/close/building.py decides; where it is so, run.new_loads is there. -#}
{% macro is_update() -%}
    {%- if not execute or flags.FULL_REFRESH or model.resource_type != 'model' -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set new_loads = source('run', 'new_loads') -%}
    {{ return(load_relation(new_loads) is not none) }}
{%- endmacro %}

{#- Whether a moment of a staged row is that of a load which the update brings. -#}
{% macro is_new(moment) -%}
    (
        (_source, {{ moment }}) in (
            select
                new_loads.source,
                new_loads.extracted_at
            from {{ source('run', 'new_loads') }} as new_loads
        )
    )
{%- endmacro %}

{#- Whether a row of an interaction is one that a build writes: all are, but of an update only those
    of changed interactions. -#}
{% macro is_written(interaction_id='interaction_id') -%}
    {%- if is_update() -%} {{ _is_changed(interaction_id) }} {%- else -%} true {%- endif -%}
{%- endmacro %}

{% macro _is_changed(interaction_id) -%}
    {{ interaction_id }} in (
        select changed_interactions.interaction_id
        from {{ ref('changed_interactions') }} as changed_interactions
    )
{%- endmacro %}

{#- Pre-hook of relations that read the changed interactions alone: these are built first. -#}
{% macro after_changed_interactions() -%}
    {%- do ref('changed_interactions') -%}
{%- endmacro %}

{#- The rows of a relation that the update replaces; what a model yields besides is not inserted. -#}
{% macro is_replaced() -%}
    {{ is_new('known_from') if config.get('raw_table') else _is_changed('interaction_id') }}
{%- endmacro %}

{#- A table of which an update replaces the rows of changed interactions; of a staging model
    (raw_table: [crm, table]) the rows of new loads, after which the versions before them end. -#}
{%- materialization updated_table, default -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set updates = is_update() -%}
    {%- if updates and not existing -%}
        {{ exceptions.raise_compiler_error(
            this ~ ' is to be brought up to date, but is not there; build with --full-refresh'
        ) }}
    {%- endif -%}
    {{- run_hooks(pre_hooks) -}}
    {%- call statement('main') -%}
        {%- if updates %}
            {%- set columns = adapter.get_columns_in_relation(target) | map(attribute='quoted') | join(', ') %}
            delete from {{ target }} where {{ is_replaced() }};
            insert into {{ target }} ({{ columns }})
            select {{ columns }} from ({{ compiled_code }}) as brought
            where {{ is_replaced() }}
            {%- if config.get('raw_table') %};
                {{ end_versions(target, *config.get('raw_table')) }}
            {%- endif %}
        {%- else %}
            {%- if existing %}drop {{ existing.type }} if exists {{ existing }}; {% endif -%}
            {{ create_table_as(False, target, compiled_code) }}
        {%- endif %}
    {%- endcall -%}
    {{- run_hooks(post_hooks) -}}
    {%- do adapter.commit() -%}
    {{- return({'relations': [target]}) -}}
{%- endmaterialization -%}
