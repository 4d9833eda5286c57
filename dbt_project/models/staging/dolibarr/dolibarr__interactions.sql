-- grain: event version; without a state it is split at the first load after its start
with events as (
    select * from {{ ref('stg_dolibarr__events') }}
    where quarantine_reason is null
),

event_types as (
    select * from {{ ref('stg_dolibarr__event_types') }}
    where quarantine_reason is null and is_latest
),

contacts as (
    select * from {{ ref('stg_dolibarr__contacts') }}
    where quarantine_reason is null and is_latest
),

phases as (
    {{ phases_by_start(
        'events', 'event_id', 'coalesce(events.start_at, events.entered_at)',
        'coalesce(events.percent_done, -1) < 0'
    ) }}
),

stated as (
    select
        *,
        case
            when percent_done >= 100 then 'completed'
            when percent_done >= 0 then 'open'
            when is_over then 'completed'
            else 'open'
        end as state
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
        stated.event_id as interaction_id,
        -- The list of types says more.
        case when event_types.is_auto then 'note' else 'task' end as interaction_kind,
        coalesce(event_types.event_type_code, 'unknown type') as raw_type,
        case
            when event_types.event_type_code = 'AC_EMAIL_IN' then 'in'
            when event_types.event_type_code in ('AC_EMAIL', 'AC_FAX') then 'out'
        end as direction,
        stated.subject,
        stated.responsible_id as responsible_manager_id,
        stated.author_id as created_by_id,
        coalesce(stated.third_party_id, contacts.third_party_id) as client_id,
        stated.entered_at as created_at,
        stated.start_at as planned_start_at,
        stated.end_at as planned_end_at,
        -- Dolibarr has one pair of dates: once done, the start is the actual one.
        case
            when stated.state = 'completed' and stated.start_at <= stated.phase_from
                then coalesce(stated.actual_start_at, stated.start_at)
        end as actual_start_at,
        case when stated.state = 'completed' then stated.actual_end_at end as actual_end_at,
        stated.state,
        case
            when stated.state = 'completed' and coalesce(stated.percent_done, -1) < 0
                then coalesce(stated.end_at, stated.start_at, stated.entered_at)
        end as completed_at,
        'inferred' as completed_at_source,
        stated.is_all_day,
        case
            when stated.state = 'completed' and not stated.is_all_day
                then coalesce(nullif(stated.actual_seconds, 0), nullif(stated.planned_seconds, 0))
        end as duration_seconds,
        false as is_mass,
        coalesce(event_types.is_auto, false) as is_auto,
        false as is_deleted
    from stated
    left join event_types on stated.event_type_id = event_types.event_type_id
    left join contacts on stated.contact_id = contacts.contact_id
)

select * from final
