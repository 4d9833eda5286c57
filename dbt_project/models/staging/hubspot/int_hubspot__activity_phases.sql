-- grain: engagement or ticket version with its state; one that HubSpot gives none is split at the
-- first load after its start
with activities as (
    select * from {{ ref('int_hubspot__activity_versions') }}
),

loads as (
    select distinct
        source,
        extracted_at
    from {{ ref('stg_landing__loads') }}
),

starts_passed as (
    select
        activities.activity_id,
        activities.known_from,
        min(loads.extracted_at) as passed_at
    from activities
    inner join loads
        on
            activities._source = loads.source
            and activities.known_from <= loads.extracted_at
            and activities.occurred_at <= loads.extracted_at
            and (activities.known_to is null or activities.known_to > loads.extracted_at)
    where activities.state is null
    group by activities.activity_id, activities.known_from
),

shown as (
    select
        activities.*,
        starts_passed.passed_at,
        coalesce(starts_passed.passed_at > activities.known_from, false) as is_split
    from activities
    left join starts_passed
        on
            activities.activity_id = starts_passed.activity_id
            and activities.known_from = starts_passed.known_from
),

phases as (
    select
        shown.*,
        known_from as phase_from,
        case when is_split then passed_at else known_to end as phase_to,
        is_latest and not is_split as is_latest_phase
    from shown
    union all
    select
        shown.*,
        passed_at,
        known_to,
        is_latest
    from shown
    where is_split
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
    coalesce(
        phases.state, case when passed_at <= phase_from then 'completed' else 'open' end
    ) as state,
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
