-- A returned row is a month of the last twelve whose late entries do not count each interaction
-- that counts in it and was entered by the scheduled close, exactly once.
{{ config(meta={'dagster': {'ref': {'name': 'rpt_late_entries'}}}) }}
with months as (
    select * from {{ ref('int_entry_months') }}
),

reported as (
    select
        entries.event_month,
        entries.interaction_count
    from {{ ref('rpt_late_entries') }} as entries
    inner join {{ ref('run_period') }} as run_period
        on entries.close_month = run_period.close_month
    where entries.manager_id = 'all'
),

first_versions as (
    select
        interaction_id,
        split_part(interaction_id, ':', 1) as source_name,
        min(known_from) as first_known_from
    from {{ ref('interaction_versions') }}
    group by interaction_id
),

-- Entered since: a complete load of that time lacks it, or none shows it and the CRM says so.
entered_since as (
    select
        interactions.interaction_id,
        count(loads.load_id) > 0
        or min(interactions.created_at) >= min(run_period.scheduled_close_at) as is_entered_since
    from first_versions
    inner join {{ ref('run_period') }} as run_period
        on first_versions.first_known_from >= run_period.scheduled_close_at
    inner join {{ ref('int_interactions__classified') }} as interactions
        on first_versions.interaction_id = interactions.interaction_id
    left join {{ ref('source_loads') }} as loads
        on
            first_versions.source_name = loads.source
            and first_versions.first_known_from > loads.extracted_at
            and run_period.scheduled_close_at <= loads.extracted_at
            and loads.is_complete
    group by interactions.interaction_id
),

expected as (
    select
        months.event_month,
        count(interactions.interaction_id) as interaction_count
    from months
    left join {{ ref('int_interactions__classified') }} as interactions
        on months.start_at <= interactions.event_at and months.end_at > interactions.event_at
    left join entered_since on interactions.interaction_id = entered_since.interaction_id
    where not coalesce(entered_since.is_entered_since, false)
    group by months.event_month
)

select
    months.event_month,
    reported.interaction_count,
    expected.interaction_count as expected_count
from months
left join reported on months.event_month = reported.event_month
left join expected on months.event_month = expected.event_month
where
    reported.interaction_count is null
    or reported.interaction_count <> coalesce(expected.interaction_count, 0)
