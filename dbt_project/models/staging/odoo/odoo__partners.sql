-- grain: partner, as last known, with what it is to us
with partners as (
    select * from {{ ref('stg_odoo__partners') }}
    where quarantine_reason is null and is_latest
),

companies as (
    select * from {{ ref('stg_odoo__companies') }}
    where quarantine_reason is null and is_latest
),

own_partners as (
    -- A company has its partner's name, so the name tells where the reference was not delivered.
    select distinct partners.partner_id
    from partners
    inner join companies
        on
            partners._source = companies._source
            and (
                partners.partner_id = companies.partner_id
                or (companies.partner_id is null and partners.partner_name = companies.company_name)
            )
),

users as (
    select
        partner_id,
        min(user_id) as user_id
    from {{ ref('stg_odoo__users') }}
    where quarantine_reason is null and is_latest and not is_portal
    group by partner_id
),

final as (
    select
        partners.partner_id,
        partners.partner_name,
        own_partners.partner_id is not null as is_own_company,
        case
            -- A user below a client is its contact with a login for the portal.
            when
                users.user_id is not null
                and (partners.parent_partner_id is null or own_parents.partner_id is not null)
                then 'manager'
            when partners.parent_partner_id is not null and not partners.is_company then 'person'
            else 'client'
        end as party_kind,
        users.user_id,
        partners.parent_partner_id
    from partners
    left join own_partners on partners.partner_id = own_partners.partner_id
    left join own_partners as own_parents on partners.parent_partner_id = own_parents.partner_id
    left join users on partners.partner_id = users.partner_id
)

select
    partner_id,
    partner_name,
    is_own_company,
    party_kind,
    case when party_kind = 'manager' then user_id end as user_id,
    case when party_kind = 'manager' then user_id else partner_id end as party_id,
    case party_kind when 'client' then partner_id when 'person' then parent_partner_id end
        as client_id
from final
