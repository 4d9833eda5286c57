with source as (
    {{ raw_versions('plain_files', 'managers') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ file_id('manager_id') }} as manager_id,
        {{ file_id('head_manager_id') }} as head_manager_id,
        {{ text('full_name') }} as full_name,
        {{ text('team') }} as team,
        coalesce({{ flag('is_robot') }}, false) as is_robot,
        coalesce({{ flag('is_deleted') }}, false) as is_deleted,
        cast({{ local_time('hired_on') }} as date) as hired_on,
        cast({{ local_time('left_on') }} as date) as left_on,
        {{ instant('source_updated_at', 'plain_files') }} as source_updated_at,
        {{ quarantine_reason([
            [text('manager_id') ~ ' is null', 'manager_id is empty'],
            [text('full_name') ~ ' is null', 'full_name is empty'],
            not_a_flag('is_robot'),
            not_a_flag('is_deleted'),
        ] + unreadable_dates(['hired_on', 'left_on', 'source_updated_at'])) }} as quarantine_reason
    from source
)

select * from renamed
