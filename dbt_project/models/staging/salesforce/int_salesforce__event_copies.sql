-- grain: copy of a group event in the calendar of an invited user
with events as (
    select
        {{ versions('events') }},
        events._source,
        events.event_id,
        events.owner_id,
        events.is_child,
        events.is_deleted,
        events.subject,
        events.account_id,
        coalesce(events.timed_start_at, cast(events.starts_on as timestamp)) as start_at,
        coalesce(events.timed_end_at, cast(events.starts_on as timestamp)) as end_at
    from {{ ref('stg_salesforce__events') }} as events
    where events.quarantine_reason is null and (events.is_child or events.is_group_event)
),

grouped as (
    -- Salesforce gives no id that a copy shares with its event: same subject, time and account are
    -- one meeting, and where its event is not delivered, one of the copies stands for it.
    select
        *,
        first_value(event_id) over (
            partition by _source, subject, start_at, end_at, account_id
            order by
                case when is_deleted then 2 else 1 end,
                case when is_child then 2 else 1 end,
                event_id
        ) as counting_event_id
    from events
    where is_latest
)

select
    event_id,
    counting_event_id,
    owner_id
from grouped
where is_child and event_id <> counting_event_id
