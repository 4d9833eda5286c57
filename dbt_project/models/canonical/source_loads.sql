-- grain: source and load
select distinct
    source,
    load_id,
    extracted_at,
    is_complete
from {{ ref('stg_landing__loads') }}
