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
        end as raw_type,
        coalesce(activities.start_at, activities.entered_at) <= activities.known_from
            as is_past,
        -- Closed by Bitrix24, because its deal or lead moved on: nobody did it.
        activities.is_completed and not activities.is_autocompleted as is_done
    from activities
    left join delivered_tasks on activities.mirrored_task_id = delivered_tasks.task_id
),

typed as (
    -- What a client wrote has happened; the tick says only that somebody saw to it.
    select
        named.*,
        coalesce(types.is_system, false) as is_system,
        coalesce(types.is_written, false) and (
            named.is_done or (named.is_past and coalesce(named.direction, 'in') = 'in')
        ) as is_letter,
        calls.activity_id is not null as is_recorded,
        calls.is_answered,
        calls.talk_seconds
    from named
    left join types on named.raw_type = types.raw_type
    left join calls on named.activity_id = calls.activity_id
),

final as (
    select
        _source,
        _key,
        known_from,
        known_to,
        key_known_to,
        is_baseline,
        source_updated_at,
        activity_id,
        responsible_id,
        author_id,
        raw_type,
        direction,
        subject,
        entered_at,
        start_at,
        end_at,
        deadline_at,
        is_system,
        is_letter,
        talk_seconds,
        coalesce(is_answered, case when is_missed_call then false end) as is_answered,
        case
            when is_letter or is_done or (is_completed and is_recorded) then 'completed'
            when is_completed then 'cancelled'
            else 'open'
        end as state,
        case when start_at <= known_from then start_at when is_letter then entered_at end
            as happened_at
    from typed
)

select * from final
