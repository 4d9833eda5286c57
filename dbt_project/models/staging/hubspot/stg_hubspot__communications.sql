with source as (
    {{ raw_versions('hubspot', 'engagement_communication') }}
),

dated_engagements as (
    {{ hubspot_dated_engagements() }}
),

renamed as (
    select
        {{ hubspot_engagement_columns() }},
        upper({{ text('property_hs_communication_channel_type') }}) as channel,
        {{ quarantine_reason(hubspot_engagement_rules()) }} as quarantine_reason
    from source
    left join dated_engagements on {{ source_id('engagement_id') }} = dated_engagements.dated_id
)

select * from renamed
