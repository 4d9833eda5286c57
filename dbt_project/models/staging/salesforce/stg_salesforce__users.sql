with source as (
    {{ raw_versions('salesforce', 'user') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('id') }} as user_id,
        {{ source_id('manager_id') }} as superior_id,
        {{ source_id('user_role_id') }} as role_id,
        coalesce(
            {{ text('name') }},
            nullif(concat_ws(' ', {{ text('first_name') }}, {{ text('last_name') }}), ''),
            {{ text('username') }}
        ) as full_name,
        coalesce({{ text('user_type') }} in ('AutomatedProcess', 'CloudIntegrationUser'), false)
            as is_robot,
        {{ fivetran_is_deleted() }} as is_deleted,
        coalesce({{ flag('is_active') }}, true) as is_active,
        {{ instant('system_modstamp', 'salesforce') }} as source_updated_at,
        {{ quarantine_reason([
            [source_id('id') ~ ' is null', 'id is empty'],
            ['coalesce(' ~ text('name') ~ ', ' ~ text('first_name') ~ ', ' ~ text('last_name')
             ~ ', ' ~ text('username') ~ ') is null', 'name is empty'],
        ] + unreadable_dates(['system_modstamp'])) }} as quarantine_reason
    from source
)

select * from renamed
