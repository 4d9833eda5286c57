-- A returned row is a plan line that reaches over a month's border, so that no report counts it: a
-- warning. Give each month a line of its own.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'contact_plans'}}}) }}
select
    plan_id,
    plan_version,
    period_start,
    period_end
from {{ ref('contact_plans') }}
where
    not is_deleted
    and period_end > cast(date_trunc('month', period_start) + interval '1' month as date)
