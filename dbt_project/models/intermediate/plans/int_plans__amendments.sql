-- grain: month and plan line with a version approved after its start
with versions as (
    select
        months.period_start as month_start,
        plan_versions.plan_id,
        plan_versions.plan_version,
        plan_versions.manager_id,
        plan_versions.planned_count,
        row_number() over (
            partition by months.period_start, plan_versions.plan_id
            order by plan_versions.plan_version desc nulls last
        ) as recency
    from {{ ref('int_months') }} as months
    inner join {{ ref('contact_plans') }} as plan_versions
        on
            months.period_start <= plan_versions.period_start
            and months.period_end >= plan_versions.period_end
            and months.start_at < plan_versions.approved_at
            and months.as_of >= plan_versions.approved_at
            and months.scheduled_close_at > plan_versions.approved_at
    where
        not plan_versions.is_deleted
        or plan_versions.deleted_at >= months.scheduled_close_at
)

select
    month_start as period_start,
    plan_id,
    max(case when recency = 1 then manager_id end) as manager_id,
    max(case when recency = 1 then planned_count end) as amended_planned_count,
    count(*) as amendment_count
from versions
group by month_start, plan_id
