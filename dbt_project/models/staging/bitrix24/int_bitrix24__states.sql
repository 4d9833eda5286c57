-- grain: activity version, with its type, whether it was done, and when
with activities as (
    select * from {{ ref('stg_bitrix24__activities') }}
    where quarantine_reason is null
),

delivered_tasks as (
    select distinct task_id from {{ ref('stg_bitrix24__tasks') }}
    where quarantine_reason is null
),

calls as (
    select
        activity_id,
        max(case when is_answered then 1 else 0 end) = 1 as is_answered,
        cast(sum(case when is_answered then talk_seconds end) as bigint) as talk_seconds
    from {{ ref('stg_bitrix24__calls') }}
    where quarantine_reason is null and is_latest and is_answered is not null
    group by activity_id
),

types as (
    select
        raw_type,
        max(case when interaction_group = 'system' then 1 else 0 end) = 1 as is_system,
        max(case when interaction_kind in ('email', 'message', 'mailing') then 1 else 0 end) = 1
            as is_written
    from {{ ref('interaction_types') }}
    where crm = 'bitrix24'
    group by raw_type
),

named as (
    -- The activity that mirrors a delivered task is a note: the task counts.
    select
        activities.*,
        case
            when delivered_tasks.task_id is not null then 'TASK_MIRROR'
            else activities.activity_type
        end as raw_type
    from activities
    left join delivered_tasks on activities.mirrored_task_id = delivered_tasks.task_id
),

final as (
    select
        named._source,
        named._key,
        named.known_from,
        named.known_to,
        named.key_known_to,
        named.is_baseline,
        named.source_updated_at,
        named.activity_id,
        named.responsible_id,
        named.author_id,
        named.raw_type,
        named.direction,
        named.subject,
        named.entered_at,
        named.start_at,
        named.end_at,
        named.deadline_at,
        coalesce(types.is_system, false) as is_system,
        coalesce(types.is_written, false) as is_written,
        calls.talk_seconds,
        coalesce(calls.is_answered, case when named.is_missed_call then false end) as is_answered,
        case
            -- What was written has happened; the tick says only that somebody saw to it.
            when types.is_written then 'completed'
            -- Closed by Bitrix24, because its deal or lead moved on: nobody did it.
            when named.is_autocompleted and calls.activity_id is null then 'cancelled'
            when named.is_completed then 'completed'
            else 'open'
        end as state,
        case
            when named.start_at <= named.known_from then named.start_at
            when types.is_written then named.entered_at
        end as happened_at
    from named
    left join types on named.raw_type = types.raw_type
    left join calls on named.activity_id = calls.activity_id
)

select * from final
