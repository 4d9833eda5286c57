-- grain: interaction, as last known
with versions as (
    select
        *,
        lag(state) over (partition by interaction_id order by known_from) as previous_state
    from {{ ref('interaction_versions') }}
),

state_starts as (
    -- The load that first showed the present state; a later edit does not move it.
    select
        interaction_id,
        max(known_from) as state_known_from,
        max(case when previous_state is null then known_from end) as first_known_from
    from versions
    where state is distinct from previous_state
    group by interaction_id
),

types as (
    select * from {{ ref('interaction_types') }}
),

clients as (
    select client_id from {{ ref('clients') }}
),

managers as (
    select manager_id from {{ ref('managers') }}
),

dated as (
    select
        versions.*,
        state_starts.state_known_from,
        state_starts.state_known_from = state_starts.first_known_from as is_state_first_seen,
        -- A time that was inferred from the row's own dates moves with them.
        case
            when versions.completed_at_source = 'inferred' then versions.known_from
            else state_starts.state_known_from
        end as completion_known_from,
        least(
            state_starts.state_known_from,
            coalesce(
                versions.actual_end_at, versions.planned_end_at, versions.actual_start_at,
                versions.planned_start_at, versions.created_at
            )
        ) as inferred_close_at,
        -- Without a cancelled state: gone before its planned start is cancelled.
        versions.known_to is not null
        and versions.state = 'open'
        and coalesce(versions.planned_start_at > versions.known_to, false) as is_dropped
    from versions
    inner join state_starts on versions.interaction_id = state_starts.interaction_id
    where versions.is_latest
),

closed as (
    select
        dated.*,
        case
            when dated.state <> 'completed' then null
            when dated.completed_at <= dated.completion_known_from
                then coalesce(dated.completed_at_source, 'field')
            when dated.is_state_first_seen then 'inferred'
            else 'load'
        end as final_completed_at_source,
        case
            when dated.state <> 'completed' then null
            when dated.completed_at <= dated.completion_known_from then dated.completed_at
            when dated.is_state_first_seen then dated.inferred_close_at
            else dated.state_known_from
        end as final_completed_at,
        case
            when dated.is_dropped then dated.known_to
            when dated.state <> 'cancelled' then null
            when dated.cancelled_at <= dated.state_known_from then dated.cancelled_at
            when dated.is_state_first_seen then dated.inferred_close_at
            else dated.state_known_from
        end as final_cancelled_at
    from dated
),

final as (
    select
        closed.interaction_id,
        coalesce(types.interaction_kind, closed.interaction_kind) as interaction_kind,
        closed.raw_type,
        types.interaction_group,
        closed.direction,
        closed.subject,
        responsibles.manager_id as responsible_manager_id,
        case when responsibles.manager_id is null then closed.responsible_manager_id end
            as dangling_responsible_manager_id,
        creators.manager_id as created_by_id,
        case when creators.manager_id is null then closed.created_by_id end
            as dangling_created_by_id,
        clients.client_id,
        case when clients.client_id is null then closed.client_id end as dangling_client_id,
        closed.created_at,
        closed.planned_start_at,
        closed.planned_end_at,
        closed.actual_start_at,
        closed.actual_end_at,
        coalesce(closed.deadline_at, closed.planned_end_at, closed.planned_start_at)
            as deadline_at,
        case
            when closed.deadline_at is not null then 'field'
            when closed.planned_end_at is not null then 'planned_end'
            when closed.planned_start_at is not null then 'planned_start'
        end as deadline_source,
        case
            when closed.deadline_at is not null then coalesce(closed.deadline_is_date, false)
            else coalesce(closed.is_all_day, false)
        end as deadline_is_date,
        closed.final_completed_at as completed_at,
        closed.final_completed_at_source as completed_at_source,
        closed.final_cancelled_at as cancelled_at,
        coalesce(closed.is_all_day, false) as is_all_day,
        closed.answered,
        closed.talk_seconds,
        coalesce(
            closed.duration_seconds,
            cast({{ seconds_between('closed.actual_start_at', 'closed.actual_end_at') }} as bigint)
        ) as duration_seconds,
        case
            when closed.duration_seconds is not null then 'recorded'
            when closed.actual_start_at is not null and closed.actual_end_at is not null
                then 'computed'
            when closed.planned_start_at is not null and closed.planned_end_at is not null
                then 'planned'
            else 'none'
        end as duration_source,
        closed.result,
        coalesce(closed.is_mass, false) as is_mass,
        coalesce(closed.is_auto, false) as is_auto,
        closed.group_id,
        closed.source_updated_at,
        closed.loaded_at,
        closed.is_deleted or (closed.known_to is not null and not closed.is_dropped) as is_deleted,
        case
            when closed.is_deleted then closed.known_from
            when not closed.is_dropped then closed.known_to
        end as deleted_at
    from closed
    left join types on closed.crm = types.crm and closed.raw_type = types.raw_type
    left join clients on closed.client_id = clients.client_id
    left join managers as responsibles
        on closed.responsible_manager_id = responsibles.manager_id
    left join managers as creators on closed.created_by_id = creators.manager_id
)

select * from final
