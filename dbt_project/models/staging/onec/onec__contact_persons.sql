-- grain: contact person version
select
    {{ versions('persons', ['person_id']) }},
    persons.person_id,
    persons.full_name,
    persons.email,
    persons.phone,
    not coalesce(persons.is_deleted, false) and persons.works_until is null as is_active,
    coalesce(persons.is_deleted, false) as is_deleted
from {{ ref('stg_onec__contact_persons') }} as persons
where persons.quarantine_reason is null
