-- A returned row is a period in which more clients had their first contact than took part, or the
-- managers' first contacts do not add up to the total.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_interaction_groups'}}}) }}
with groups_of_period as (
    select interaction_groups.*
    from {{ ref('rpt_interaction_groups') }} as interaction_groups
    inner join {{ ref('run_period') }} as run_period
        on interaction_groups.close_month = run_period.close_month
),

finest as (
    select
        period_kind,
        period_start,
        sum(first_contact_client_count) as first_contact_client_count
    from groups_of_period
    where interaction_group <> 'all' and manager_id <> 'all'
    group by period_kind, period_start
),

totals as (
    select * from groups_of_period
    where interaction_group = 'all' and manager_id = 'all'
)

select
    totals.period_kind,
    totals.period_start,
    totals.client_count,
    totals.first_contact_client_count,
    finest.first_contact_client_count as finest_client_count
from totals
left join finest
    on totals.period_kind = finest.period_kind and totals.period_start = finest.period_start
where
    totals.first_contact_client_count <> coalesce(finest.first_contact_client_count, 0)
    or totals.first_contact_client_count > totals.client_count
