with source as (
    {{ raw_versions('hubspot', 'engagement_contact') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('engagement_id') }} as engagement_id,
        {{ source_id('contact_id') }} as contact_id,
        {{ hubspot_is_deleted() }} as is_deleted,
        {{ quarantine_reason([
            [text('engagement_id') ~ ' is null', 'engagement_id is empty'],
            [source_id('contact_id') ~ ' is null', 'contact_id is empty'],
        ]) }} as quarantine_reason
    from source
)

select * from renamed
