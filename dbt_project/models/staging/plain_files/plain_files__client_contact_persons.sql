-- grain: row of client_contact_persons, as each load showed it
with first_shown as (
    select
        client_id,
        min(known_from) as known_from
    from {{ ref('stg_plain_files__clients') }}
    where quarantine_reason is null
    group by client_id
)

select
    {{ versions('client_contact_persons') }},
    client_contact_persons.client_id,
    client_contact_persons.person_id,
    client_contact_persons.position,
    client_contact_persons.role,
    client_contact_persons.is_primary,
    {{ file_valid_from('client_contact_persons') }} as valid_from,
    client_contact_persons.valid_to,
    false as is_deleted
from {{ ref('stg_plain_files__client_contact_persons') }} as client_contact_persons
left join first_shown on client_contact_persons.client_id = first_shown.client_id
where client_contact_persons.quarantine_reason is null
