-- grain: row of client_contact_persons, as each load showed it
select
    {{ versions('client_contact_persons') }},
    client_contact_persons.client_id,
    client_contact_persons.person_id,
    client_contact_persons.position,
    client_contact_persons.role,
    client_contact_persons.is_primary,
    client_contact_persons.valid_from,
    client_contact_persons.valid_to,
    false as is_deleted
from {{ ref('stg_plain_files__client_contact_persons') }} as client_contact_persons
where client_contact_persons.quarantine_reason is null
