-- A returned row is a period whose closing base does not follow from its opening and flows.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_client_growth'}}}) }}
select rpt_client_growth.*
from {{ ref('rpt_client_growth') }} as rpt_client_growth
inner join {{ ref('run_period') }} as run_period
    on rpt_client_growth.close_month = run_period.close_month
where
    closing_client_count <> opening_client_count + new_client_count + migrated_client_count
    + restored_client_count - lost_client_count - merged_client_count
    or growth_client_count <> closing_client_count - opening_client_count
