with source as (
    {{ raw_versions('odoo', 'crm_lead') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('id') }} as lead_id,
        {{ odoo_record('crm.lead') }} as record,
        {{ odoo_id('partner_id') }} as partner_id,
        {{ odoo_id('user_id') }} as salesperson_id,
        {{ quarantine_reason([[source_id('id') ~ ' is null', 'id is empty']]) }}
            as quarantine_reason
    from source
)

select * from renamed
