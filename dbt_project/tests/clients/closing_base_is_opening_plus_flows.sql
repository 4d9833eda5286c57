-- A returned row is a row whose closing base does not follow from its opening and flows, or whose
-- active and dormant clients are not the closing base.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_client_growth'}}}) }}
select
    growth.period_kind,
    growth.period_start,
    growth.characteristic,
    growth.value,
    growth.opening_client_count,
    growth.closing_client_count,
    growth.growth_client_count
from {{ ref('rpt_client_growth') }} as growth
inner join {{ ref('run_period') }} as run_period on growth.close_month = run_period.close_month
where
    growth.closing_client_count
    <> growth.opening_client_count + growth.new_client_count + growth.migrated_client_count
    + growth.restored_client_count + growth.moved_in_client_count - growth.lost_client_count
    - growth.merged_client_count - growth.moved_out_client_count
    or growth.growth_client_count <> growth.closing_client_count - growth.opening_client_count
    or growth.active_client_count + growth.dormant_client_count <> growth.closing_client_count
    or growth.reactivated_client_count > growth.active_client_count
