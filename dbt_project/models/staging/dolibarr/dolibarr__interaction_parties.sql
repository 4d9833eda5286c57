-- grain: party of an event version
with resources as (
    select * from {{ ref('stg_dolibarr__event_resources') }}
    where quarantine_reason is null
),

events as (
    select * from {{ ref('stg_dolibarr__events') }}
    where quarantine_reason is null
),

final as (
    select
        {{ versions('resources') }},
        resources.event_id as interaction_id,
        case resources.element_type when 'user' then 'manager' else 'person' end as party_kind,
        resources.party_id,
        'participant' as party_role,
        false as is_deleted
    from resources
    where resources.element_type in ('user', 'socpeople')
    union all
    select
        {{ versions('events') }},
        events.event_id,
        'person',
        events.contact_id,
        'participant',
        false
    from events
    where events.contact_id is not null
    union all
    select
        {{ versions('events') }},
        events.event_id,
        'client',
        events.third_party_id,
        'participant',
        false
    from events
    where events.third_party_id is not null
)

select * from final
