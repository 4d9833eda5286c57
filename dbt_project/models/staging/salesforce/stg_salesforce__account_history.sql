with source as (
    {{ raw_versions('salesforce', 'account_history') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('id') }} as account_id,
        {{ source_id('owner_id') }} as owner_id,
        {{ source_id('master_record_id') }} as surviving_account_id,
        {{ instant('_fivetran_start', 'salesforce') }} as started_at,
        {{ fivetran_end() }} as ended_at,
        {{ quarantine_reason([
            [source_id('id') ~ ' is null', 'id is empty'],
            [text('_fivetran_start') ~ ' is null', '_fivetran_start is empty'],
        ] + unreadable_dates(['_fivetran_start', '_fivetran_end'])) }} as quarantine_reason
    from source
)

select * from renamed
