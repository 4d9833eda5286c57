-- A returned row is a period, manager and kind whose seven outcomes do not add up to its
-- interactions.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_interaction_outcomes'}}}) }}
select
    outcomes.period_kind,
    outcomes.period_start,
    outcomes.manager_id,
    outcomes.interaction_kind
from {{ ref('rpt_interaction_outcomes') }} as outcomes
inner join {{ ref('run_period') }} as run_period on outcomes.close_month = run_period.close_month
where
    outcomes.interaction_count
    <> outcomes.cancelled_count + outcomes.completed_on_time_count + outcomes.completed_late_count
    + outcomes.completed_without_deadline_count + outcomes.overdue_count
    + outcomes.open_due_later_count + outcomes.open_without_deadline_count
    or outcomes.overdue_count
    <> outcomes.overdue_1_to_7_days_count + outcomes.overdue_8_to_30_days_count
    + outcomes.overdue_31_to_90_days_count + outcomes.overdue_over_90_days_count
