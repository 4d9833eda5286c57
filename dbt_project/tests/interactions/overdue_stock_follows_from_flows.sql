-- A returned row is a period, manager and kind whose overdue stock at the end is not the one at the
-- start plus what came in less what went out.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_interaction_outcomes'}}}) }}
select outcomes.*
from {{ ref('rpt_interaction_outcomes') }} as outcomes
inner join {{ ref('run_period') }} as run_period on outcomes.close_month = run_period.close_month
where
    overdue_count <> overdue_opening_count + overdue_inflow_count + overdue_transferred_in_count
    - overdue_outflow_count - overdue_transferred_out_count
