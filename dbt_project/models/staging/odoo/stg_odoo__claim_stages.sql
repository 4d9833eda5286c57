with source as (
    {{ raw_versions('odoo', 'crm_claim_stage') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('id') }} as stage_id,
        {{ text('name') }} as stage_name,
        {{ quarantine_reason([[source_id('id') ~ ' is null', 'id is empty']]) }}
            as quarantine_reason
    from source
)

select * from renamed
