-- grain: contact version; one that was merged into another is deleted
select
    {{ versions('contacts') }},
    contacts.source_updated_at,
    contacts.contact_id as person_id,
    contacts.full_name,
    contacts.email,
    contacts.phone,
    true as is_active,
    contacts.is_deleted or survivors.contact_id is not null as is_deleted,
    survivors.merged_at as deleted_at
from {{ ref('stg_hubspot__contacts') }} as contacts
left join {{ ref('int_hubspot__surviving_persons') }} as survivors
    on contacts.contact_id = survivors.contact_id
where contacts.quarantine_reason is null
