-- grain: engagement or ticket version with its state
with activities as (
    select
        *,
        state = 'completed' and occurred_at <= known_from as has_happened
    from {{ ref('int_hubspot__activity_phases') }}
),

owners as (
    select
        user_id,
        min(owner_id) as owner_id
    from {{ ref('stg_hubspot__owners') }}
    where quarantine_reason is null and is_latest and user_id is not null
    group by user_id
),

final as (
    select
        activities.known_from,
        activities.known_to,
        activities.is_latest,
        activities.is_baseline,
        activities.known_from as loaded_at,
        activities.source_updated_at,
        activities.activity_id as interaction_id,
        activities.activity_kind as interaction_kind,
        activities.raw_type,
        activities.direction,
        activities.subject,
        activities.responsible_id as responsible_manager_id,
        coalesce(owners.owner_id, activities.created_by_user_id) as created_by_id,
        clients.client_id,
        activities.entered_at as created_at,
        -- Calls and e-mails are logged when they have happened; one seen before it was planned.
        case
            when
                activities.activity_kind = 'meeting'
                or activities.occurred_at > activities.first_known_from
                then activities.occurred_at
        end as planned_start_at,
        activities.end_at as planned_end_at,
        case when activities.has_happened then activities.occurred_at end as actual_start_at,
        case when activities.has_happened then activities.end_at end as actual_end_at,
        activities.deadline_at,
        false as deadline_is_date,
        activities.state,
        case when activities.state = 'completed' then activities.completed_at end as completed_at,
        case when activities.activity_kind = 'task' then 'field' else 'inferred' end
            as completed_at_source,
        false as is_all_day,
        activities.answered,
        -- A call logged by hand may say 0 ms though people talked.
        case
            when activities.answered then nullif(activities.talk_seconds, 0)
            else activities.talk_seconds
        end as talk_seconds,
        activities.result,
        false as is_mass,
        false as is_auto,
        activities.is_deleted
    from activities
    left join owners on activities.created_by_user_id = owners.user_id
    left join {{ ref('int_hubspot__activity_clients') }} as clients
        on activities.activity_id = clients.activity_id
)

select * from final
