-- grain: engagement or ticket version; without a state it is split at the first load after its start
with activities as (
    select * from {{ ref('int_hubspot__activity_versions') }}
),

owners as (
    select
        user_id,
        min(owner_id) as owner_id
    from {{ ref('stg_hubspot__owners') }}
    where quarantine_reason is null and is_latest and user_id is not null
    group by user_id
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
),

stated as (
    select
        *,
        coalesce(
            state, case when passed_at <= phase_from then 'completed' else 'open' end
        ) as shown_state,
        {{ hubspot_answered() }} as answered
    from phases
),

final as (
    select
        stated.phase_from as known_from,
        stated.phase_to as known_to,
        stated.is_latest_phase as is_latest,
        stated.is_baseline and stated.phase_from = stated.known_from as is_baseline,
        stated.phase_from as loaded_at,
        stated.source_updated_at,
        stated.activity_id as interaction_id,
        stated.activity_kind as interaction_kind,
        stated.raw_type,
        stated.direction,
        stated.subject,
        stated.responsible_id as responsible_manager_id,
        coalesce(owners.owner_id, stated.created_by_user_id) as created_by_id,
        clients.client_id,
        stated.entered_at as created_at,
        -- Calls and e-mails are logged when they have happened; one seen before it was planned.
        case
            when stated.activity_kind = 'meeting' or stated.occurred_at > stated.first_known_from
                then stated.occurred_at
        end as planned_start_at,
        stated.end_at as planned_end_at,
        case
            when stated.shown_state = 'completed' and stated.occurred_at <= stated.phase_from
                then stated.occurred_at
        end as actual_start_at,
        case
            when stated.shown_state = 'completed' and stated.occurred_at <= stated.phase_from
                then stated.end_at
        end as actual_end_at,
        stated.deadline_at,
        false as deadline_is_date,
        stated.shown_state as state,
        -- HubSpot dates the completion of tasks and tickets; calls and messages are moments.
        case
            when stated.shown_state <> 'completed' then null
            when stated.activity_kind = 'task' then stated.completed_at
            when stated.state is null then coalesce(stated.end_at, stated.occurred_at)
            when stated.activity_kind <> 'meeting' then stated.occurred_at
        end as completed_at,
        case when stated.activity_kind = 'task' then 'field' else 'inferred' end
            as completed_at_source,
        false as is_all_day,
        stated.answered,
        -- A call logged by hand may say 0 ms though people talked.
        case when stated.answered then nullif(stated.talk_seconds, 0) else stated.talk_seconds end
            as talk_seconds,
        stated.result,
        false as is_mass,
        false as is_auto,
        stated.is_deleted
    from stated
    left join owners on stated.created_by_user_id = owners.user_id
    left join {{ ref('int_hubspot__activity_clients') }} as clients
        on stated.activity_id = clients.activity_id
)

select * from final
