-- grain: period and interaction that was completed or cancelled in it or is open at its end
with periods as (
    select * from {{ ref('int_periods') }}
),

interactions as (
    select * from {{ ref('int_interactions__classified') }}
),

timeline as (
    select * from {{ ref('int_interactions__timeline') }}
),

closed as (
    select
        periods.period_kind,
        periods.period_start,
        periods.end_at,
        interactions.interaction_id,
        interactions.interaction_kind,
        interactions.performer_id as manager_id,
        interactions.deadline_at_close as deadline_at,
        interactions.completed_at,
        interactions.cancelled_at
    from interactions
    inner join periods
        on
            coalesce(interactions.cancelled_at, interactions.completed_at) >= periods.start_at
            and coalesce(interactions.cancelled_at, interactions.completed_at) < periods.end_at
),

open_at_end as (
    select
        periods.period_kind,
        periods.period_start,
        periods.end_at,
        interactions.interaction_id,
        interactions.interaction_kind,
        timeline.manager_id,
        timeline.deadline_at,
        cast(null as timestamp) as completed_at,
        cast(null as timestamp) as cancelled_at
    from interactions
    inner join periods
        on
            interactions.created_at < periods.end_at
            and coalesce(
                coalesce(interactions.cancelled_at, interactions.completed_at) >= periods.end_at,
                true
            )
    inner join timeline
        on
            interactions.interaction_id = timeline.interaction_id
            and {{ valid_before('timeline', 'periods.end_at') }}
),

population as (
    select * from closed
    union all
    select * from open_at_end
),

final as (
    select
        period_kind,
        period_start,
        interaction_id,
        interaction_kind,
        manager_id,
        deadline_at,
        case
            when cancelled_at is not null then 'cancelled'
            when completed_at <= deadline_at then 'completed on time'
            when completed_at > deadline_at then 'completed late'
            when completed_at is not null then 'completed without deadline'
            when deadline_at < end_at then 'overdue'
            when deadline_at is not null then 'open, due later'
            else 'open without deadline'
        end as outcome,
        case
            when completed_at is null and cancelled_at is null and deadline_at < end_at
                then {{ days_between(to_business('deadline_at'), to_business('end_at')) }}
        end as days_overdue
    from population
)

select * from final
