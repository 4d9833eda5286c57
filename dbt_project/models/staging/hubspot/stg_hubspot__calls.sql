with source as (
    {{ raw_versions('hubspot', 'engagement_call') }}
),

dated_engagements as (
    {{ hubspot_dated_engagements() }}
),

renamed as (
    select
        {{ hubspot_engagement_columns() }},
        {{ hubspot_text('property_hs_activity_type') }} as activity_type,
        {{ hubspot_text('property_hs_call_title') }} as subject,
        case upper({{ text('property_hs_call_direction') }})
            when 'INBOUND' then 'in'
            when 'OUTBOUND' then 'out'
        end as direction,
        statuses.state,
        upper({{ hubspot_first_text(['property_hs_call_status', 'status']) }}) as call_status,
        lower({{ hubspot_first_text(['property_hs_call_disposition', 'disposition']) }})
            as disposition,
        cast(floor(coalesce(
            {{ decimal_number('property_hs_call_duration') }},
            {{ decimal_number('duration_milliseconds') }}
        ) / 1000) as bigint) as talk_seconds,
        {{ quarantine_reason(hubspot_engagement_rules() + [
            hubspot_status_rule(['property_hs_call_status', 'status'], 'status is unknown'),
        ]) }} as quarantine_reason
    from source
    left join dated_engagements on {{ source_id('engagement_id') }} = dated_engagements.dated_id
    {{ hubspot_statuses('CALL', ['property_hs_call_status', 'status']) }}
)

select * from renamed
