-- A returned row is a month whose planned activity does not count each interaction that is planned
-- for it, or for the next month, exactly once.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_planned_activity'}}}) }}
with months as (
    select
        close_month,
        start_at,
        end_at
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

expected as (
    select
        count(case
            when
                interactions.planned_start_at < months.end_at
                and coalesce(interactions.cancelled_at, months.start_at) >= months.start_at then 1
        end) as planned_count,
        count(case
            when
                interactions.planned_start_at >= months.end_at
                and cast({{ to_business('interactions.planned_start_at') }} as date)
                < months.close_month + interval '2' month
                and interactions.cancelled_at is null then 1
        end) as next_count
    from months
    inner join {{ ref('int_interactions__classified') }} as interactions
        on months.start_at <= interactions.planned_start_at
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
