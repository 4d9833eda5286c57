with source as (
    {{ raw_versions('hubspot', 'engagement_task') }}
),

dated_engagements as (
    {{ hubspot_dated_engagements() }}
),

renamed as (
    select
        {{ hubspot_engagement_columns() }},
        {{ hubspot_first_text(['property_hs_task_subject', 'subject']) }} as subject,
        upper({{ hubspot_first_text(['property_hs_task_type', 'task_type']) }}) as task_type,
        statuses.state,
        coalesce(
            {{ instant('property_hs_task_completion_date', 'hubspot') }},
            {{ instant('completion_date', 'hubspot') }}
        ) as completed_at,
        {{ quarantine_reason(hubspot_engagement_rules() + unreadable_dates([
            'property_hs_task_completion_date', 'completion_date',
        ]) + [
            hubspot_status_rule(['property_hs_task_status', 'status'], 'status is unknown'),
        ]) }} as quarantine_reason
    from source
    left join dated_engagements on {{ source_id('engagement_id') }} = dated_engagements.dated_id
    {{ hubspot_statuses('TASK', ['property_hs_task_status', 'status']) }}
)

select * from renamed
