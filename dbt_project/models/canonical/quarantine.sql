-- grain: unusable row
with staged as (
    {{ contract_rows('quarantine', model.columns) }}
),

rejected as (
    select * from {{ ref('stg_landing__rejected_lines') }}
),

loads as (
    select
        *,
        min(case when is_complete then extracted_at end) over (
            partition by source, table_name
            order by extracted_at
            rows between 1 following and unbounded following
        ) as next_complete_at
    from {{ ref('stg_landing__loads') }}
),

final as (
    select
        source,
        table_name,
        load_id,
        file_name,
        line_number,
        reason,
        raw_row,
        loaded_at,
        left_at
    from staged
    union all
    select
        rejected.source,
        rejected.table_name,
        rejected.load_id,
        rejected.file_name,
        rejected.line_number,
        rejected.reason,
        rejected.raw_row,
        loads.extracted_at as loaded_at,
        -- A complete load delivers a line that is still broken once more.
        loads.next_complete_at as left_at
    from rejected
    inner join loads
        on rejected.load_id = loads.load_id and rejected.table_name = loads.table_name
)

select * from final
