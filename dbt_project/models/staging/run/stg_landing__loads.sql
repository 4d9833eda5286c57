-- grain: load and raw table
select
    loads.source,
    loads.crm,
    loads.load_id,
    loads.extracted_at,
    loads.is_complete,
    loads.table_name,
    loads.delivered_count,
    loads.unchanged_count,
    loads.changed_count,
    loads.exact_duplicate_count,
    loads.rejected_count,
    loads.gone_count
from {{ source('landing', 'loads') }} as loads
inner join {{ ref('run_period') }} as run_period on loads.extracted_at <= run_period.as_of
