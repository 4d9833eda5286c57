-- A returned row is a month and manager whose interactions are not those of the classes of entry,
-- or a month whose managers do not add up to its total.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_late_entries'}}}) }}
with entries as (
    select rpt_late_entries.*
    from {{ ref('rpt_late_entries') }} as rpt_late_entries
    inner join {{ ref('run_period') }} as run_period
        on rpt_late_entries.close_month = run_period.close_month
)

select
    event_month,
    manager_id
from entries
where
    interaction_count <> judged_count + not_judged_count
    or judged_count <> in_month_count + in_grace_days_count + late_count
    or late_count
    <> late_1_to_7_days_count + late_8_to_30_days_count + late_31_to_90_days_count
    + late_over_90_days_count
union all
select
    event_month,
    'all'
from entries
group by event_month
having
    sum(case when manager_id = 'all' then interaction_count else 0 end)
    <> sum(case when manager_id <> 'all' then interaction_count else 0 end)
    or sum(case when manager_id = 'all' then late_count else 0 end)
    <> sum(case when manager_id <> 'all' then late_count else 0 end)
