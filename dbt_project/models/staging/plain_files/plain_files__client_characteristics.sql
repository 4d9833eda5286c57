-- grain: row of client_characteristics, as each load showed it
select
    {{ versions('client_characteristics') }},
    client_characteristics.client_id,
    client_characteristics.characteristic,
    client_characteristics.value,
    client_characteristics.valid_from,
    client_characteristics.valid_to,
    false as is_deleted
from {{ ref('stg_plain_files__client_characteristics') }} as client_characteristics
where client_characteristics.quarantine_reason is null
