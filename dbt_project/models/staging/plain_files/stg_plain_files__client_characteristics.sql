with source as (
    {{ raw_versions('plain_files', 'client_characteristics') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ file_id('client_id') }} as client_id,
        {{ text('characteristic') }} as characteristic,
        {{ text('value') }} as value,
        {{ instant('valid_from', 'plain_files') }} as valid_from,
        {{ instant('valid_to', 'plain_files') }} as valid_to,
        {{ quarantine_reason([
            [text('client_id') ~ ' is null', 'client_id is empty'],
            [text('characteristic') ~ ' is null', 'characteristic is empty'],
            [text('value') ~ ' is null', 'value is empty'],
        ] + unreadable_dates(['valid_from', 'valid_to'])) }} as quarantine_reason
    from source
)

select * from renamed
