with source as (
    {{ raw_versions('hubspot', 'contact_company') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('contact_id') }} as contact_id,
        {{ source_id('company_id') }} as company_id,
        {{ hubspot_is_deleted() }} as is_deleted,
        {{ quarantine_reason([
            [text('contact_id') ~ ' is null', 'contact_id is empty'],
            [source_id('company_id') ~ ' is null', 'company_id is empty'],
        ]) }} as quarantine_reason
    from source
)

select * from renamed
