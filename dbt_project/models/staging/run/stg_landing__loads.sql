-- grain: load and raw table
select loads.*
from {{ source('landing', 'loads') }} as loads
inner join {{ ref('run_period') }} as run_period on loads.extracted_at <= run_period.as_of
