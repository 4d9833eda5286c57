-- grain: month, basis (current or first deadline) and interaction with that deadline in the month
with months as (
    select * from {{ ref('int_months') }}
),

interactions as (
    select * from {{ ref('int_interactions__classified') }}
),

deadlines as (
    select * from {{ ref('int_interactions__deadlines') }}
),

timeline as (
    select * from {{ ref('int_interactions__timeline') }}
),

bases as (
    select
        period_start,
        interaction_id,
        'current' as basis,
        deadline_at
    from deadlines
    union all
    select
        period_start,
        interaction_id,
        'first',
        first_deadline_at
    from deadlines
),

due as (
    select
        months.period_start,
        months.end_at,
        months.as_of,
        bases.basis,
        bases.interaction_id,
        bases.deadline_at,
        interactions.interaction_kind,
        interactions.client_id as own_client_id,
        -- What happened to it after the month's scheduled close is not known then.
        case
            when interactions.completed_at < months.scheduled_close_at
                then interactions.completed_at
        end as completed_at,
        case
            when interactions.cancelled_at < months.scheduled_close_at
                then interactions.cancelled_at
        end as cancelled_at,
        -- The responsible of this moment answers for it.
        least(
            bases.deadline_at,
            coalesce(interactions.completed_at, interactions.cancelled_at, bases.deadline_at)
        ) as decided_at,
        case
            when calendar.next_working_date > calendar.calendar_date
                then {{ end_of_day('calendar.next_working_date') }}
            else bases.deadline_at
        end as working_deadline_at
    from bases
    inner join months
        on
            bases.period_start = months.period_start
            and bases.deadline_at >= months.start_at
            and bases.deadline_at < months.end_at
    inner join interactions on bases.interaction_id = interactions.interaction_id
    left join {{ ref('int_working_days') }} as calendar
        on cast({{ to_business('bases.deadline_at') }} as date) = calendar.calendar_date
    where coalesce(interactions.cancelled_at, bases.deadline_at) >= bases.deadline_at
),

final as (
    select
        due.period_start,
        due.basis,
        due.interaction_id,
        due.interaction_kind,
        timeline.manager_id,
        survivors.surviving_client_id as client_id,
        due.deadline_at,
        due.working_deadline_at,
        case
            when due.deadline_at > due.as_of then 'not yet due'
            when due.cancelled_at is not null then 'cancelled after deadline'
            when due.completed_at is null then 'still open'
            when due.completed_at > due.deadline_at then 'late'
            when deadlines.is_moved_after_expiry then 'moved after expiry'
            else 'on time'
        end as deadline_class,
        deadlines.move_count,
        deadlines.move_count > 0 as is_moved,
        deadlines.is_moved_after_expiry,
        due.deadline_at <= due.as_of
        and not deadlines.is_moved_after_expiry
        and coalesce(due.completed_at <= due.working_deadline_at, false) as is_working_on_time
    from due
    inner join deadlines
        on
            due.period_start = deadlines.period_start
            and due.interaction_id = deadlines.interaction_id
    inner join timeline
        on
            due.interaction_id = timeline.interaction_id
            and {{ valid_at('timeline', 'due.decided_at') }}
    left join {{ ref('int_clients__survivors') }} as survivors
        on
            due.own_client_id = survivors.client_id
            and {{ valid_before('survivors', 'due.end_at') }}
)

select * from final
