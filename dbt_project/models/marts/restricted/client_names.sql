-- grain: client, as last known
select
    client_id,
    client_name,
    tax_id
from {{ ref('clients') }}
