-- grain: version of a partner below a company
select
    {{ versions('partners') }},
    partners.source_updated_at,
    partners.partner_id as person_id,
    partners.partner_name as full_name,
    partners.email,
    partners.phone,
    partners.is_active,
    false as is_deleted
from {{ ref('stg_odoo__partners') }} as partners
inner join {{ ref('odoo__partners') }} as kinds
    on partners.partner_id = kinds.partner_id and kinds.party_kind = 'person'
where partners.quarantine_reason is null
