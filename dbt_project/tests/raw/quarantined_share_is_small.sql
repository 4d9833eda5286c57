-- A returned row is a table of a source that has too many unusable rows among those delivered since
-- its last complete load; `crm-marts quarantine` shows them.
{{ config(meta={'dagster': {'ref': {'name': 'quarantine'}}}) }}
with loads as (
    select
        *,
        max(case when is_complete then extracted_at end) over (
            partition by source, table_name
        ) as last_complete_at
    from {{ ref('stg_landing__loads') }}
),

delivered as (
    -- An incremental load is a part: its rows stand beside those of the last complete one.
    select
        source,
        table_name,
        sum(delivered_count) as row_count
    from loads
    where extracted_at >= coalesce(last_complete_at, extracted_at)
    group by source, table_name
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
    delivered.source,
    delivered.table_name,
    unusable.row_count as unusable_count,
    delivered.row_count as delivered_count
from delivered
inner join unusable
    on delivered.source = unusable.source and delivered.table_name = unusable.table_name
where
    (
        delivered.row_count >= {{ var('small_table_rows') }}
        and unusable.row_count > {{ var('quarantine_block_share') }} * delivered.row_count
    )
    or (
        delivered.row_count < {{ var('small_table_rows') }}
        and unusable.row_count > {{ var('quarantine_block_rows') }}
    )
