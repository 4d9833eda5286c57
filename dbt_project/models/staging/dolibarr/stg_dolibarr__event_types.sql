with source as (
    {{ raw_versions('dolibarr', 'llx_c_actioncomm') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('id') }} as event_type_id,
        {{ text('code') }} as event_type_code,
        coalesce({{ text('type') }}, '') = 'systemauto' as is_auto,
        {{ quarantine_reason([
            [source_id('id') ~ ' is null', 'id is empty'],
            [text('code') ~ ' is null', 'code is empty'],
        ]) }} as quarantine_reason
    from source
)

select * from renamed
