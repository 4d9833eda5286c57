-- A returned row is a table of a source whose newest load has too many unusable rows; look at them
-- in canonical.quarantine.
{{ config(meta={'dagster': {'ref': {'name': 'quarantine'}}}) }}
with loads as (
    select
        *,
        row_number() over (partition by source, table_name order by extracted_at desc) as recency
    from {{ ref('stg_landing__loads') }}
),

unusable as (
    select
        source,
        table_name,
        count(*) as row_count
    from {{ ref('quarantine') }}
    where left_at is null
    group by source, table_name
)

select
    loads.source,
    loads.table_name,
    unusable.row_count,
    loads.delivered_count
from loads
inner join unusable
    on loads.source = unusable.source and loads.table_name = unusable.table_name
where
    loads.recency = 1
    and (
        (
            loads.delivered_count >= {{ var('small_table_rows') }}
            and unusable.row_count > {{ var('quarantine_block_share') }} * loads.delivered_count
        )
        or (
            loads.delivered_count < {{ var('small_table_rows') }}
            and unusable.row_count > {{ var('quarantine_block_rows') }}
        )
    )
