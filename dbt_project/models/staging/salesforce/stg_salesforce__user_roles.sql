with source as (
    {{ raw_versions('salesforce', 'user_role') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ source_id('id') }} as role_id,
        {{ text('name') }} as role_name,
        {{ quarantine_reason([[source_id('id') ~ ' is null', 'id is empty']]) }}
            as quarantine_reason
    from source
)

select * from renamed
