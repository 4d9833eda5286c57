with source as (
    {{ raw_versions('salesforce', 'task') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('id') }} as task_id,
        {{ source_id('owner_id') }} as owner_id,
        {{ source_id('created_by_id') }} as author_id,
        coalesce({{ source_id('account_id') }}, {{ salesforce_reference('what_id', '001') }})
            as account_id,
        {{ salesforce_reference('who_id', '003') }} as contact_id,
        {{ text('subject') }} as subject,
        {{ text('task_subtype') }} as task_subtype,
        {{ text('type') }} as task_type,
        {{ text('call_type') }} as call_type,
        {{ text('call_disposition') }} as call_disposition,
        -- A status that the list calls cancelled is one; of the others is_closed knows best.
        case
            when statuses.state = 'cancelled' then 'cancelled'
            when {{ flag('is_closed') }} then 'completed'
            when not {{ flag('is_closed') }} then 'open'
            else statuses.state
        end as state,
        {{ whole_number('call_duration_in_seconds') }} as talk_seconds,
        coalesce({{ flag('is_recurrence') }}, false) as is_series,
        {{ fivetran_is_deleted() }} as is_deleted,
        -- A date at midnight UTC is a day, not a moment: no time zone moves it.
        cast({{ local_time('activity_date') }} as date) as due_on,
        {{ instant('created_date', 'salesforce') }} as created_at,
        {{ instant('completed_date_time', 'salesforce') }} as completed_at,
        {{ instant('system_modstamp', 'salesforce') }} as source_updated_at,
        {{ quarantine_reason([
            [source_id('id') ~ ' is null', 'id is empty'],
            [text('created_date') ~ ' is null', 'created_date is empty'],
            [flag('is_closed') ~ ' is null and statuses.state is null',
             'status is unknown and is_closed is empty'],
            [text('call_duration_in_seconds') ~ ' is not null and '
             ~ whole_number('call_duration_in_seconds') ~ ' is null',
             'call_duration_in_seconds is not a number'],
        ] + unreadable_dates(
            ['activity_date', 'created_date', 'completed_date_time', 'system_modstamp']
        )) }} as quarantine_reason
    from source
    left join {{ ref('interaction_statuses') }} as statuses
        on
            statuses.crm = 'salesforce'
            and {{ text('status') }} = statuses.raw_status
            and {{ valid_at(
                'statuses', 'coalesce(' ~ local_time('created_date') ~ ', known_from)'
            ) }}
)

select * from renamed
