-- grain: period, attribution, manager, interaction kind and interaction group (each with `all`)
with interactions as (
    select * from {{ ref('int_interactions__attributed') }}
)

select
    period_kind,
    period_start,
    attribution,
    coalesce(manager_id, 'all') as manager_id,
    coalesce(interaction_kind, 'all') as interaction_kind,
    coalesce(interaction_group, 'all') as interaction_group,
    count(*) as interaction_count,
    count(case when is_conversation then 1 end) as conversation_count,
    count(case when is_attempt then 1 end) as attempt_count,
    sum(case when is_conversation then known_seconds end) as call_seconds,
    sum(case when interaction_kind in ('meeting', 'visit') then known_seconds end)
        as meeting_seconds,
    sum(case when interaction_kind in ('meeting', 'visit') then known_seconds * attendee_count end)
        as person_seconds,
    sum(known_seconds) as known_seconds,
    sum(planned_seconds) as planned_seconds,
    count(case when duration_state = 'known' then 1 end) as known_duration_count,
    count(case when duration_state = 'unknown' then 1 end) as unknown_duration_count,
    count(case when duration_state = 'invalid' then 1 end) as invalid_duration_count,
    {{ percentile('known_seconds', 0.5, unit=60) }} as median_minutes,
    {{ percentile('known_seconds', 0.9, unit=60) }} as p90_minutes
from interactions
group by
    period_kind,
    period_start,
    attribution,
    rollup(manager_id),
    rollup(interaction_kind, interaction_group)
