{{ config(materialized='updated_table', raw_table=['plain_files', 'interaction_changes']) }}
with source as (
    {{ raw_versions('plain_files', 'interaction_changes') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ file_id('interaction_id') }} as interaction_id,
        {{ file_id('changed_by_id') }} as changed_by_id,
        {{ text('field') }} as field,
        {{ instant('changed_at', 'plain_files') }} as changed_at,
        case
            when {{ text('field') }} in ('deadline', 'planned_start')
                then {{ changed_moment('old_value') }}
            when {{ text('field') }} = 'responsible' then {{ file_id('old_value') }}
            else {{ text('old_value') }}
        end as old_value,
        case
            when {{ text('field') }} in ('deadline', 'planned_start')
                then {{ changed_moment('new_value') }}
            when {{ text('field') }} = 'responsible' then {{ file_id('new_value') }}
            else {{ text('new_value') }}
        end as new_value,
        {{ quarantine_reason([
            [text('interaction_id') ~ ' is null', 'interaction_id is empty'],
            [text('changed_at') ~ ' is null', 'changed_at is empty'],
            [text('field') ~ ' is null', 'field is empty'],
            not_among('field', ['status', 'deadline', 'responsible', 'planned_start']),
        ] + unreadable_dates(['changed_at'])) }} as quarantine_reason
    from source
)

select * from renamed
