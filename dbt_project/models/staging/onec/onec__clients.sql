-- grain: client version
with partners as (
    select * from {{ ref('stg_onec__partners') }}
    where quarantine_reason is null
),

regions as (
    select
        {{ versions('regions', ['region_id']) }},
        regions.region_id,
        regions.region_name
    from {{ ref('stg_onec__regions') }} as regions
    where regions.quarantine_reason is null
),

final as (
    select
        {{ versions('partners', ['partner_id']) }},
        partners.partner_id as client_id,
        partners.partner_name as client_name,
        case
            when partners.legal_kind in ('ФизЛицо', 'ЧастноеЛицо') then 'person'
            else 'organisation'
        end as client_kind,
        coalesce(partners.is_client, false) as is_client,
        partners.parent_partner_id as parent_client_id,
        partners.registered_at,
        partners.archived_at,
        partners.manager_id as responsible_manager_id,
        regions.region_name as region,
        partners.city,
        partners.industry,
        partners.client_class,
        partners.source_channel,
        partners.tax_id,
        partners.custom,
        coalesce(partners.do_not_contact, false) as do_not_contact,
        coalesce(partners.is_test, false) as is_test,
        coalesce(partners.is_migrated, false) as is_migrated,
        coalesce(partners.is_deleted, false) as is_deleted
    from partners
    left join regions on partners.region_id = regions.region_id and regions.is_latest
)

select * from final
