with source as (
    {{ raw_versions('hubspot', 'engagement_company') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('engagement_id') }} as engagement_id,
        {{ source_id('company_id') }} as company_id,
        {{ hubspot_is_deleted() }} as is_deleted,
        {{ quarantine_reason([
            [text('engagement_id') ~ ' is null', 'engagement_id is empty'],
            [source_id('company_id') ~ ' is null', 'company_id is empty'],
        ]) }} as quarantine_reason
    from source
)

select * from renamed
