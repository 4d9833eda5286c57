with source as (
    {{ raw_versions('hubspot', 'engagement_meeting') }}
),

dated_engagements as (
    {{ hubspot_dated_engagements() }}
),

renamed as (
    select
        {{ hubspot_engagement_columns() }},
        {{ text('property_hs_attendee_owner_ids') }} as attendee_owner_ids,
        {{ hubspot_text('property_hs_activity_type') }} as activity_type,
        {{ hubspot_first_text(['property_hs_meeting_title', 'title']) }} as subject,
        statuses.state,
        coalesce(
            {{ hubspot_meeting_moment('property_hs_meeting_start_time') }},
            {{ hubspot_meeting_moment('start_time') }}
        ) as start_at,
        coalesce(
            {{ hubspot_meeting_moment('property_hs_meeting_end_time') }},
            {{ hubspot_meeting_moment('end_time') }}
        ) as end_at,
        {{ quarantine_reason(hubspot_engagement_rules([
            'property_hs_meeting_start_time', 'start_time',
        ]) + unreadable_dates(['property_hs_meeting_end_time', 'end_time']) + [
            hubspot_status_rule(
                ['property_hs_meeting_outcome', 'meeting_outcome'], 'outcome is unknown'
            ),
        ]) }} as quarantine_reason
    from source
    left join dated_engagements on {{ source_id('engagement_id') }} = dated_engagements.dated_id
    {{ hubspot_statuses('MEETING', ['property_hs_meeting_outcome', 'meeting_outcome']) }}
)

select * from renamed
