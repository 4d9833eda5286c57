-- A returned row tells that lines, managers and total of a month show different plans or facts.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_plan_fulfilment'}}}) }}
with fulfilment as (
    select rpt_plan_fulfilment.*
    from {{ ref('rpt_plan_fulfilment') }} as rpt_plan_fulfilment
    inner join {{ ref('run_period') }} as run_period
        on rpt_plan_fulfilment.close_month = run_period.close_month
),

levels as (
    select
        case when row_kind = 'unplanned' then 'line' else row_kind end as row_level,
        sum(coalesce(planned_count, 0)) as planned_count,
        sum(fact_count) as fact_count,
        sum(fulfilled_count) as fulfilled_count,
        sum(unplanned_count) as unplanned_count
    from fulfilment
    group by case when row_kind = 'unplanned' then 'line' else row_kind end
)

select
    'levels differ' as finding,
    count(*) as row_count
from levels
having
    min(planned_count) <> max(planned_count)
    or min(fact_count) <> max(fact_count)
    or min(fulfilled_count) <> max(fulfilled_count)
    or min(unplanned_count) <> max(unplanned_count)
union all
select
    'fulfilled is over plan or fact',
    count(*)
from fulfilment
where fulfilled_count > coalesce(planned_count, 0) or fulfilled_count > fact_count
having count(*) > 0
