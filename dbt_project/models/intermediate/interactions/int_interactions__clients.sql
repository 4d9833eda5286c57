-- grain: interaction and client taking part, itself or by a contact person
with interactions as (
    select
        interaction_id,
        client_id
    from {{ ref('interactions') }}
),

parties as (
    select * from {{ ref('interaction_parties') }}
),

persons as (
    select distinct
        person_id,
        client_id
    from {{ ref('client_contact_persons') }}
    where not is_deleted
),

clients as (
    select client_id from {{ ref('clients') }}
    where not is_test
),

pairs as (
    select
        interaction_id,
        client_id
    from interactions
    union
    select
        interaction_id,
        party_id
    from parties
    where party_kind = 'client'
    union
    select
        parties.interaction_id,
        persons.client_id
    from parties
    inner join persons on parties.party_id = persons.person_id
    where parties.party_kind = 'person'
)

select
    pairs.interaction_id,
    pairs.client_id
from pairs
inner join clients on pairs.client_id = clients.client_id
