-- grain: month and interaction whose figures enter a report of it
with months as (
    select * from {{ ref('int_periods') }}
    where period_kind = 'month'
),

survivors as (
    select * from {{ ref('int_clients__survivors') }}
),

owners as (
    select * from {{ ref('int_clients__owners') }}
    where is_main
),

counted as (
    select * from {{ ref('int_interactions__in_periods') }}
    where period_kind = 'month'
),

at_close as (
    select * from {{ ref('int_interactions__at_close') }}
),

planned as (
    select
        interaction_id,
        concat_ws(
            ', ',
            case
                when is_opening then 'opening'
                when is_added then 'added'
                else 'moved in'
            end,
            case
                when is_moved_out then 'moved out'
                when is_cancelled then 'cancelled'
                when is_done then 'done'
                else 'not done'
            end
        ) as planned_activity
    from {{ ref('int_interactions__planned') }}
    where is_planned
),

final as (
    select
        months.period_kind,
        months.period_start,
        months.close_month,
        interactions.interaction_id,
        interactions.interaction_kind,
        interactions.interaction_group,
        interactions.direction,
        survivors.surviving_client_id as client_id,
        parties.client_ids,
        parties.person_ids,
        parties.manager_ids,
        interactions.created_at,
        at_close.planned_start_at,
        case
            when
                coalesce(at_close.planned_start_at = interactions.planned_start_at, false)
                or coalesce(at_close.planned_start_at, interactions.planned_start_at) is null
                then interactions.planned_end_at
        end as planned_end_at,
        at_close.event_at,
        at_close.completed_at,
        at_close.cancelled_at,
        lateness.first_deadline_at,
        lateness.deadline_at,
        lateness.deadline_move_count,
        lateness.is_moved_after_expiry,
        lateness.outcome,
        lateness.deadline_class,
        cast(lateness.days_late as int) as days_late,
        cast(lateness.working_days_late as int) as working_days_late,
        case when at_close.is_closed then interactions.result end as result,
        case when at_close.is_closed then interactions.result_class else 'none' end
            as result_class,
        planned.planned_activity,
        case when at_close.is_closed then at_close.holder_id end as performer_id,
        lateness.responsible_at_deadline_id,
        lateness.holder_at_end_id,
        counted.owner_at_event_id,
        owners.manager_id as owner_at_period_end_id,
        interactions.is_contact and at_close.completed_at is not null as is_contact,
        interactions.is_conversation and at_close.completed_at is not null as is_conversation,
        interactions.is_attempt and at_close.completed_at is not null as is_attempt,
        interactions.is_mass,
        case when at_close.completed_at is not null then interactions.duration_state end
            as duration_state,
        {{ rounded(
            "case when interactions.duration_state = 'known' and at_close.completed_at is not null"
            ~ " then interactions.spent_seconds end / 60.0"
        ) }} as duration_minutes,
        registered.is_counted,
        registered.is_in_outcomes,
        registered.is_overdue_flow,
        registered.is_due,
        registered.is_first_due,
        registered.is_planned,
        registered.is_planned_next,
        registered.is_opened
    from {{ ref('int_interactions__registered') }} as registered
    cross join months
    inner join {{ ref('int_interactions__classified') }} as interactions
        on registered.interaction_id = interactions.interaction_id
    inner join at_close on registered.interaction_id = at_close.interaction_id
    inner join {{ ref('int_interactions__lateness') }} as lateness
        on registered.interaction_id = lateness.interaction_id
    left join {{ ref('int_interactions__party_lists') }} as parties
        on registered.interaction_id = parties.interaction_id
    left join counted on registered.interaction_id = counted.interaction_id
    left join planned on registered.interaction_id = planned.interaction_id
    left join survivors
        on
            interactions.client_id = survivors.client_id
            and {{ valid_before('survivors', 'months.end_at') }}
    left join owners
        on
            survivors.surviving_client_id = owners.client_id
            and {{ valid_before('owners', 'months.end_at') }}
)

select * from final
