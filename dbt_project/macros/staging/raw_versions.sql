{#- Every version of every row of a raw table that was known at as_of:
    known_from (the load that first showed it), known_to (the load that no longer did; null while
    it is current), key_known_to (the load that no longer had the key at all), is_latest (last
    version of its key), is_baseline (from the source's first load: since when it was so is
    unknown).
    A key has one row at a time, so that only keys of which a version has ended can have several.
    Cells are text, trimmed, an empty one is null: done once here, since a staging model looks at a
    cell many times. -#}
{% macro raw_versions(crm, table) %}
    {%- if config.get('raw_table') and is_update() -%}
        {{ _new_versions(crm, table) }}
    {%- else -%}
        {{ _all_versions(crm, table) }}
    {%- endif -%}
{% endmacro %}

{% macro _all_versions(crm, table) %}
    select
        {{ _cells(crm, table) }},
        source_rows._extracted_at as known_from,
        {{ _known_to('source_rows') }} as known_to,
        changed_keys.key_known_to,
        coalesce(source_rows._extracted_at = changed_keys.newest_at, true) as is_latest,
        source_rows._extracted_at = first_loads.extracted_at as is_baseline
    from {{ raw_table(crm, table) }} as source_rows
    cross join {{ ref('run_period') }} as run_period
    {{ _first_loads() }}
    left join (
        select
            source_rows._source,
            source_rows._key,
            max(source_rows._extracted_at) as newest_at,
            case
                when count({{ _known_to('source_rows') }}) = count(*)
                    then max({{ _known_to('source_rows') }})
            end as key_known_to
        from {{ raw_table(crm, table) }} as source_rows
        cross join {{ ref('run_period') }} as run_period
        inner join (
            select distinct
                ends._source,
                ends._key
            from {{ raw_ends(crm, table) }} as ends
            cross join {{ ref('run_period') }} as run_period
            where ends._gone_at <= run_period.as_of
        ) as ended
            on source_rows._source = ended._source and source_rows._key = ended._key
        where source_rows._extracted_at <= run_period.as_of
        group by source_rows._source, source_rows._key
    ) as changed_keys
        on
            source_rows._source = changed_keys._source
            and source_rows._key = changed_keys._key
    where source_rows._extracted_at <= run_period.as_of
{% endmacro %}

{#- The versions that an update brings; which of them have ended, end_versions tells. -#}
{% macro _new_versions(crm, table) %}
    select
        {{ _cells(crm, table) }},
        source_rows._extracted_at as known_from,
        cast(null as timestamp) as known_to,
        cast(null as timestamp) as key_known_to,
        true as is_latest,
        source_rows._extracted_at = first_loads.extracted_at as is_baseline
    from {{ raw_table(crm, table) }} as source_rows
    {{ _first_loads() }}
    inner join {{ source('run', 'new_loads') }} as new_loads
        on
            source_rows._source = new_loads.source
            and source_rows._extracted_at = new_loads.extracted_at
{% endmacro %}

{#- Ends the versions of staged rows of which an update brought a newer one, or the end. -#}
{% macro end_versions(relation, crm, table) %}
    update {{ relation }} as staged
    set
        known_to = ended.known_to,
        key_known_to = ended.key_known_to,
        is_latest = ended.is_latest
    from (
        select
            _source,
            _key,
            known_from,
            known_to,
            case
                when count(known_to) over (partition by _source, _key)
                    = count(*) over (partition by _source, _key)
                    then max(known_to) over (partition by _source, _key)
            end as key_known_to,
            known_from = max(known_from) over (partition by _source, _key) as is_latest
        from (
            select
                versions._source,
                versions._key,
                versions.known_from,
                coalesce(versions.known_to, ends._gone_at) as known_to
            from {{ relation }} as versions
            inner join (
                select _source, _key from {{ relation }}
                where {{ is_new('known_from') }}
                union
                select _source, _key from {{ raw_ends(crm, table) }}
                where {{ is_new('_gone_at') }}
            ) as touched on versions._source = touched._source and versions._key = touched._key
            left join (
                select
                    _source,
                    _key,
                    _extracted_at,
                    _gone_at
                from {{ raw_ends(crm, table) }}
                where {{ is_new('_gone_at') }}
            ) as ends
                on
                    versions._source = ends._source
                    and versions._key = ends._key
                    and versions.known_from = ends._extracted_at
        ) as versions
    ) as ended
    where
        staged._source = ended._source
        and staged._key = ended._key
        and staged.known_from = ended.known_from
{% endmacro %}

{% macro _cells(crm, table) -%}
    {%- set columns = ['_source', '_key', '_load_id', '_file', '_line'] -%}
    {%- for column in columns %}
        source_rows.{{ column }},
    {%- endfor %}
    {%- for column in raw_columns(crm, table) %}
        {{ filled_text('source_rows.' ~ adapter.quote(column)) }} as {{ adapter.quote(column) }}
        {{- ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{% macro _first_loads() -%}
    inner join (
        select source, min(extracted_at) as extracted_at
        from {{ ref('stg_landing__loads') }}
        group by source
    ) as first_loads on source_rows._source = first_loads.source
{%- endmacro %}

{#- The cells of a raw table: declared columns, and those that crm_marts.toml carries as
    characteristics of clients. -#}
{% macro raw_columns(crm, table) -%}
    {%- set columns = {} -%}
    {%- if execute -%}
        {%- for node in graph.sources.values() if node.source_name == crm and node.name == table -%}
            {%- do columns.update(node.columns) -%}
            {%- for source in var('sources').values()
                if source.crm == crm and node.meta.client_characteristics -%}
                {%- for carried in (source.characteristics or {}).values() -%}
                    {%- do columns.update({carried.column: none}) -%}
                {%- endfor -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(columns.keys() | list) }}
{%- endmacro %}

{% macro _known_to(relation) -%}
    case when {{ relation }}._gone_at <= run_period.as_of then {{ relation }}._gone_at end
{%- endmacro %}
