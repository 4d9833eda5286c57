-- grain: contact person version; in 1C a person belongs to one partner
select
    {{ versions('persons', ['person_id']) }},
    persons.partner_id as client_id,
    persons.person_id,
    persons.position,
    persons.role,
    persons.works_since as valid_from,
    persons.works_until as valid_to,
    coalesce(persons.is_primary, false) as is_primary,
    coalesce(persons.is_deleted, false) as is_deleted
from {{ ref('stg_onec__contact_persons') }} as persons
where persons.quarantine_reason is null and persons.partner_id is not null
