with source as (
    {{ raw_versions('hubspot', 'company') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('id') }} as company_id,
        {{ source_id('property_hubspot_owner_id') }} as owner_id,
        {{ source_id('property_hs_parent_company_id') }} as parent_company_id,
        {{ text('property_hs_merged_object_ids') }} as merged_ids,
        {{ hubspot_first_text(['property_name', 'property_domain']) }} as company_name,
        upper({{ text('property_type') }}) as company_type,
        {{ hubspot_text('property_industry') }} as industry,
        {{ hubspot_text('property_city') }} as city,
        {{ hubspot_text('property_state') }} as region,
        {{ text('property_hs_ideal_customer_profile') }} as customer_tier,
        {{ text('property_hs_analytics_source') }} as source_channel,
        upper({{ text('property_hs_object_source') }}) as record_origin,
        {{ further_characteristics('hubspot') }} as custom,
        {{ hubspot_is_deleted(['is_deleted', '_fivetran_deleted']) }} as is_deleted,
        {{ instant('property_createdate', 'hubspot') }} as entered_at,
        {{ instant('property_hs_lastmodifieddate', 'hubspot') }} as source_updated_at,
        {{ quarantine_reason(
            [[source_id('id') ~ ' is null', 'id is empty']]
            + unreadable_dates(['property_createdate', 'property_hs_lastmodifieddate'])
        ) }} as quarantine_reason
    from source
)

select * from renamed
