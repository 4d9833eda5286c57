-- A returned row is a period whose groups do not add up to its interactions: those of the KPIs, of
-- the classes of results, or of its own total.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_interaction_groups'}}}) }}
with interaction_groups as (
    select rpt_interaction_groups.*
    from {{ ref('rpt_interaction_groups') }} as rpt_interaction_groups
    inner join {{ ref('run_period') }} as run_period
        on rpt_interaction_groups.close_month = run_period.close_month
    where rpt_interaction_groups.manager_id = 'all'
),

groups_of_period as (
    select
        period_kind,
        period_start,
        sum(case when interaction_group <> 'all' then interaction_count end) as finest_count,
        sum(case when interaction_group = 'all' then interaction_count end) as total_count,
        sum(case
            when interaction_group = 'all'
                then
                    positive_count + neutral_count + negative_count + no_result_count
                    + unmapped_result_count
        end) as result_count
    from interaction_groups
    group by period_kind, period_start
)

select
    groups_of_period.*,
    kpis.interaction_count
from groups_of_period
inner join {{ ref('rpt_interaction_kpis') }} as kpis
    on
        groups_of_period.period_kind = kpis.period_kind
        and groups_of_period.period_start = kpis.period_start
        and kpis.attribution = 'performer'
        and kpis.manager_id = 'all'
        and kpis.interaction_kind = 'all'
        and kpis.interaction_group = 'all'
where
    coalesce(groups_of_period.finest_count, 0) <> kpis.interaction_count
    or groups_of_period.total_count <> kpis.interaction_count
    or groups_of_period.result_count <> kpis.interaction_count
