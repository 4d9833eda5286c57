-- A returned row is a period and interaction with more than one outcome, or a completed interaction
-- of the period without any.
{{ config(meta={'dagster': {'ref': {'name': 'int_interactions__period_outcomes'}}}) }}
with outcomes as (
    select
        period_kind,
        period_start,
        interaction_id,
        count(*) as outcome_count
    from {{ ref('int_interactions__period_outcomes') }}
    group by period_kind, period_start, interaction_id
),

closed as (
    select
        periods.period_kind,
        periods.period_start,
        interactions.interaction_id
    from {{ ref('int_periods') }} as periods
    inner join {{ ref('int_interactions__classified') }} as interactions
        on
            coalesce(interactions.cancelled_at, interactions.completed_at) >= periods.start_at
            and coalesce(interactions.cancelled_at, interactions.completed_at) < periods.end_at
)

select
    period_kind,
    period_start,
    interaction_id
from outcomes
where outcome_count > 1
union all
select
    closed.period_kind,
    closed.period_start,
    closed.interaction_id
from closed
left join outcomes
    on
        closed.period_kind = outcomes.period_kind
        and closed.period_start = outcomes.period_start
        and closed.interaction_id = outcomes.interaction_id
where outcomes.interaction_id is null
