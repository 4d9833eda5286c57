-- grain: company version
with companies as (
    select
        *,
        min(known_from) over (partition by company_id) as first_known_from
    from {{ ref('stg_hubspot__companies') }}
    where quarantine_reason is null
),

final as (
    select
        {{ versions('companies') }},
        companies.source_updated_at,
        companies.company_id as client_id,
        -- A company without name and domain is a client all the same.
        coalesce(companies.company_name, companies.company_id) as client_name,
        'organisation' as client_kind,
        coalesce(companies.company_type, '') not in ('PARTNER', 'VENDOR') as is_client,
        companies.parent_company_id as parent_client_id,
        coalesce(companies.entered_at, companies.first_known_from) as registered_at,
        companies.owner_id as responsible_manager_id,
        companies.region,
        companies.city,
        companies.industry,
        companies.customer_tier as client_class,
        companies.source_channel,
        companies.custom,
        false as do_not_contact,
        false as is_test,
        coalesce(companies.record_origin in ('IMPORT', 'MIGRATION'), false) as is_migrated,
        companies.is_deleted
    from companies
)

select * from final
