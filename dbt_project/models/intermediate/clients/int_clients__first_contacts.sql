-- grain: period and client whose first contact lies in it
with periods as (
    select * from {{ ref('int_periods') }}
),

earliest as (
    select
        client_id,
        min(event_at) as event_at
    from {{ ref('int_interactions__client_touches') }}
    where is_contact
    group by client_id
),

contacts as (
    select
        earliest.client_id,
        earliest.event_at,
        min(touches.interaction_id) as interaction_id
    from earliest
    inner join {{ ref('int_interactions__client_touches') }} as touches
        on earliest.client_id = touches.client_id and earliest.event_at = touches.event_at
    where touches.is_contact
    group by earliest.client_id, earliest.event_at
),

identities as (
    -- Every id that goes under a client at the period's end, with its own first contact.
    select
        periods.period_kind,
        periods.period_start,
        periods.start_at,
        periods.end_at,
        survivors.surviving_client_id as client_id,
        contacts.interaction_id,
        contacts.event_at,
        case
            when clients.is_migrated then timestamp '0001-01-01 00:00:00'
            else clients.registered_at
        end as known_since
    from periods
    cross join {{ ref('int_clients__survivors') }} as survivors
    inner join {{ ref('clients') }} as clients on survivors.client_id = clients.client_id
    left join contacts on survivors.client_id = contacts.client_id
    where {{ valid_before('survivors', 'periods.end_at') }}
),

ranked as (
    select
        *,
        min(known_since) over (partition by period_kind, period_start, client_id)
            as first_known_since,
        row_number() over (
            partition by period_kind, period_start, client_id
            order by event_at nulls last, interaction_id nulls last
        ) as place
    from identities
)

select
    period_kind,
    period_start,
    client_id,
    interaction_id
from ranked
where
    place = 1
    and event_at >= start_at
    and event_at < end_at
    -- A client older than the data had its first contact nobody knows when.
    and first_known_since >= {{ from_business("timestamp '" ~ var('data_start') ~ " 00:00:00'") }}
