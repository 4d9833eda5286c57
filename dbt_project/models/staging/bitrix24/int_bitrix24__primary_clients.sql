-- grain: activity or task version with a client: its first company, else the company of its contact
with parties as (
    select * from {{ ref('bitrix24__interaction_parties') }}
    where party_kind in ('client', 'person')
),

contacts as (
    select
        contact_id,
        coalesce(company_id, case when is_person_client then contact_client_id end) as client_id
    from {{ ref('stg_bitrix24__contacts') }}
    where quarantine_reason is null and is_latest
),

candidates as (
    select
        parties.interaction_id,
        parties.known_from,
        parties.party_kind,
        parties.party_rank,
        parties.item_number,
        case parties.party_kind
            when 'client' then parties.party_id
            else contacts.client_id
        end as client_id
    from parties
    left join contacts on parties.party_id = contacts.contact_id
),

ranked as (
    select
        *,
        row_number() over (
            partition by interaction_id, known_from
            order by
                case when party_kind = 'client' then 1 else 2 end,
                party_rank nulls last, {{ whole_number('item_number') }} nulls last,
                client_id nulls last
        ) as place
    from candidates
    where client_id is not null
)

select
    interaction_id,
    known_from,
    client_id
from ranked
where place = 1
