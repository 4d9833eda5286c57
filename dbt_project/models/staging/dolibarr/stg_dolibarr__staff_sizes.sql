with source as (
    {{ raw_versions('dolibarr', 'llx_c_effectif') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('id') }} as staff_size_id,
        {{ text('code') }} as staff_size_code,
        -- A dash is the vendor's label for the value "unknown".
        nullif({{ text('libelle') }}, '-') as staff_size,
        {{ quarantine_reason([[source_id('id') ~ ' is null', 'id is empty']]) }}
            as quarantine_reason
    from source
)

select * from renamed
