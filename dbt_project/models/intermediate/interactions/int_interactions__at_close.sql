-- grain: interaction that counts and is not settled since before the month being closed, as it was
-- at the scheduled close
with months as (
    select * from {{ ref('int_months') }}
    where is_closing
),

live as (
    {{ live_interactions('(select start_at from months)') }}
),

interactions as (
    select * from {{ ref('int_interactions__classified') }}
    where interaction_id in (select live.interaction_id from live)
),

timeline as (
    select * from {{ ref('int_interactions__timeline') }}
    where interaction_id in (select live.interaction_id from live)
),

states as (
    select
        interactions.interaction_id,
        timeline.planned_start_at,
        timeline.manager_id,
        interactions.performer_id,
        interactions.event_at,
        -- What is dated in the month counts in it, whenever it was ticked off.
        case
            when
                interactions.completed_at < months.scheduled_close_at
                or (
                    interactions.event_at >= months.start_at
                    and interactions.event_at < months.end_at
                ) then interactions.completed_at
        end as completed_at,
        case
            when interactions.cancelled_at < months.scheduled_close_at
                then interactions.cancelled_at
        end as cancelled_at
    from interactions
    cross join months
    inner join timeline
        on
            interactions.interaction_id = timeline.interaction_id
            and {{ valid_before('timeline', 'months.scheduled_close_at') }}
),

final as (
    select
        interaction_id,
        planned_start_at,
        completed_at,
        cancelled_at,
        case when completed_at is not null then event_at end as event_at,
        coalesce(completed_at, cancelled_at) is not null as is_closed,
        case
            when coalesce(completed_at, cancelled_at) is not null then performer_id
            else manager_id
        end as holder_id
    from states
)

select * from final
