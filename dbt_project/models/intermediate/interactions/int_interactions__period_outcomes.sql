-- grain: period and interaction that was completed or cancelled in it or is open at its end
with periods as (
    select
        period_kind,
        period_start,
        start_at,
        end_at
    from {{ ref('int_periods') }}
    union all
    select
        'month',
        period_start,
        start_at,
        end_at
    from {{ ref('int_months') }}
    where not is_closing
),

interactions as (
    -- What closed before every period is in none.
    select classified.*
    from {{ ref('int_interactions__classified') }} as classified
    where coalesce(
        coalesce(classified.cancelled_at, classified.completed_at)
        >= (select min(periods.start_at) from periods),
        true
    )
),

timeline as (
    select * from {{ ref('int_interactions__timeline') }}
    where interaction_id in (select interactions.interaction_id from interactions)
),

closed as (
    select
        periods.*,
        interactions.interaction_id,
        interactions.interaction_kind,
        interactions.client_id,
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
        periods.*,
        interactions.interaction_id,
        interactions.interaction_kind,
        interactions.client_id,
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

decided as (
    select
        *,
        case
            when cancelled_at is not null then 'cancelled'
            when completed_at <= deadline_at then 'completed on time'
            when completed_at > deadline_at then 'completed late'
            when completed_at is not null then 'completed without deadline'
            when deadline_at < end_at then 'overdue'
            when deadline_at is not null then 'open, due later'
            else 'open without deadline'
        end as outcome
    from population
),

final as (
    select
        decided.period_kind,
        decided.period_start,
        decided.interaction_id,
        decided.interaction_kind,
        survivors.surviving_client_id as client_id,
        decided.manager_id,
        decided.deadline_at,
        decided.outcome,
        decided.outcome in ('overdue', 'open, due later', 'open without deadline') as is_open,
        case
            when decided.outcome = 'overdue'
                then {{ days_between(
                    to_business('decided.deadline_at'), to_business('decided.end_at')
                ) }}
        end as days_overdue
    from decided
    left join {{ ref('int_clients__survivors') }} as survivors
        on
            decided.client_id = survivors.client_id
            and {{ valid_before('survivors', 'decided.end_at') }}
)

select * from final
