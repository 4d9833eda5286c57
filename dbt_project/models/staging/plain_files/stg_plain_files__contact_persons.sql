with source as (
    {{ raw_versions('plain_files', 'contact_persons') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ file_id('person_id') }} as person_id,
        {{ text('full_name') }} as full_name,
        {{ text('email') }} as email,
        {{ text('phone') }} as phone,
        coalesce({{ flag('is_active') }}, true) as is_active,
        coalesce({{ flag('is_deleted') }}, false) as is_deleted,
        {{ instant('source_updated_at', 'plain_files') }} as source_updated_at,
        {{ quarantine_reason([
            [text('person_id') ~ ' is null', 'person_id is empty'],
            not_a_flag('is_active'),
            not_a_flag('is_deleted'),
        ] + unreadable_dates(['source_updated_at'])) }} as quarantine_reason
    from source
)

select * from renamed
