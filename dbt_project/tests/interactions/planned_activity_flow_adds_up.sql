-- A returned row is a month, manager and kind whose plan at the start and what was added and taken
-- away is not what was done and not done.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_planned_activity'}}}) }}
select
    planned.period_start,
    planned.manager_id,
    planned.interaction_kind
from {{ ref('rpt_planned_activity') }} as planned
inner join {{ ref('run_period') }} as run_period on planned.close_month = run_period.close_month
where
    planned.opening_count + planned.added_count + planned.moved_in_count - planned.moved_out_count
    - planned.cancelled_count
    <> planned.done_count + planned.not_done_count
