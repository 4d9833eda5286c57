-- A returned row is a period in which the attributions, or the rows behind the report, count
-- different numbers of interactions.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_interaction_kpis'}}}) }}
with run_period as (
    select close_month from {{ ref('run_period') }}
),

totals as (
    select
        kpis.period_kind,
        kpis.period_start,
        kpis.interaction_count
    from {{ ref('rpt_interaction_kpis') }} as kpis
    inner join run_period on kpis.close_month = run_period.close_month
    where
        kpis.manager_id = 'all'
        and kpis.interaction_kind = 'all'
        and kpis.interaction_group = 'all'
    union all
    select
        facts.period_kind,
        facts.period_start,
        count(*)
    from {{ ref('fct_interactions') }} as facts
    inner join run_period on facts.close_month = run_period.close_month
    group by facts.period_kind, facts.period_start
)

select
    period_kind,
    period_start,
    min(interaction_count) as least_count,
    max(interaction_count) as most_count
from totals
group by period_kind, period_start
having min(interaction_count) <> max(interaction_count)
