with source as (
    {{ raw_versions('hubspot', 'ticket') }}
),

renamed as (
    select
        {{ lineage() }},
        -- Tickets are numbered apart from engagements.
        _source || ':ticket:' || {{ text('id') }} as ticket_id,
        {{ source_id('property_hubspot_owner_id') }} as owner_id,
        {{ source_id('property_hs_created_by_user_id') }} as created_by_user_id,
        {{ hubspot_text('property_subject') }} as subject,
        {{ hubspot_text('property_hs_ticket_category') }} as category,
        {{ hubspot_is_deleted(['is_deleted', '_fivetran_deleted']) }} as is_deleted,
        {{ instant('property_createdate', 'hubspot') }} as entered_at,
        {{ instant('property_hs_time_to_close_sla_at', 'hubspot') }} as deadline_at,
        {{ instant('property_closed_date', 'hubspot') }} as closed_at,
        {{ instant('property_hs_lastmodifieddate', 'hubspot') }} as source_updated_at,
        {{ quarantine_reason([
            [text('id') ~ ' is null', 'id is empty'],
            [text('property_createdate') ~ ' is null', 'property_createdate is empty'],
        ] + unreadable_dates([
            'property_createdate', 'property_hs_time_to_close_sla_at', 'property_closed_date',
            'property_hs_lastmodifieddate',
        ])) }} as quarantine_reason
    from source
)

select * from renamed
