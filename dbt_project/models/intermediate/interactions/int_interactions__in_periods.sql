-- grain: period and completed interaction whose date lies in it
with periods as (
    select * from {{ ref('int_periods') }}
),

interactions as (
    select * from {{ ref('int_interactions__classified') }}
    where event_at is not null
),

survivors as (
    select * from {{ ref('int_clients__survivors') }}
),

owners as (
    select * from {{ ref('int_clients__owners') }}
    where is_main
),

final as (
    select
        periods.period_kind,
        periods.period_start,
        periods.close_month,
        interactions.interaction_id,
        interactions.interaction_kind,
        interactions.interaction_group,
        interactions.direction,
        interactions.result,
        interactions.event_at,
        survivors.surviving_client_id as client_id,
        interactions.performer_id,
        event_owners.manager_id as owner_at_event_id,
        end_owners.manager_id as owner_at_period_end_id,
        interactions.is_contact,
        interactions.is_conversation,
        interactions.is_attempt,
        interactions.is_mass,
        interactions.duration_state,
        interactions.attendee_count,
        case when interactions.duration_state = 'known' then interactions.spent_seconds end
            as known_seconds,
        interactions.planned_seconds
    from interactions
    inner join periods
        on interactions.event_at >= periods.start_at and interactions.event_at < periods.end_at
    left join survivors
        on
            interactions.client_id = survivors.client_id
            and {{ valid_before('survivors', 'periods.end_at') }}
    left join survivors as event_survivors
        on
            interactions.client_id = event_survivors.client_id
            and {{ valid_at('event_survivors', 'interactions.event_at') }}
    left join owners as event_owners
        on
            event_survivors.surviving_client_id = event_owners.client_id
            and {{ valid_at('event_owners', 'interactions.event_at') }}
    left join owners as end_owners
        on
            survivors.surviving_client_id = end_owners.client_id
            and {{ valid_before('end_owners', 'periods.end_at') }}
)

select * from final
