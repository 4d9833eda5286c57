with source as (
    {{ raw_versions('odoo', 'res_company') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('id') }} as company_id,
        {{ odoo_id('partner_id') }} as partner_id,
        {{ text('name') }} as company_name,
        {{ quarantine_reason([[source_id('id') ~ ' is null', 'id is empty']]) }}
            as quarantine_reason
    from source
)

select * from renamed
