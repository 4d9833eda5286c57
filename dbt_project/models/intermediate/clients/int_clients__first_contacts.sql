-- grain: period and client whose first contact lies in it
with periods as (
    select * from {{ ref('int_periods') }}
),

contacts as (
    select
        parties.client_id,
        interactions.interaction_id,
        interactions.event_at,
        row_number() over (
            partition by parties.client_id
            order by interactions.event_at, interactions.interaction_id
        ) as place
    from {{ ref('int_interactions__classified') }} as interactions
    inner join {{ ref('int_interactions__clients') }} as parties
        on interactions.interaction_id = parties.interaction_id
    where interactions.is_contact
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
    left join contacts on survivors.client_id = contacts.client_id and contacts.place = 1
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
