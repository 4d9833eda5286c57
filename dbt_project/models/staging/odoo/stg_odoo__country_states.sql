with source as (
    {{ raw_versions('odoo', 'res_country_state') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('id') }} as region_id,
        {{ text('name') }} as region,
        {{ quarantine_reason([[source_id('id') ~ ' is null', 'id is empty']]) }}
            as quarantine_reason
    from source
)

select * from renamed
