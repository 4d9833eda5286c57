-- grain: interaction whose figures enter a report of the month being closed
with months as (
    select
        period_start,
        end_at,
        cast(period_end - interval '1' day as date) as last_date
    from {{ ref('int_months') }}
    where is_closing
),

outcomes as (
    select outcomes.*
    from {{ ref('int_interactions__period_outcomes') }} as outcomes
    inner join months on outcomes.period_start = months.period_start
    where outcomes.period_kind = 'month'
),

due as (
    select due.*
    from {{ ref('int_interactions__due') }} as due
    inner join months on due.period_start = months.period_start
    where due.basis = 'current'
),

at_close as (
    select * from {{ ref('int_interactions__at_close') }}
),

working_days as (
    select * from {{ ref('int_working_days') }}
),

states as (
    select
        registered.interaction_id,
        deadlines.first_deadline_at,
        deadlines.deadline_at,
        coalesce(deadlines.move_count, 0) as deadline_move_count,
        coalesce(deadlines.is_moved_after_expiry, false) as is_moved_after_expiry,
        due.deadline_class,
        due.manager_id as responsible_at_deadline_id,
        outcomes.outcome,
        case when outcomes.is_open then outcomes.manager_id end as holder_at_end_id,
        coalesce(at_close.completed_at <= deadlines.deadline_at, false) as is_on_time,
        cast({{ to_business('deadlines.deadline_at') }} as date) as deadline_date,
        case
            when at_close.completed_at > deadlines.deadline_at
                then cast({{ to_business('at_close.completed_at') }} as date)
            when
                at_close.completed_at is null
                and outcomes.is_open
                and deadlines.deadline_at < months.end_at then months.last_date
        end as late_date
    from {{ ref('int_interactions__registered') }} as registered
    cross join months
    inner join at_close on registered.interaction_id = at_close.interaction_id
    left join {{ ref('int_interactions__deadlines') }} as deadlines
        on
            months.period_start = deadlines.period_start
            and registered.interaction_id = deadlines.interaction_id
    left join due on registered.interaction_id = due.interaction_id
    left join outcomes on registered.interaction_id = outcomes.interaction_id
),

final as (
    select
        states.interaction_id,
        states.first_deadline_at,
        states.deadline_at,
        states.deadline_move_count,
        states.is_moved_after_expiry,
        states.deadline_class,
        states.responsible_at_deadline_id,
        states.outcome,
        states.holder_at_end_id,
        case
            when states.is_on_time then 0
            else {{ days_between('states.deadline_date', 'states.late_date') }}
        end as days_late,
        case
            when states.is_on_time then 0
            else late_days.working_day_number - deadline_days.working_day_number
        end as working_days_late
    from states
    left join working_days as deadline_days on states.deadline_date = deadline_days.calendar_date
    left join working_days as late_days on states.late_date = late_days.calendar_date
)

select * from final
