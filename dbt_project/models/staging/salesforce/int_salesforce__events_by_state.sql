-- grain: version of an event that counts, split at the first load after its start
with copies as (
    select * from {{ ref('int_salesforce__event_copies') }}
),

contacts as (
    select * from {{ ref('stg_salesforce__contacts') }}
    where quarantine_reason is null and is_latest
),

events as (
    -- A day without a time is a business day, whatever the server's time zone.
    select
        {{ versions('events') }},
        events._source,
        events.event_id,
        events.owner_id,
        events.author_id,
        coalesce(events.account_id, contacts.account_id) as account_id,
        events.subject,
        events.event_type,
        events.duration_minutes,
        events.is_group_event,
        events.is_all_day,
        events.is_deleted,
        events.source_updated_at,
        events.created_at,
        case
            when events.is_all_day then {{ from_business('cast(events.starts_on as timestamp)') }}
            else events.timed_start_at
        end as start_at,
        case
            when events.is_all_day then {{ from_business('cast(events.ends_on as timestamp)') }}
            else coalesce(
                events.timed_end_at,
                events.timed_start_at + events.duration_minutes * interval '1' minute
            )
        end as end_at
    from {{ ref('stg_salesforce__events') }} as events
    left join copies on events.event_id = copies.event_id
    left join contacts on events.contact_id = contacts.contact_id
    where events.quarantine_reason is null and not events.is_series and copies.event_id is null
),

phases as (
    {{ phases_by_start('events', 'event_id', 'events.start_at') }}
)

select
    phase_from as known_from,
    phase_to as known_to,
    is_baseline and phase_from = known_from as is_baseline,
    source_updated_at,
    event_id as interaction_id,
    'meeting' as interaction_kind,
    event_type as raw_type,
    cast(null as {{ dbt.type_string() }}) as direction,
    subject,
    owner_id as responsible_manager_id,
    author_id as created_by_id,
    account_id as client_id,
    coalesce(created_at, start_at) as created_at,
    start_at as planned_start_at,
    end_at as planned_end_at,
    case when is_over then start_at end as actual_start_at,
    cast(null as timestamp) as deadline_at,
    false as deadline_is_date,
    case when is_over then 'completed' else 'open' end as state,
    case when is_over then coalesce(end_at, start_at) end as completed_at,
    'inferred' as completed_at_source,
    is_all_day,
    cast(null as bigint) as talk_seconds,
    case
        when is_over and not is_all_day
            then coalesce(
                duration_minutes * 60,
                cast({{ seconds_between('start_at', 'end_at') }} as bigint)
            )
    end as duration_seconds,
    cast(null as {{ dbt.type_string() }}) as result,
    false as is_mass,
    case when is_group_event then event_id end as group_id,
    is_deleted
from phases
