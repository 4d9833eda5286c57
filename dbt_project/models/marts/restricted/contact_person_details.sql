-- grain: contact person, as last known
select
    person_id,
    full_name,
    email,
    phone
from {{ ref('contact_persons') }}
