-- grain: row of contact_persons, as each load showed it
select
    {{ versions('contact_persons') }},
    contact_persons.person_id,
    contact_persons.full_name,
    contact_persons.email,
    contact_persons.phone,
    contact_persons.is_active,
    contact_persons.is_deleted,
    contact_persons.source_updated_at
from {{ ref('stg_plain_files__contact_persons') }} as contact_persons
where contact_persons.quarantine_reason is null
