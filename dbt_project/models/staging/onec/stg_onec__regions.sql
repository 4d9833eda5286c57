with source as (
    {{ raw_versions('onec', 'Catalog_БизнесРегионы') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ onec_id('Ref_Key') }} as region_id,
        {{ text('Description') }} as region_name,
        {{ quarantine_reason([[onec_id('Ref_Key') ~ ' is null', 'Ref_Key is empty']]) }}
            as quarantine_reason
    from source
)

select * from renamed
