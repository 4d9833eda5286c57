with source as (
    {{ raw_versions('odoo', 'hr_employee') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('id') }} as employee_id,
        {{ odoo_id('user_id') }} as user_id,
        {{ odoo_id('parent_id') }} as superior_id,
        {{ text('name') }} as employee_name,
        {{ quarantine_reason([[source_id('id') ~ ' is null', 'id is empty']]) }}
            as quarantine_reason
    from source
)

select * from renamed
