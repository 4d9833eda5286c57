with source as (
    {{ raw_versions('plain_files', 'client_contact_persons') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ file_id('client_id') }} as client_id,
        {{ file_id('person_id') }} as person_id,
        {{ text('position') }} as position,
        {{ text('role') }} as role,
        coalesce({{ flag('is_primary') }}, false) as is_primary,
        {{ instant('valid_from', 'plain_files') }} as valid_from,
        {{ instant('valid_to', 'plain_files') }} as valid_to,
        {{ quarantine_reason([
            [text('client_id') ~ ' is null', 'client_id is empty'],
            [text('person_id') ~ ' is null', 'person_id is empty'],
            not_a_flag('is_primary'),
        ] + unreadable_dates(['valid_from', 'valid_to'])) }} as quarantine_reason
    from source
)

select * from renamed
