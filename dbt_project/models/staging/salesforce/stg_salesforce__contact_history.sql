with source as (
    {{ raw_versions('salesforce', 'contact_history') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('id') }} as contact_id,
        {{ source_id('account_id') }} as account_id,
        {{ text('title') }} as title,
        coalesce({{ flag('is_deleted') }}, false) as is_deleted,
        {{ instant('_fivetran_start', 'salesforce') }} as started_at,
        {{ fivetran_end() }} as ended_at,
        {{ quarantine_reason([
            [source_id('id') ~ ' is null', 'id is empty'],
            [text('_fivetran_start') ~ ' is null', '_fivetran_start is empty'],
        ] + unreadable_dates(['_fivetran_start', '_fivetran_end'])) }} as quarantine_reason
    from source
)

select * from renamed
