-- A returned row is a period, manager and kind whose seven outcomes do not add up to its
-- interactions.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_interaction_outcomes'}}}) }}
select outcomes.*
from {{ ref('rpt_interaction_outcomes') }} as outcomes
inner join {{ ref('run_period') }} as run_period on outcomes.close_month = run_period.close_month
where
    interaction_count <> cancelled_count + completed_on_time_count + completed_late_count
    + completed_without_deadline_count + overdue_count + open_due_later_count
    + open_without_deadline_count
    or overdue_count <> overdue_1_to_7_days_count + overdue_8_to_30_days_count
    + overdue_31_to_90_days_count + overdue_over_90_days_count
