-- grain: client, contact, position and stretch of time in which the loads showed them so
with contacts as (
    select
        *,
        coalesce(company_id, case when is_person_client then contact_client_id end) as client_id
    from {{ ref('stg_bitrix24__contacts') }}
    where quarantine_reason is null
),

links as (
    select * from {{ ref('stg_bitrix24__contact_companies') }}
    where quarantine_reason is null
),

linked_contacts as (
    select distinct contact_id from links
),

pairs as (
    -- Of a contact whose companies are listed, while both the link and the position were seen.
    select
        links.contact_id,
        links.company_id as client_id,
        contacts.position,
        greatest(links.known_from, coalesce(contacts.known_from, links.known_from)) as known_from,
        case
            when contacts.known_to is null or links.known_to < contacts.known_to then links.known_to
            else contacts.known_to
        end as known_to,
        links.is_baseline and coalesce(contacts.is_baseline, true) as is_baseline
    from links
    left join contacts
        on
            links.contact_id = contacts.contact_id
            and links.known_from < coalesce(contacts.known_to, timestamp '9999-12-31 00:00:00')
            and contacts.known_from < coalesce(links.known_to, timestamp '9999-12-31 00:00:00')
    union all
    select
        contacts.contact_id,
        contacts.client_id,
        contacts.position,
        contacts.known_from,
        contacts.known_to,
        contacts.is_baseline
    from contacts
    left join linked_contacts on contacts.contact_id = linked_contacts.contact_id
    where linked_contacts.contact_id is null and contacts.client_id is not null
),

preceded as (
    select
        *,
        lag(known_to) over (partition by contact_id, client_id order by known_from)
            as previous_known_to,
        lag(position) over (partition by contact_id, client_id order by known_from)
            as previous_position
    from pairs
),

numbered as (
    -- A version that shows the same position goes on with the stretch before it.
    select
        *,
        sum(case
            when
                previous_known_to = known_from
                and position is not distinct from previous_position
                then 0
            else 1
        end) over (partition by contact_id, client_id order by known_from) as stretch_number
    from preceded
),

stretches as (
    select
        contact_id,
        client_id,
        position,
        min(known_from) as known_from,
        case when count(*) = count(known_to) then max(known_to) end as known_to,
        max(case when is_baseline then 1 else 0 end) = 1 as is_baseline
    from numbered
    group by contact_id, client_id, position, stretch_number
)

select
    known_from,
    known_to,
    true as is_latest,
    is_baseline,
    known_from as loaded_at,
    client_id,
    contact_id as person_id,
    position,
    case when not is_baseline then known_from end as valid_from,
    known_to as valid_to,
    false as is_primary,
    false as is_deleted
from stretches
