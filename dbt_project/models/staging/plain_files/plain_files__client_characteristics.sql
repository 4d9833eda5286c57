-- grain: row of client_characteristics, as each load showed it
with first_shown as (
    select
        client_id,
        min(known_from) as known_from
    from {{ ref('stg_plain_files__clients') }}
    where quarantine_reason is null
    group by client_id
)

select
    {{ versions('client_characteristics') }},
    client_characteristics.client_id,
    client_characteristics.characteristic,
    client_characteristics.value,
    {{ file_valid_from('client_characteristics') }} as valid_from,
    client_characteristics.valid_to,
    false as is_deleted
from {{ ref('stg_plain_files__client_characteristics') }} as client_characteristics
left join first_shown on client_characteristics.client_id = first_shown.client_id
where client_characteristics.quarantine_reason is null
