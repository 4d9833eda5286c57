-- A returned row is a plan line whose parts do not add up to what was planned.
{{ config(meta={'dagster': {'ref': {'name': 'int_plans__parts'}}}) }}
with parts as (
    select
        period_start,
        plan_id,
        sum(planned_count) as planned_count
    from {{ ref('int_plans__parts') }}
    group by period_start, plan_id
)

select
    plan_lines.period_start,
    plan_lines.plan_id,
    plan_lines.planned_count,
    parts.planned_count as count_of_parts
from {{ ref('int_plans__lines') }} as plan_lines
left join parts
    on plan_lines.period_start = parts.period_start and plan_lines.plan_id = parts.plan_id
where plan_lines.planned_count <> coalesce(parts.planned_count, -1)
