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
        interactions.planned_start_at,
        interactions.planned_end_at,
        interactions.event_at,
        interactions.completed_at,
        interactions.cancelled_at,
        lateness.first_deadline_at,
        lateness.deadline_at,
        lateness.deadline_move_count,
        lateness.is_moved_after_expiry,
        lateness.outcome,
        lateness.deadline_class,
        cast(lateness.days_late as int) as days_late,
        cast(lateness.working_days_late as int) as working_days_late,
        interactions.result,
        interactions.result_class,
        planned.planned_activity,
        interactions.performer_id,
        lateness.responsible_at_deadline_id,
        lateness.holder_at_end_id,
        counted.owner_at_event_id,
        owners.manager_id as owner_at_period_end_id,
        interactions.is_contact,
        interactions.is_conversation,
        interactions.is_attempt,
        interactions.is_mass,
        interactions.duration_state,
        {{ rounded(
            "case when interactions.duration_state = 'known' then interactions.spent_seconds end"
            ~ " / 60.0"
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
