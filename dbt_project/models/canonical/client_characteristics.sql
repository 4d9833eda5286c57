-- grain: client, characteristic, value and start of validity
with versions as (
    {{ contract_rows('client_characteristics', contract_columns(model.columns)) }}
),

custom_values as (
    -- Columns that crm_marts.toml carries as characteristics, as each load showed them.
    {%- for name, source in var('sources').items() %}
        {%- for characteristic, carried in source.characteristics.items() %}
            {%- set cell = json_value('custom', characteristic) %}
            select
                client_id,
                '{{ characteristic }}' as characteristic,
                {{ split_list(cell, carried.separator) if carried.separator else cell }} as value,
                known_from,
                known_to,
                source_updated_at
            from {{ ref('client_versions') }}
            where split_part(client_id, ':', 1) = '{{ name }}'
            union all
        {%- endfor %}
    {%- endfor %}
    select
        client_id,
        '' as characteristic,
        client_id as value,
        known_from,
        known_to,
        source_updated_at
    from {{ ref('client_versions') }}
    where false
),

custom_versions as (
    select distinct
        client_id,
        characteristic,
        trim(value) as value,
        known_from,
        known_to,
        max(source_updated_at) over (partition by client_id, known_from) as source_updated_at
    from custom_values
    where trim(value) <> ''
),

first_versions as (
    select
        client_id,
        min(known_from) as first_known_from
    from {{ ref('client_versions') }}
    group by client_id
),

marked as (
    -- A version that shows the same value goes on with the stretch before it.
    select
        *,
        case
            when lag(known_to) over (
                partition by client_id, characteristic, value order by known_from
            ) = known_from then 0
            else 1
        end as is_start
    from custom_versions
),

numbered as (
    select
        *,
        sum(is_start) over (
            partition by client_id, characteristic, value order by known_from
        ) as stretch_number
    from marked
),

stretches as (
    select
        client_id,
        characteristic,
        value,
        min(known_from) as known_from,
        case when count(*) = count(known_to) then max(known_to) end as known_to,
        max(source_updated_at) as source_updated_at
    from numbered
    group by client_id, characteristic, value, stretch_number
),

final as (
    select
        {{ canonical_columns(model.columns) }}
    from versions
    where is_latest
    union all
    select
        stretches.client_id,
        stretches.characteristic,
        stretches.value,
        -- What a client was first seen with it had from the beginning.
        case
            when stretches.known_from > first_versions.first_known_from then stretches.known_from
        end as valid_from,
        stretches.known_to as valid_to,
        stretches.source_updated_at,
        stretches.known_from as loaded_at,
        false as is_deleted,
        cast(null as timestamp) as deleted_at
    from stretches
    inner join first_versions on stretches.client_id = first_versions.client_id
)

select * from final
