-- A returned row is a week that opens with another base than the week before closed with,
-- both known at the same moment.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_client_growth'}}}) }}
with weeks as (
    select
        growth.period_start,
        growth.opening_client_count,
        lag(growth.closing_client_count) over (order by growth.period_start) as previous_closing
    from {{ ref('rpt_client_growth') }} as growth
    inner join {{ ref('run_period') }} as run_period
        on growth.close_month = run_period.close_month
    where growth.period_kind = 'week' and growth.characteristic = 'all'
)

select * from weeks
where opening_client_count <> previous_closing
