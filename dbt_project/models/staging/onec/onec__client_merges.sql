-- grain: merged partner version
select
    {{ versions('partners', ['partner_id']) }},
    partners.partner_id as losing_client_id,
    partners.surviving_partner_id as surviving_client_id,
    -- Without a date the merge is known from the load that first shows it.
    coalesce(partners.merged_at, partners.known_from) as merged_at,
    false as is_deleted
from {{ ref('stg_onec__partners') }} as partners
where
    partners.quarantine_reason is null
    and partners.surviving_partner_id is not null
    and partners.surviving_partner_id <> partners.partner_id
