-- A returned row is a month and manager whose classes do not add up to what was due.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_deadline_compliance'}}}) }}
select
    compliance.period_start,
    compliance.manager_id,
    compliance.due_count,
    compliance.first_due_count
from {{ ref('rpt_deadline_compliance') }} as compliance
inner join {{ ref('run_period') }} as run_period on compliance.close_month = run_period.close_month
where
    compliance.due_count
    <> compliance.on_time_count + compliance.late_count + compliance.moved_after_expiry_count
    + compliance.cancelled_after_deadline_count + compliance.still_open_count
    or compliance.first_due_count
    <> compliance.first_on_time_count + compliance.first_late_count
    + compliance.first_moved_after_expiry_count + compliance.first_cancelled_after_deadline_count
    + compliance.first_still_open_count
