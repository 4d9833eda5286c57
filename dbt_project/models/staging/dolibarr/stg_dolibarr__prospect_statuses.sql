with source as (
    {{ raw_versions('dolibarr', 'llx_c_stcomm') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('id') }} as prospect_status_id,
        {{ text('code') }} as prospect_status_code,
        -- A dash is the vendor's label for the value "unknown".
        nullif({{ text('libelle') }}, '-') as prospect_status,
        {{ quarantine_reason([[source_id('id') ~ ' is null', 'id is empty']]) }}
            as quarantine_reason
    from source
)

select * from renamed
