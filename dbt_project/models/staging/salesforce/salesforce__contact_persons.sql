-- grain: contact version
select
    {{ versions('contacts') }},
    contacts.source_updated_at,
    contacts.contact_id as person_id,
    contacts.full_name,
    contacts.email,
    contacts.phone,
    not contacts.is_deleted and contacts.surviving_contact_id is null as is_active,
    contacts.is_deleted or contacts.surviving_contact_id is not null as is_deleted
from {{ ref('stg_salesforce__contacts') }} as contacts
where contacts.quarantine_reason is null
