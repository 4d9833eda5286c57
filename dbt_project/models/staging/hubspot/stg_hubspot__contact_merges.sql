with source as (
    {{ raw_versions('hubspot', 'contact_merge_audit') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('vid_to_merge') }} as losing_contact_id,
        {{ source_id('canonical_vid') }} as surviving_contact_id,
        {{ instant('timestamp', 'hubspot') }} as merged_at,
        {{ quarantine_reason([
            [source_id('vid_to_merge') ~ ' is null', 'vid_to_merge is empty'],
            [source_id('canonical_vid') ~ ' is null', 'canonical_vid is empty'],
        ] + unreadable_dates(['timestamp'])) }} as quarantine_reason
    from source
)

select * from renamed
