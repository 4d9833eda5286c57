with source as (
    {{ raw_versions('plain_files', 'client_merges') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ file_id('losing_client_id') }} as losing_client_id,
        {{ file_id('surviving_client_id') }} as surviving_client_id,
        {{ instant('merged_at', 'plain_files') }} as merged_at,
        {{ quarantine_reason([
            [text('losing_client_id') ~ ' is null', 'losing_client_id is empty'],
            [text('surviving_client_id') ~ ' is null', 'surviving_client_id is empty'],
        ] + unreadable_dates(['merged_at'])) }} as quarantine_reason
    from source
)

select * from renamed
