-- grain: one row
select
    cast(close_month as date) as close_month,
    cast(as_of as timestamp) as as_of,
    cast(scheduled_close_at as timestamp) as scheduled_close_at,
    cast(is_reconstructed as boolean) as is_reconstructed
from {{ source('run', 'run_period') }}
