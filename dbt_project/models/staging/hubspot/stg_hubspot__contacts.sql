with source as (
    {{ raw_versions('hubspot', 'contact') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('id') }} as contact_id,
        {{ source_id('property_associatedcompanyid') }} as company_id,
        {{ text('property_hs_merged_object_ids') }} as merged_ids,
        nullif(concat_ws(
            ' ', {{ hubspot_text('property_firstname') }}, {{ hubspot_text('property_lastname') }}
        ), '') as full_name,
        {{ hubspot_text('property_jobtitle') }} as position,
        -- One of several roles: who decides, decides.
        case
            when {{ text('property_hs_buying_role') }} like '%DECISION_MAKER%' then 'DECISION_MAKER'
            else split_part({{ text('property_hs_buying_role') }}, ';', 1)
        end as role,
        {{ hubspot_text('property_email') }} as email,
        {{ hubspot_first_text(['property_phone', 'property_mobilephone']) }} as phone,
        {{ hubspot_is_deleted(['_fivetran_deleted', 'is_deleted']) }} as is_deleted,
        {{ instant('property_createdate', 'hubspot') }} as entered_at,
        {{ instant('property_lastmodifieddate', 'hubspot') }} as source_updated_at,
        {{ quarantine_reason(
            [[source_id('id') ~ ' is null', 'id is empty']]
            + unreadable_dates(['property_createdate', 'property_lastmodifieddate'])
        ) }} as quarantine_reason
    from source
)

select * from renamed
