-- grain: interaction and client taking part beside the primary one, itself or by a contact person
with interactions as (
    select
        interaction_id,
        client_id,
        coalesce(actual_start_at, completed_at, planned_start_at, created_at) as event_at
    from {{ ref('interactions') }}
    where {{ is_written() }}
),

parties as (
    select * from {{ ref('interaction_parties') }}
    where not coalesce(is_deleted, false) and {{ is_written() }}
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
        party_id as client_id
    from parties
    where party_kind = 'client'
    union
    select
        parties.interaction_id,
        persons.client_id
    from parties
    inner join persons on parties.party_id = persons.person_id
    inner join interactions on parties.interaction_id = interactions.interaction_id
    where
        parties.party_kind = 'person'
        and {{ valid_at('persons', 'interactions.event_at') }}
)

select
    listed.interaction_id,
    listed.client_id
from listed
inner join interactions on listed.interaction_id = interactions.interaction_id
inner join clients on listed.client_id = clients.client_id
where listed.client_id is distinct from interactions.client_id
