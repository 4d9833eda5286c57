with source as (
    {{ raw_versions('odoo', 'res_partner_category') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('id') }} as category_id,
        {{ text('name') }} as category,
        {{ quarantine_reason([[source_id('id') ~ ' is null', 'id is empty']]) }}
            as quarantine_reason
    from source
)

select * from renamed
