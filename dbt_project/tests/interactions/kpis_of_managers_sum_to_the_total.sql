-- A returned row is a period and attribution whose finest rows do not add up to the total row.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_interaction_kpis'}}}) }}
with kpis as (
    select rpt_interaction_kpis.*
    from {{ ref('rpt_interaction_kpis') }} as rpt_interaction_kpis
    inner join {{ ref('run_period') }} as run_period
        on rpt_interaction_kpis.close_month = run_period.close_month
),

finest as (
    select
        period_kind,
        period_start,
        attribution,
        sum(interaction_count) as interaction_count,
        sum(conversation_count + attempt_count) as call_count,
        sum(known_duration_count + unknown_duration_count + invalid_duration_count)
            as duration_count
    from kpis
    where manager_id <> 'all' and interaction_kind <> 'all' and interaction_group <> 'all'
    group by period_kind, period_start, attribution
),

totals as (
    select * from kpis
    where manager_id = 'all' and interaction_kind = 'all' and interaction_group = 'all'
)

select
    totals.period_kind,
    totals.period_start,
    totals.attribution,
    totals.interaction_count,
    finest.interaction_count as finest_interaction_count
from totals
left join finest
    on
        totals.period_kind = finest.period_kind
        and totals.period_start = finest.period_start
        and totals.attribution = finest.attribution
where
    totals.interaction_count <> coalesce(finest.interaction_count, 0)
    or totals.conversation_count + totals.attempt_count <> coalesce(finest.call_count, 0)
    or totals.known_duration_count + totals.unknown_duration_count
    + totals.invalid_duration_count <> coalesce(finest.duration_count, 0)
