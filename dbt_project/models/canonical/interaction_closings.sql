-- grain: interaction, as last known
with versions as (
    select * from {{ ref('interaction_versions') }}
    where {{ is_written() }}
),

edited_interactions as (
    select distinct interaction_id from versions
    where not is_latest
),

edited as (
    select
        versions.interaction_id,
        versions.state,
        versions.known_from,
        lag(versions.state) over (
            partition by versions.interaction_id order by versions.known_from
        ) as previous_state
    from versions
    inner join edited_interactions
        on versions.interaction_id = edited_interactions.interaction_id
),

state_starts as (
    -- The load that first showed the present state; a later edit does not move it.
    select
        interaction_id,
        max(known_from) as state_known_from,
        max(case when previous_state is null then known_from end) as first_known_from
    from edited
    where state is distinct from previous_state
    group by interaction_id
    union all
    select
        versions.interaction_id,
        versions.known_from as state_known_from,
        versions.known_from as first_known_from
    from versions
    left join edited_interactions
        on versions.interaction_id = edited_interactions.interaction_id
    where
        versions.is_latest
        and versions.state is not null
        and edited_interactions.interaction_id is null
),

dated as (
    select
        versions.interaction_id,
        versions.state,
        versions.completed_at,
        versions.completed_at_source,
        versions.cancelled_at,
        versions.known_to,
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

final as (
    select
        interaction_id,
        case
            when state <> 'completed' then null
            when completed_at <= completion_known_from then completed_at
            when is_state_first_seen then inferred_close_at
            else state_known_from
        end as completed_at,
        case
            when state <> 'completed' then null
            when completed_at <= completion_known_from then coalesce(completed_at_source, 'field')
            when is_state_first_seen then 'inferred'
            else 'load'
        end as completed_at_source,
        case
            when is_dropped then known_to
            when state <> 'cancelled' then null
            when cancelled_at <= state_known_from then cancelled_at
            when is_state_first_seen then inferred_close_at
            else state_known_from
        end as cancelled_at,
        is_dropped
    from dated
)

select * from final
