-- grain: engagement or ticket version with its state; one that HubSpot gives none is split at the
-- first load after its start
with activities as (
    select * from {{ ref('int_hubspot__activity_versions') }}
),

phases as (
    {{ phases_by_start(
        'activities', 'activity_id', 'activities.occurred_at', 'activities.state is null'
    ) }}
)

select
    phase_from as known_from,
    phase_to as known_to,
    is_latest_phase as is_latest,
    phases.is_baseline and phases.phase_from = phases.known_from as is_baseline,
    first_known_from,
    activity_id,
    activity_kind,
    raw_type,
    direction,
    subject,
    responsible_id,
    created_by_user_id,
    entered_at,
    occurred_at,
    end_at,
    deadline_at,
    coalesce(phases.state, case when is_over then 'completed' else 'open' end) as state,
    -- HubSpot dates the completion of tasks and tickets; calls and messages are moments.
    case
        when activity_kind = 'task' then phases.completed_at
        when phases.state is null then coalesce(end_at, occurred_at)
        when activity_kind <> 'meeting' then occurred_at
    end as completed_at,
    {{ hubspot_answered() }} as answered,
    talk_seconds,
    result,
    source_updated_at,
    is_deleted
from phases
