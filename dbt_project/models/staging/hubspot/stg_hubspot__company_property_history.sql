with source as (
    {{ raw_versions('hubspot', 'company_property_history') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('company_id') }} as company_id,
        {{ text('name') }} as property_name,
        {{ text('value') }} as property_value,
        -- Of owners the value is an id.
        {{ source_id('value') }} as value_id,
        {{ instant('timestamp', 'hubspot') }} as set_at,
        {{ quarantine_reason([
            [source_id('company_id') ~ ' is null', 'company_id is empty'],
            [text('name') ~ ' is null', 'name is empty'],
            [text('timestamp') ~ ' is null', 'timestamp is empty'],
        ] + unreadable_dates(['timestamp'])) }} as quarantine_reason
    from source
)

select * from renamed
