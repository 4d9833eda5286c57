with source as (
    {{ raw_versions('plain_files', 'client_assignments') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ file_id('client_id') }} as client_id,
        {{ file_id('manager_id') }} as manager_id,
        coalesce({{ text('assignment_role') }}, 'main') as assignment_role,
        {{ instant('valid_from', 'plain_files') }} as valid_from,
        {{ instant('valid_to', 'plain_files') }} as valid_to,
        {{ quarantine_reason([
            [text('client_id') ~ ' is null', 'client_id is empty'],
            [text('manager_id') ~ ' is null', 'manager_id is empty'],
            not_among('assignment_role', ['main', 'second']),
        ] + unreadable_dates(['valid_from', 'valid_to'])) }} as quarantine_reason
    from source
)

select * from renamed
