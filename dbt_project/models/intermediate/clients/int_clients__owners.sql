-- grain: client and start of the time in which one manager is its main manager
with assignments as (
    select
        client_id,
        manager_id,
        assignment_role,
        -- From the beginning, where the CRM does not say since when.
        coalesce(valid_from, timestamp '1900-01-01 00:00:00') as valid_from,
        valid_to
    from {{ ref('client_assignments') }}
    where not is_deleted
),

moments as (
    select
        client_id,
        valid_from as moment
    from assignments
    union
    select
        client_id,
        valid_to
    from assignments
    where valid_to is not null
),

stretches as (
    select
        client_id,
        moment as valid_from,
        lead(moment) over (partition by client_id order by moment) as valid_to
    from moments
),

candidates as (
    -- A manager with several assignments at a time has his best one.
    select
        stretches.client_id,
        stretches.valid_from,
        stretches.valid_to,
        assignments.manager_id,
        min(case when assignments.assignment_role = 'main' then 1 else 2 end) as role_place,
        min(case when assignments.assignment_role = 'main' then assignments.valid_from end)
            as main_since,
        min(assignments.valid_from) as assigned_since
    from stretches
    inner join assignments
        on
            stretches.client_id = assignments.client_id
            and stretches.valid_from >= assignments.valid_from
            and (stretches.valid_from < assignments.valid_to or assignments.valid_to is null)
    group by
        stretches.client_id, stretches.valid_from, stretches.valid_to, assignments.manager_id
),

ranked as (
    select
        *,
        row_number() over (
            partition by client_id, valid_from
            order by role_place, coalesce(main_since, assigned_since), manager_id
        ) as place
    from candidates
)

select
    client_id,
    manager_id,
    valid_from,
    valid_to,
    place = 1 as is_main
from ranked
