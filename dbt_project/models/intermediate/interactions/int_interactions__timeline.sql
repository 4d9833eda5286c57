-- grain: interaction and start of the time in which responsible and deadline stayed the same
with interactions as (
    select
        interaction_id,
        responsible_manager_id,
        {{ effective_deadline('deadline_at', 'deadline_is_date') }} as deadline_at
    from {{ ref('interactions') }}
),

changes as (
    select * from {{ ref('interaction_changes') }}
    where field in ('responsible', 'deadline') and not is_deleted
),

moments as (
    select
        interaction_id,
        cast(null as timestamp) as valid_from
    from interactions
    union
    select
        interaction_id,
        changed_at
    from changes
),

values_known as (
    -- At each moment the value that a change brought, and at the start the one that the first
    -- change replaced; without any change the present value.
    select
        moments.interaction_id,
        moments.valid_from,
        max(case when changes.field = 'responsible' then 1 else 0 end) as has_responsible,
        max(case when changes.field = 'responsible' then changes.new_value end) as responsible,
        max(case when changes.field = 'deadline' then 1 else 0 end) as has_deadline,
        max(case when changes.field = 'deadline' then changes.new_value end) as deadline
    from moments
    left join changes
        on
            moments.interaction_id = changes.interaction_id
            and moments.valid_from = changes.changed_at
    group by moments.interaction_id, moments.valid_from
),

first_changes as (
    select
        interaction_id,
        field,
        old_value,
        row_number() over (partition by interaction_id, field order by changed_at) as place
    from changes
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
    from values_known
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
        max(responsible_run) over (partition by interaction_id) as responsible_changes,
        max(deadline_run) over (partition by interaction_id) as deadline_changes
    from runs
),

final as (
    select
        carried.interaction_id,
        carried.valid_from,
        carried.valid_to,
        managers.manager_id,
        case
            when carried.deadline_run = carried.deadline_changes then interactions.deadline_at
            when carried.deadline_run = 0 then cast(first_deadline.old_value as timestamp)
            else cast(carried.deadline as timestamp)
        end as deadline_at
    from carried
    inner join interactions on carried.interaction_id = interactions.interaction_id
    left join first_changes as first_responsible
        on
            carried.interaction_id = first_responsible.interaction_id
            and first_responsible.field = 'responsible'
            and first_responsible.place = 1
    left join first_changes as first_deadline
        on
            carried.interaction_id = first_deadline.interaction_id
            and first_deadline.field = 'deadline'
            and first_deadline.place = 1
    left join {{ ref('managers') }} as managers
        on managers.manager_id = case
            when carried.responsible_run = carried.responsible_changes
                then interactions.responsible_manager_id
            when carried.responsible_run = 0 then first_responsible.old_value
            else carried.responsible
        end
)

select * from final
