-- grain: row of client_assignments, as each load showed it
select
    {{ versions('client_assignments') }},
    client_assignments.client_id,
    client_assignments.manager_id,
    client_assignments.assignment_role,
    client_assignments.valid_from,
    client_assignments.valid_to,
    false as is_inferred,
    false as is_deleted
from {{ ref('stg_plain_files__client_assignments') }} as client_assignments
where client_assignments.quarantine_reason is null
