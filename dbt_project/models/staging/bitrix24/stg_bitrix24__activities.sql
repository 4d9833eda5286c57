with source as (
    {{ raw_versions('bitrix24', 'crm_activity') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ bitrix24_id('ID') }} as activity_id,
        {{ bitrix24_id('RESPONSIBLE_ID') }} as responsible_id,
        {{ bitrix24_id('AUTHOR_ID') }} as author_id,
        case
            when
                {{ text('TYPE_ID') }} = '3'
                or {{ text('PROVIDER_ID') }} in ('CRM_TASKS_TASK', 'CRM_TASKS_TASK_COMMENT')
                then {{ bitrix24_id('ASSOCIATED_ENTITY_ID', 'task_') }}
        end as mirrored_task_id,
        {{ text('OWNER_TYPE_ID') }} as owner_type,
        nullif({{ text('OWNER_ID') }}, '0') as owner_number,
        case {{ text('TYPE_ID') }}
            when '1' then 'MEETING'
            when '2' then 'CALL'
            when '3' then 'TASK'
            when '4' then 'EMAIL'
            else coalesce({{ text('PROVIDER_ID') }}, 'TYPE_' || {{ text('TYPE_ID') }})
        end as activity_type,
        case {{ text('DIRECTION') }} when '1' then 'in' when '2' then 'out' end as direction,
        {{ text('SUBJECT') }} as subject,
        {{ text('COMMUNICATIONS') }} as communications,
        coalesce({{ flag('COMPLETED') }}, {{ text('STATUS') }} in ('2', '3')) as is_completed,
        coalesce({{ text('STATUS') }}, '') = '3' as is_autocompleted,
        case lower({{ json_value(text('SETTINGS'), 'MISSED_CALL') }})
            when 'true' then true when 'y' then true when '1' then true else false
        end as is_missed_call,
        coalesce({{ bitrix24_moment('CREATED') }}, {{ bitrix24_moment('START_TIME') }})
            as entered_at,
        {{ bitrix24_moment('START_TIME') }} as start_at,
        {{ bitrix24_moment('END_TIME') }} as end_at,
        {{ bitrix24_moment('DEADLINE') }} as deadline_at,
        {{ bitrix24_moment('LAST_UPDATED') }} as source_updated_at,
        {{ quarantine_reason([
            [text('ID') ~ ' is null', 'ID is empty'],
            [text('TYPE_ID') ~ ' is null', 'TYPE_ID is empty'],
            [bitrix24_moment('CREATED') ~ ' is null and ' ~ bitrix24_moment('START_TIME')
             ~ ' is null', 'CREATED and START_TIME are empty'],
            [flag('COMPLETED') ~ ' is null and ' ~ text('STATUS') ~ ' is null',
             'COMPLETED and STATUS are empty'],
        ] + unreadable_dates(['CREATED', 'START_TIME', 'END_TIME', 'DEADLINE', 'LAST_UPDATED'])) }}
            as quarantine_reason
    from source
)

select * from renamed
