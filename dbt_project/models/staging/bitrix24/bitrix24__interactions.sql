-- grain: activity or task version
with activities as (
    select * from {{ ref('int_bitrix24__states') }}
),

tasks as (
    select * from {{ ref('stg_bitrix24__tasks') }}
    where quarantine_reason is null
),

clients as (
    select * from {{ ref('int_bitrix24__primary_clients') }}
),

interactions as (
    select
        {{ versions('activities') }},
        source_updated_at,
        activity_id as interaction_id,
        raw_type,
        direction,
        subject,
        responsible_id as responsible_manager_id,
        author_id as created_by_id,
        entered_at as created_at,
        case when not is_letter then start_at end as planned_start_at,
        case when not is_letter then end_at end as planned_end_at,
        case when state = 'completed' then happened_at end as actual_start_at,
        -- Bitrix24 copies the start of calls and meetings into DEADLINE.
        case when not is_letter then nullif(deadline_at, start_at) end as deadline_at,
        state,
        case when is_letter then happened_at end as completed_at,
        case when is_letter then 'inferred' end as completed_at_source,
        is_answered as answered,
        talk_seconds,
        is_system as is_auto
    from activities
    union all
    select
        {{ versions('tasks') }},
        source_updated_at,
        task_id,
        'TASK',
        null,
        subject,
        responsible_id,
        author_id,
        entered_at,
        planned_start_at,
        planned_end_at,
        null,
        deadline_at,
        state,
        case when state = 'completed' then closed_at end,
        'field',
        null,
        null,
        false
    from tasks
),

final as (
    select
        interactions.*,
        clients.client_id,
        -- The list of types says more.
        'task' as interaction_kind,
        false as is_all_day,
        false as is_mass,
        false as is_deleted
    from interactions
    left join clients
        on
            interactions.interaction_id = clients.interaction_id
            and interactions.known_from = clients.known_from
)

select * from final
