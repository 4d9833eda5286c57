-- grain: interaction and start of the time in which responsible and deadline stayed the same
with interactions as (
    select
        interaction_id,
        responsible_manager_id,
        {{ effective_deadline('deadline_at', 'deadline_is_date') }} as deadline_at
    from {{ ref('interactions') }}
),

changes as (
    select
        *,
        row_number() over (partition by interaction_id, field order by changed_at) as place
    from {{ ref('interaction_changes') }}
    where field in ('responsible', 'deadline') and not is_deleted
),

known_values as (
    -- At the start the value that the first change replaced, then the one that each change brought.
    select
        interaction_id,
        cast(null as timestamp) as valid_from,
        field,
        old_value as field_value
    from changes
    where place = 1
    union all
    select
        interaction_id,
        changed_at,
        field,
        new_value
    from changes
),

moments as (
    select
        interaction_id,
        valid_from,
        max(case when field = 'responsible' then 1 else 0 end) as has_responsible,
        max(case when field = 'responsible' then field_value end) as responsible,
        max(case when field = 'deadline' then 1 else 0 end) as has_deadline,
        max(case when field = 'deadline' then field_value end) as deadline
    from known_values
    group by interaction_id, valid_from
),

runs as (
    select
        *,
        sum(has_responsible) over (
            partition by interaction_id order by valid_from nulls first
            rows between unbounded preceding and current row
        ) as responsible_run,
        sum(has_deadline) over (
            partition by interaction_id order by valid_from nulls first
            rows between unbounded preceding and current row
        ) as deadline_run,
        lead(valid_from) over (
            partition by interaction_id order by valid_from nulls first
        ) as valid_to
    from moments
),

carried as (
    select
        interaction_id,
        valid_from,
        valid_to,
        responsible_run,
        deadline_run,
        max(responsible) over (partition by interaction_id, responsible_run) as responsible,
        max(deadline) over (partition by interaction_id, deadline_run) as deadline,
        max(responsible_run) over (partition by interaction_id) as responsible_runs,
        max(deadline_run) over (partition by interaction_id) as deadline_runs
    from runs
),

final as (
    -- The last value is the present one, also where nothing ever changed.
    select
        interactions.interaction_id,
        carried.valid_from,
        carried.valid_to,
        managers.manager_id,
        case
            when carried.deadline_run < carried.deadline_runs
                then cast(carried.deadline as timestamp)
            else interactions.deadline_at
        end as deadline_at
    from interactions
    left join carried on interactions.interaction_id = carried.interaction_id
    left join {{ ref('managers') }} as managers
        on managers.manager_id = case
            when carried.responsible_run < carried.responsible_runs then carried.responsible
            else interactions.responsible_manager_id
        end
)

select * from final
