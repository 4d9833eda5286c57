-- grain: version of a partner that is a company or a person on its own
with partners as (
    select
        *,
        -- Since when it is archived, unmoved by later edits; meaningless while it is not.
        min(known_from) over (partition by partner_id) as first_known_from,
        max(case when is_active then known_to end) over (
            partition by partner_id order by known_from
        ) as last_seen_active_until
    from {{ ref('stg_odoo__partners') }}
    where quarantine_reason is null
),

kinds as (
    select * from {{ ref('odoo__partners') }}
    where party_kind = 'client'
),

regions as (
    select * from {{ ref('stg_odoo__country_states') }}
    where quarantine_reason is null and is_latest
),

final as (
    select
        {{ versions('partners') }},
        partners.source_updated_at,
        partners.partner_id as client_id,
        coalesce(partners.partner_name, kinds.partner_name) as client_name,
        case
            when partners.is_company or kinds.is_own_company then 'organisation' else 'person'
        end as client_kind,
        partners.is_customer and not kinds.is_own_company as is_client,
        partners.parent_partner_id as parent_client_id,
        partners.entered_at as registered_at,
        case
            when not partners.is_active
                then coalesce(partners.last_seen_active_until, partners.first_known_from)
        end as archived_at,
        partners.salesperson_id as responsible_manager_id,
        regions.region,
        partners.city,
        partners.tax_id,
        partners.custom,
        false as do_not_contact,
        false as is_test,
        false as is_migrated,
        false as is_deleted
    from partners
    inner join kinds on partners.partner_id = kinds.partner_id
    left join regions on partners.region_id = regions.region_id
)

select * from final
