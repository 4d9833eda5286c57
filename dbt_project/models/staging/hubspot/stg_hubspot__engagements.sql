with source as (
    {{ raw_versions('hubspot', 'engagement') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('id') }} as engagement_id,
        {{ source_id('owner_id') }} as owner_id,
        upper({{ text('type') }}) as engagement_type,
        {{ hubspot_text('activity_type') }} as activity_type,
        {{ hubspot_is_deleted() }} as is_deleted,
        {{ instant('created_at', 'hubspot') }} as entered_at,
        {{ instant('timestamp', 'hubspot') }} as timestamp_at,
        {{ instant('last_updated', 'hubspot') }} as source_updated_at,
        {{ quarantine_reason(
            [[source_id('id') ~ ' is null', 'id is empty']]
            + unreadable_dates(['created_at', 'timestamp', 'last_updated'])
        ) }} as quarantine_reason
    from source
)

select * from renamed
