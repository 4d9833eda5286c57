-- grain: month and interaction that counts and has or had a deadline at its scheduled close
with months as (
    select * from {{ ref('int_months') }}
),

interactions as (
    select
        interaction_id,
        coalesce(completed_at, cancelled_at) as closed_at
    from {{ ref('int_interactions__classified') }}
),

timeline as (
    select
        interaction_id,
        valid_from,
        valid_to,
        deadline_at,
        lag(deadline_at) over (
            partition by interaction_id order by valid_from nulls first
        ) as replaced_deadline_at
    from {{ ref('int_interactions__timeline') }}
),

steps as (
    select
        timeline.*,
        interactions.closed_at,
        row_number() over (
            partition by timeline.interaction_id
            order by
                case when timeline.deadline_at is null then 1 else 0 end,
                timeline.valid_from nulls first
        ) as place,
        coalesce(
            timeline.deadline_at <> timeline.replaced_deadline_at,
            timeline.replaced_deadline_at is not null
        ) as is_move
    from interactions
    inner join timeline on interactions.interaction_id = timeline.interaction_id
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
