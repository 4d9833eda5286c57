-- grain: client, contact, position, role and stretch of time in which the loads showed them so
with contacts as (
    select
        partners.partner_id,
        partners.parent_partner_id,
        partners.position,
        partners.known_from,
        partners.known_to,
        partners.is_baseline,
        -- An address for invoices or deliveries says so; the usual kinds say nothing.
        case
            when partners.address_type not in ('default', 'contact') then partners.address_type
        end as role
    from {{ ref('stg_odoo__partners') }} as partners
    inner join {{ ref('odoo__partners') }} as kinds
        on partners.partner_id = kinds.partner_id and kinds.party_kind = 'person'
    where partners.quarantine_reason is null
),

numbered as (
    -- Stretches are known by the versions that differ from the one before.
    select
        *,
        lag(known_to) over (partition by partner_id order by known_from) as previous_known_to,
        lag(parent_partner_id) over (partition by partner_id order by known_from)
            as previous_parent_id,
        lag(position) over (partition by partner_id order by known_from) as previous_position,
        lag(role) over (partition by partner_id order by known_from) as previous_role
    from contacts
),

marked as (
    select
        *,
        sum(case
            when
                previous_known_to = known_from
                and parent_partner_id is not distinct from previous_parent_id
                and position is not distinct from previous_position
                and role is not distinct from previous_role
                then 0
            else 1
        end) over (partition by partner_id order by known_from) as stretch_number
    from numbered
),

stretches as (
    select
        partner_id,
        parent_partner_id,
        position,
        role,
        stretch_number,
        min(known_from) as known_from,
        case when count(*) = count(known_to) then max(known_to) end as known_to,
        max(case when is_baseline then 1 else 0 end) = 1 as is_baseline
    from marked
    where parent_partner_id is not null
    group by partner_id, parent_partner_id, position, role, stretch_number
)

select
    stretches.known_from,
    stretches.known_to,
    true as is_latest,
    stretches.is_baseline,
    stretches.known_from as loaded_at,
    stretches.parent_partner_id as client_id,
    stretches.partner_id as person_id,
    stretches.position,
    stretches.role,
    case when not stretches.is_baseline then stretches.known_from end as valid_from,
    stretches.known_to as valid_to,
    false as is_primary,
    false as is_deleted
from stretches
