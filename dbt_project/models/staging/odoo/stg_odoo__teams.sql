with source as (
    {{ raw_versions('odoo', 'crm_case_section') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('id') }} as team_id,
        {{ odoo_list('member_ids') }} as member_list,
        {{ text('name') }} as team,
        {{ quarantine_reason([[source_id('id') ~ ' is null', 'id is empty']]) }}
            as quarantine_reason
    from source
)

select * from renamed
