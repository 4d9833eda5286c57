-- grain: interaction and client taking part beside the primary one, itself or by a contact person
with parties as (
    select
        parties.interaction_id,
        parties.party_kind,
        parties.party_id,
        interactions.client_id as primary_client_id,
        coalesce(
            interactions.actual_start_at,
            interactions.completed_at,
            interactions.planned_start_at,
            interactions.created_at
        ) as event_at
    from {{ ref('interaction_parties') }} as parties
    inner join {{ ref('interactions') }} as interactions
        on parties.interaction_id = interactions.interaction_id
    where
        parties.party_kind in ('client', 'person')
        and not coalesce(parties.is_deleted, false)
        and {{ is_written('parties.interaction_id') }}
),

persons as (
    select
        person_id,
        client_id,
        valid_from,
        valid_to
    from {{ ref('client_contact_persons') }}
    where not is_deleted
),

clients as (
    select client_id from {{ ref('clients') }}
    where not is_test
),

listed as (
    select
        interaction_id,
        primary_client_id,
        party_id as client_id
    from parties
    where party_kind = 'client'
    union
    select
        parties.interaction_id,
        parties.primary_client_id,
        persons.client_id
    from parties
    inner join persons on parties.party_id = persons.person_id
    where
        parties.party_kind = 'person'
        and {{ valid_at('persons', 'parties.event_at') }}
)

select
    listed.interaction_id,
    listed.client_id
from listed
inner join clients on listed.client_id = clients.client_id
where listed.client_id is distinct from listed.primary_client_id
