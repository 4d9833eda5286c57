-- grain: contact version
select
    {{ versions('contacts') }},
    contacts.source_updated_at,
    contacts.contact_id as person_id,
    contacts.full_name,
    contacts.email,
    contacts.phone,
    contacts.is_active,
    false as is_deleted
from {{ ref('stg_dolibarr__contacts') }} as contacts
where contacts.quarantine_reason is null
