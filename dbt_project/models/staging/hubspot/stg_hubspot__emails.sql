with source as (
    {{ raw_versions('hubspot', 'engagement_email') }}
),

dated_engagements as (
    {{ hubspot_dated_engagements() }}
),

renamed as (
    select
        {{ hubspot_engagement_columns() }},
        upper({{ hubspot_first_text(['property_hs_email_direction', 'type']) }}) as email_type,
        {{ hubspot_first_text(['property_hs_email_subject', 'subject']) }} as subject,
        statuses.state,
        {{ quarantine_reason(hubspot_engagement_rules() + [
            hubspot_status_rule(['property_hs_email_status', 'status'], 'status is unknown'),
        ]) }} as quarantine_reason
    from source
    left join dated_engagements on {{ source_id('engagement_id') }} = dated_engagements.dated_id
    {{ hubspot_statuses('EMAIL', ['property_hs_email_status', 'status']) }}
)

select * from renamed
