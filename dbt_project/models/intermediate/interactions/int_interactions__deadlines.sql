-- grain: month and interaction that counts, is not settled since before the earlier month, and has
-- or had a deadline at the month's scheduled close
with months as (
    select * from {{ ref('int_months') }}
),

live as (
    {{ live_interactions('(select min(start_at) from months)') }}
),

interactions as (
    select * from {{ ref('int_interactions__classified') }}
    where interaction_id in (select live.interaction_id from live)
),

timeline as (
    select * from {{ ref('int_interactions__timeline') }}
    where interaction_id in (select live.interaction_id from live)
),

stretches as (
    select
        timeline.interaction_id,
        timeline.valid_from,
        timeline.valid_to,
        timeline.deadline_at,
        lag(timeline.deadline_at) over (
            partition by timeline.interaction_id order by timeline.valid_from nulls first
        ) as replaced_deadline_at,
        coalesce(interactions.completed_at, interactions.cancelled_at) as closed_at
    from interactions
    inner join timeline on interactions.interaction_id = timeline.interaction_id
),

steps as (
    select
        *,
        row_number() over (
            partition by interaction_id
            order by
                case when deadline_at is null then 1 else 0 end,
                valid_from nulls first
        ) as place,
        coalesce(
            deadline_at <> replaced_deadline_at,
            replaced_deadline_at is not null
        ) as is_move
    from stretches
),

final as (
    select
        months.period_start,
        steps.interaction_id,
        max(case when steps.place = 1 then steps.deadline_at end) as first_deadline_at,
        max(case
            when {{ until('steps') }} >= months.scheduled_close_at then steps.deadline_at
        end) as deadline_at,
        count(case when steps.is_move then 1 end) as move_count,
        count(case
            when
                steps.is_move
                and steps.valid_from > steps.replaced_deadline_at
                and steps.replaced_deadline_at
                < coalesce(steps.closed_at, timestamp '9999-12-31 00:00:00') then 1
        end) > 0 as is_moved_after_expiry
    from steps
    inner join months on {{ since('steps') }} < months.scheduled_close_at
    group by months.period_start, steps.interaction_id
)

select * from final
where first_deadline_at is not null
