-- A returned row is a period, manager and kind whose overdue stock at the end is not the one at the
-- start plus what came in less what went out.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_interaction_outcomes'}}}) }}
select
    outcomes.period_kind,
    outcomes.period_start,
    outcomes.manager_id,
    outcomes.interaction_kind
from {{ ref('rpt_interaction_outcomes') }} as outcomes
inner join {{ ref('run_period') }} as run_period on outcomes.close_month = run_period.close_month
where
    outcomes.overdue_count
    <> outcomes.overdue_opening_count + outcomes.overdue_inflow_count
    + outcomes.overdue_transferred_in_count - outcomes.overdue_outflow_count
    - outcomes.overdue_transferred_out_count
