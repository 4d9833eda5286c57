-- grain: row of client_assignments, as each load showed it
with first_shown as (
    select
        client_id,
        min(known_from) as known_from
    from {{ ref('stg_plain_files__clients') }}
    where quarantine_reason is null
    group by client_id
)

select
    {{ versions('client_assignments') }},
    client_assignments.client_id,
    client_assignments.manager_id,
    client_assignments.assignment_role,
    {{ file_valid_from('client_assignments') }} as valid_from,
    client_assignments.valid_to,
    false as is_inferred,
    false as is_deleted
from {{ ref('stg_plain_files__client_assignments') }} as client_assignments
left join first_shown on client_assignments.client_id = first_shown.client_id
where client_assignments.quarantine_reason is null
