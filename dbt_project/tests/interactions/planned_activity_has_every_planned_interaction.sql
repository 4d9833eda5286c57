-- A returned row is a month whose planned activity does not count each interaction that is planned
-- for it, or for the next month, exactly once.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_planned_activity'}}}) }}
with months as (
    select
        close_month,
        start_at,
        end_at,
        scheduled_close_at
    from {{ ref('int_periods') }}
    where period_kind = 'month'
),

reported as (
    select
        sum(planned.cancelled_count + planned.done_count + planned.not_done_count)
            as planned_count,
        sum(planned.next_period_planned_count) as next_count
    from {{ ref('rpt_planned_activity') }} as planned
    inner join months on planned.close_month = months.close_month
),

-- Of a planned start the value that held at the scheduled close.
plans as (
    select
        interactions.created_at,
        interactions.completed_at,
        interactions.cancelled_at,
        interactions.event_at,
        timeline.planned_start_at
    from months
    inner join {{ ref('int_interactions__timeline') }} as timeline
        on
            months.start_at <= timeline.planned_start_at
            and {{ valid_before('timeline', 'months.scheduled_close_at') }}
    inner join {{ ref('int_interactions__classified') }} as interactions
        on timeline.interaction_id = interactions.interaction_id
),

expected as (
    select
        count(case
            when
                plans.planned_start_at < months.end_at
                and coalesce(plans.cancelled_at, months.start_at) >= months.start_at then 1
        end) as planned_count,
        count(case
            when
                plans.planned_start_at >= months.end_at
                and cast({{ to_business('plans.planned_start_at') }} as date)
                < months.close_month + interval '2' month
                and plans.created_at < months.scheduled_close_at
                and coalesce(plans.cancelled_at >= months.scheduled_close_at, true)
                and (
                    plans.completed_at is null
                    or (
                        plans.completed_at >= months.scheduled_close_at
                        and not coalesce(plans.event_at < months.end_at, false)
                    )
                    or (
                        plans.planned_start_at < months.scheduled_close_at
                        and plans.event_at >= months.end_at
                    )
                ) then 1
        end) as next_count
    from months
    left join plans on months.start_at <= plans.planned_start_at
)

select
    reported.planned_count,
    expected.planned_count as expected_planned_count,
    reported.next_count,
    expected.next_count as expected_next_count
from reported
cross join expected
where
    coalesce(reported.planned_count, 0) <> expected.planned_count
    or coalesce(reported.next_count, 0) <> expected.next_count
