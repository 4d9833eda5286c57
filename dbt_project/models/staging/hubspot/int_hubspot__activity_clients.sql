-- grain: engagement or ticket with a client
with activities as (
    select
        activity_id,
        known_to
    from {{ ref('int_hubspot__activity_versions') }}
    where is_latest
),

parties as (
    -- An association that left together with the activity still says whose it was.
    select
        parties.activity_id,
        parties.party_kind,
        parties.party_id
    from {{ ref('int_hubspot__activity_parties') }} as parties
    inner join activities on parties.activity_id = activities.activity_id
    where
        parties.is_latest
        and not parties.is_deleted
        and (parties.known_to is null or parties.known_to >= activities.known_to)
),

contacts as (
    select
        contact_id,
        company_id
    from {{ ref('stg_hubspot__contacts') }}
    where quarantine_reason is null and is_latest
),

direct as (
    -- HubSpot names no primary company of an engagement: the lowest id, always the same one.
    select
        activity_id,
        min(party_id) as client_id
    from parties
    where party_kind = 'client'
    group by activity_id
),

through_contacts as (
    select
        parties.activity_id,
        min(contacts.company_id) as client_id
    from parties
    inner join contacts on parties.party_id = contacts.contact_id
    where parties.party_kind = 'person' and contacts.company_id is not null
    group by parties.activity_id
    having count(distinct contacts.company_id) = 1
)

select
    activities.activity_id,
    coalesce(direct.client_id, through_contacts.client_id) as client_id
from activities
left join direct on activities.activity_id = direct.activity_id
left join through_contacts on activities.activity_id = through_contacts.activity_id
where coalesce(direct.client_id, through_contacts.client_id) is not null
