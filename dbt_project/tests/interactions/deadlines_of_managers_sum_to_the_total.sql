-- A returned row is a month whose total of deadlines is not the sum over managers, or not the
-- number of counted interactions that have their deadline in it.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_deadline_compliance'}}}) }}
with compliance as (
    select rpt_deadline_compliance.*
    from {{ ref('rpt_deadline_compliance') }} as rpt_deadline_compliance
    inner join {{ ref('run_period') }} as run_period
        on rpt_deadline_compliance.close_month = run_period.close_month
),

sums as (
    select
        sum(case when manager_id = 'all' then due_count + not_yet_due_count else 0 end)
            as total_count,
        sum(case when manager_id <> 'all' then due_count + not_yet_due_count else 0 end)
            as manager_count,
        sum(case when manager_id = 'all' then first_due_count else 0 end) as first_total_count,
        sum(case when manager_id <> 'all' then first_due_count else 0 end) as first_manager_count
    from compliance
),

expected as (
    select count(*) as interaction_count
    from {{ ref('int_interactions__classified') }} as interactions
    inner join {{ ref('int_interactions__deadlines') }} as deadlines
        on interactions.interaction_id = deadlines.interaction_id
    inner join {{ ref('int_months') }} as months
        on
            deadlines.period_start = months.period_start
            and deadlines.deadline_at >= months.start_at
            and deadlines.deadline_at < months.end_at
    where
        months.is_closing
        and coalesce(interactions.cancelled_at, deadlines.deadline_at) >= deadlines.deadline_at
)

select
    sums.total_count,
    sums.manager_count,
    sums.first_total_count,
    sums.first_manager_count,
    expected.interaction_count
from sums
cross join expected
where
    sums.total_count <> sums.manager_count
    or sums.first_total_count <> sums.first_manager_count
    or sums.total_count <> expected.interaction_count
