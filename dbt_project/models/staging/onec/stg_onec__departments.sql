with source as (
    {{ raw_versions('onec', 'Catalog_СтруктураПредприятия') }}
),

renamed as (
    select
        {{ lineage() }},
        {{ onec_id('Ref_Key') }} as department_id,
        {{ onec_id('ТекущийРуководитель_Key') }} as head_user_id,
        {{ text('Description') }} as department_name,
        {{ quarantine_reason([[onec_id('Ref_Key') ~ ' is null', 'Ref_Key is empty']]) }}
            as quarantine_reason
    from source
)

select * from renamed
