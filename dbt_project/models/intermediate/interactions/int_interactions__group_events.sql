-- grain: period, measure, interaction and, where clients are counted, client
with periods as (
    select * from {{ ref('int_periods') }}
),

recent as (
    select * from {{ ref('int_interactions__classified') }}
    where
        greatest(created_at, event_at, completed_at)
        >= (select min(periods.previous_start_at) from periods)
),

first_holders as (
    select
        interaction_id,
        manager_id
    from {{ ref('int_interactions__timeline') }}
    where valid_from is null
),

events as (
    select
        periods.period_kind,
        periods.period_start,
        case when interactions.event_at >= periods.start_at then 'counted' else 'previous' end
            as measure,
        interactions.interaction_id,
        interactions.interaction_group,
        interactions.performer_id as manager_id
    from recent as interactions
    inner join periods
        on
            interactions.event_at >= periods.previous_start_at
            and interactions.event_at < periods.end_at
    union all
    select
        periods.period_kind,
        periods.period_start,
        'opened',
        interactions.interaction_id,
        interactions.interaction_group,
        first_holders.manager_id
    from recent as interactions
    inner join periods
        on
            interactions.created_at >= periods.start_at
            and interactions.created_at < periods.end_at
    left join first_holders on interactions.interaction_id = first_holders.interaction_id
    union all
    select
        periods.period_kind,
        periods.period_start,
        'closed',
        interactions.interaction_id,
        interactions.interaction_group,
        interactions.performer_id
    from recent as interactions
    inner join periods
        on
            interactions.completed_at >= periods.start_at
            and interactions.completed_at < periods.end_at
),

client_events as (
    select
        period_kind,
        period_start,
        'client' as measure,
        interaction_id,
        client_id
    from {{ ref('int_interactions__period_clients') }}
    union all
    select
        period_kind,
        period_start,
        'first contact',
        interaction_id,
        client_id
    from {{ ref('int_clients__first_contacts') }}
),

final as (
    select
        events.period_kind,
        events.period_start,
        events.measure,
        events.interaction_id,
        events.interaction_group,
        coalesce(events.manager_id, 'no manager') as manager_id,
        cast(null as {{ dbt.type_string() }}) as client_id
    from events
    union all
    select
        client_events.period_kind,
        client_events.period_start,
        client_events.measure,
        client_events.interaction_id,
        interactions.interaction_group,
        coalesce(interactions.performer_id, 'no manager'),
        client_events.client_id
    from client_events
    inner join {{ ref('int_interactions__classified') }} as interactions
        on client_events.interaction_id = interactions.interaction_id
)

select * from final
