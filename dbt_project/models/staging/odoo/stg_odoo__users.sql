with source as (
    {{ raw_versions('odoo', 'res_users') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('id') }} as user_id,
        {{ odoo_id('partner_id') }} as partner_id,
        {{ odoo_id('default_section_id') }} as chosen_team_id,
        {{ text('login') }} as user_login,
        {{ text('name') }} as given_name,
        coalesce({{ flag('active') }}, true) as is_active,
        coalesce({{ flag('share') }}, false) as is_portal,
        {{ quarantine_reason([
            [source_id('id') ~ ' is null', 'id is empty'],
            [text('login') ~ ' is null', 'login is empty'],
        ]) }} as quarantine_reason
    from source
)

select * from renamed
