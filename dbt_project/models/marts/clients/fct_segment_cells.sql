-- grain: month, finest cell, characteristic and value
select
    'month' as period_kind,
    run_period.close_month as period_start,
    run_period.close_month,
    cells.cell_id,
    cells.characteristic,
    cells.value,
    cells.client_count,
    cells.previous_client_count,
    cells.client_count - cells.previous_client_count as change_client_count
from {{ ref('int_clients__segment_cells') }} as cells
cross join {{ ref('run_period') }} as run_period
