-- grain: completed interaction that is a contact, an attempt or a mass mailing, and client that
-- took part, under the id that it had
with interactions as (
    select
        client_id,
        interaction_id,
        event_at,
        performer_id,
        is_contact,
        is_attempt,
        is_mass
    from {{ ref('int_interactions__classified') }}
    where event_at is not null and (is_contact or is_attempt or is_mass) and {{ is_written() }}
)

-- The primary client stands in the row: few interactions have a further one to be joined.
select * from interactions
where client_id is not null
union all
select
    parties.client_id,
    interactions.interaction_id,
    interactions.event_at,
    interactions.performer_id,
    interactions.is_contact,
    interactions.is_attempt,
    interactions.is_mass
from interactions
inner join {{ ref('int_interactions__further_clients') }} as parties
    on interactions.interaction_id = parties.interaction_id
