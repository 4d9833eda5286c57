with source as (
    {{ raw_versions('odoo', 'res_partner') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('id') }} as partner_id,
        {{ odoo_record('res.partner') }} as record,
        {{ odoo_id('parent_id') }} as parent_partner_id,
        {{ odoo_id('user_id') }} as salesperson_id,
        {{ odoo_id('state_id') }} as region_id,
        {{ odoo_list('category_id') }} as category_list,
        {{ text('name') }} as partner_name,
        {{ text('function') }} as position,
        {{ text('type') }} as address_type,
        {{ text('email') }} as email,
        coalesce({{ text('phone') }}, {{ text('mobile') }}) as phone,
        {{ text('city') }} as city,
        {{ text('vat') }} as tax_id,
        {{ further_characteristics('odoo') }} as custom,
        -- Empty flags stand for Odoo's defaults.
        coalesce({{ flag('customer') }}, true) as is_customer,
        coalesce({{ flag('is_company') }}, false) as is_company,
        coalesce({{ flag('active') }}, true) as is_active,
        {{ instant('create_date', 'odoo') }} as entered_at,
        {{ instant('write_date', 'odoo') }} as source_updated_at,
        {{ quarantine_reason([
            [source_id('id') ~ ' is null', 'id is empty'],
            [text('name') ~ ' is null and ' ~ odoo_id('parent_id') ~ ' is null', 'name is empty'],
        ] + unreadable_dates(['create_date', 'write_date'])) }} as quarantine_reason
    from source
)

select * from renamed
