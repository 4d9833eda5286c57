-- A returned row is a month without any completed interaction: it closes, with a warning.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'fct_interactions'}}}) }}
select run_period.close_month
from {{ ref('run_period') }} as run_period
left join {{ ref('fct_interactions') }} as facts on run_period.close_month = facts.close_month
where facts.interaction_id is null
