with source as (
    {{ raw_versions('dolibarr', 'llx_c_typent') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('id') }} as company_type_id,
        {{ text('code') }} as company_type_code,
        -- A dash is the vendor's label for the value "unknown".
        nullif({{ text('libelle') }}, '-') as company_type,
        {{ quarantine_reason([[source_id('id') ~ ' is null', 'id is empty']]) }}
            as quarantine_reason
    from source
)

select * from renamed
