{%- set starts = ['start_date_time', 'activity_date_time'] -%}
with source as (
    {{ raw_versions('salesforce', 'event') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('id') }} as event_id,
        {{ source_id('owner_id') }} as owner_id,
        {{ source_id('created_by_id') }} as author_id,
        coalesce({{ source_id('account_id') }}, {{ salesforce_reference('what_id', '001') }})
            as account_id,
        {{ salesforce_reference('who_id', '003') }} as contact_id,
        {{ text('subject') }} as subject,
        coalesce({{ text('type') }}, {{ text('event_subtype') }}, 'Event') as event_type,
        {{ whole_number('duration_in_minutes') }} as duration_minutes,
        coalesce({{ flag('is_child') }}, false) as is_child,
        coalesce({{ flag('is_group_event') }}, false) as is_group_event,
        -- 3 is the pattern of a series; its occurrences are events of their own.
        coalesce({{ flag('is_recurrence') }}, false)
        or coalesce({{ text('group_event_type') }} = '3', false) as is_series,
        {{ fivetran_is_deleted() }} as is_deleted,
        coalesce({{ flag('is_all_day_event') }}, false)
        or coalesce({{ text(starts[0]) }}, {{ text(starts[1]) }}) is null as is_all_day,
        -- A day, not a moment: no time zone moves it.
        cast(coalesce(
            {{ local_time('activity_date') }},
            {{ local_time(starts[0]) }},
            {{ local_time(starts[1]) }}
        ) as date) as starts_on,
        cast({{ local_time('end_date_time') }} as date) as ends_on,
        coalesce({{ instant(starts[0], 'salesforce') }}, {{ instant(starts[1], 'salesforce') }})
            as timed_start_at,
        {{ instant('end_date_time', 'salesforce') }} as timed_end_at,
        {{ instant('created_date', 'salesforce') }} as created_at,
        {{ instant('system_modstamp', 'salesforce') }} as source_updated_at,
        {{ quarantine_reason([
            [source_id('id') ~ ' is null', 'id is empty'],
            ['coalesce(' ~ text(starts[0]) ~ ', ' ~ text(starts[1]) ~ ', ' ~ text('activity_date')
             ~ ') is null', 'start_date_time and activity_date are empty'],
            [text('duration_in_minutes') ~ ' is not null and '
             ~ whole_number('duration_in_minutes') ~ ' is null',
             'duration_in_minutes is not a number'],
        ] + unreadable_dates(
            starts + ['activity_date', 'end_date_time', 'created_date', 'system_modstamp']
        )) }} as quarantine_reason
    from source
)

select * from renamed
